"""Speech commands and transcription of synthesized voices: training, prediction, explanation."""

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import plexus
from plexus import InputError
from plexus.metrics.calibration import fit_temperature
from plexus_speech.audio import Waveform
from plexus_speech.batches import CommandBatches
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.recordings import Recordings
from plexus_speech.segmentation import read_speech
from plexus_speech.synthesizer import RATE, WORDS, synthesize_word
from plexus_speech.task import CALIBRATION_RECORDINGS, CALIBRATION_STRENGTH


@pytest.fixture(scope="module")
def words(trial):
    return plexus.load(trial("speech.commands") / "run/bundle")


@pytest.fixture(scope="module")
def spoken(words):
    return words.task.load_dataset(words.task.options.parse({"data": "spoken"}))


@pytest.fixture(scope="module")
def texts(trial):
    return plexus.load(trial("speech.transcribe") / "run/bundle")


@pytest.fixture
def voice():
    """A function that synthesizes words with a voice that is not in the training split, with pauses around them."""

    def speak(*names, pause=0.5, seed=100):
        generator = np.random.default_rng(seed)
        parts = [np.zeros(int(pause * RATE))]
        for name in names:
            parts += [synthesize_word(WORDS[name], 150, 1.0, generator), np.zeros(int(pause * RATE))]
        whole = np.concatenate(parts)
        return whole + np.random.default_rng(1).normal(0, 2e-4, len(whole))

    return speak


def test_commands_of_other_speakers(words):
    assert words.metrics["accuracy"] >= 0.9
    assert words.metrics["unknown_auroc"] >= 0.6
    assert "on speakers that are not in the training split" in (words.folder / "README.md").read_text()
    report = {file.name for file in (words.folder.parent / "report").iterdir()}
    assert report == {"training.svg", "confusion.svg", "calibration.svg", "mistakes.svg"}


def test_training_and_prediction_have_the_same_encoding(words, voice, tmp_path):
    codec = words.codec
    file = tmp_path / "yes.flac"
    soundfile.write(file, voice("yes"), 44_100)
    alone, waveforms = codec.encode([file])["sound"], [read_speech(file, codec.rate)]
    np.testing.assert_array_equal(alone, codec.encode_waveforms(waveforms)["sound"])
    train = Recordings([file], ["yes"], speakers=["a"], waveforms=waveforms, rate=codec.rate)
    first, _ = CommandBatches(train, codec, 1, strength=0.0, seed=0, epoch=3)(0)
    shifted = first["sound"][0]
    loud = [(frames > -3.9).any(axis=1) for frames in (alone[0], shifted)]
    np.testing.assert_allclose(alone[0][loud[0]], shifted[loud[1]], atol=1e-5)


@pytest.mark.parametrize("name", ["speech.commands/spoken", "speech.commands/digits", "speech.transcribe/digits"])
def test_shipped_codecs_through_json(name):
    codec = plexus.load(name).codec
    state = json.loads(json.dumps(codec.to_json()))
    assert type(codec).from_json(state).to_json() == state
    np.testing.assert_allclose(codec.filterbank.weights, MelFilterbank.fit(codec.rate).weights, atol=1e-6)


def test_a_longer_recording_gives_words_with_times(words, voice, tmp_path):
    file = tmp_path / "three.wav"
    soundfile.write(file, voice("stop", "left", "go"), RATE)
    (prediction,) = words.predict([file])
    assert len(prediction.words) == 3
    assert [word.label for word in prediction.words].count("unknown") == 0
    starts = [word.start for word in prediction.words]
    assert starts == sorted(starts)
    assert starts[0] == pytest.approx(0.45, abs=0.1)
    assert all(word.start < word.end < 5 for word in prediction.words)
    assert prediction.label in {word.label for word in prediction.words}


def test_long_recordings_in_bounded_memory(words, voice, tmp_path):
    """One block and one batch of windows are in memory, whatever the length."""
    once = voice("yes", "no", pause=1.0)
    file = tmp_path / "long.wav"
    with soundfile.SoundFile(file, "w", RATE, 1) as stream:
        for _ in range(600 * RATE // len(once)):
            stream.write(once)
    (prediction,) = words.predict([file])
    assert len(prediction.words) == 2 * (600 * RATE // len(once))
    assert {word.label for word in prediction.words[::2]} == {prediction.words[0].label}


def test_a_prediction_does_not_depend_on_the_others(words, voice):
    waveforms = [Waveform((voice(name) * 2**14).astype(np.int16), RATE) for name in ("yes", "go", "left")]
    for waveform, together in zip(waveforms, words.predict(waveforms), strict=True):
        assert words.predict([waveform])[0].probability == pytest.approx(together.probability, abs=1e-4)


def test_texts_of_other_speakers(texts):
    assert texts.metrics["wer"] <= 0.3
    assert texts.metrics["wer"] <= texts.metrics["greedy_wer"]
    assert texts.metrics["cer"] <= texts.metrics["wer"]
    assert texts.codec.words == sorted(WORDS)
    report = {file.name for file in (texts.folder.parent / "report").iterdir()}
    assert report == {"training.svg", "mistakes.html"}


def test_a_transcript_has_times_and_continues_after_pauses(texts, voice, tmp_path):
    file = tmp_path / "recording.wav"
    soundfile.write(file, np.concatenate([voice("stop", "left", pause=0.2), voice("go", pause=1.0)]), RATE)
    (prediction,) = texts.predict([file])
    assert prediction.text == " ".join(word.word for word in prediction.words)
    assert 2 <= len(prediction.words) <= 4
    assert prediction.words[-1].start > 2
    ends = [word.end for word in prediction.words]
    assert ends == sorted(ends)
    assert 0 < prediction.confidence <= min(word.confidence for word in prediction.words)


def test_a_long_transcript_is_that_of_its_parts(texts, voice, tmp_path):
    part = voice("stop", "left", "go", pause=0.1)
    quiet = np.random.default_rng(0).normal(0, 2e-4, RATE)
    alone = texts.predict([Waveform((part * 2**15).astype(np.int16), RATE)])[0].text
    whole = np.concatenate([np.concatenate([part, quiet]) for _ in range(30)])
    file = tmp_path / "long.wav"
    soundfile.write(file, whole, RATE)
    (prediction,) = texts.predict([file])
    assert len(prediction.words) == pytest.approx(30 * len(alone.split()), rel=0.1)


@pytest.mark.parametrize("which", ["words", "texts"])
def test_explanation(which, request, voice, tmp_path):
    bundle = request.getfixturevalue(which)
    waveform = Waveform((voice("stop") * 2**15).astype(np.int16), RATE)
    path = bundle.explain(waveform, tmp_path / "why.png")
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_from_the_command_line(words, voice, plexus, refused, tmp_path):
    bundle = words.folder
    soundfile.write(tmp_path / "a.wav", voice("yes"), RATE)
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:5000])
    done = plexus("predict", bundle, "a.wav", "b.wav", "--json")
    assert done.returncode == 2
    first, second = json.loads(done.stdout)
    assert first["answer"]["label"] in WORDS
    assert second["error"].startswith("b.wav is cut off")
    assert "microphone" in refused("predict", bundle, "--microphone", "1")
    assert "--microphone" in refused("predict", bundle, "a.wav", "--microphone", "1")


def test_prediction_imports_no_heavy_library(words, voice, tmp_path):
    soundfile.write(tmp_path / "a.wav", voice("yes"), RATE)
    code = (
        "import sys, plexus; "
        f"print(plexus.load({str(words.folder)!r}).predict([__import__('pathlib').Path('a.wav')])[0]); "
        "heavy = {'tensorflow', 'keras', 'librosa', 'numba', 'matplotlib', 'sklearn', 'jiwer', 'polars'}; "
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == ""


def test_the_temperature_is_that_of_augmented_words_without_synthetic_ones(words, spoken):
    codec, val = words.codec, spoken["val"]
    calibrated = words.task.calibrate(words.predictor, spoken, codec)
    assert calibrated.temperature == pytest.approx(codec.temperature, rel=1e-3)
    assert calibrated.unknown_offset == pytest.approx(codec.unknown_offset, abs=1e-3)
    plain, logits, classes = codec.with_temperature(1.0), [], []
    copies = val.take(np.resize(np.random.default_rng(0).permutation(len(val)), CALIBRATION_RECORDINGS))
    batches = CommandBatches(copies, codec, 64, CALIBRATION_STRENGTH, seed=0, epoch=0, negative_share=0.0)
    for inputs, batch_classes in map(batches, range(CALIBRATION_RECORDINGS // 64)):
        logits.append(np.log(plain.probabilities(words.predictor(inputs))))
        classes.append(batch_classes)
    assert len(np.concatenate(classes)) == CALIBRATION_RECORDINGS
    assert set(np.concatenate(classes)) == set(codec.label_indices(val.targets))
    expected = fit_temperature(np.concatenate(logits), np.concatenate(classes))
    assert codec.temperature == pytest.approx(expected, rel=1e-3)


@pytest.mark.slow
def test_evaluation_on_training_recordings_is_refused(words, spoken):
    again = words.evaluate()
    assert again["score"]["value"] == words.score["value"]
    spoken.whole = spoken["train"]
    with pytest.raises(InputError, match="are training recordings of this model"):
        words.task.evaluate(words.predictor, spoken, words.codec, "unseen")


@pytest.mark.parametrize("name", ["speech.commands/spoken", "speech.commands/digits", "speech.transcribe/digits"])
def test_keras_loads_the_shipped_network(name):
    import keras

    bundle = plexus.load(name)
    network = keras.saving.load_model(bundle.folder / "network.keras", compile=False)
    frames = getattr(bundle.codec, "frames", 64)
    inputs = {"sound": np.random.default_rng(0).normal(-2, 1, (3, frames, 40)).astype(np.float32)}
    expected = network.predict(inputs, verbose=0)["logits"]
    np.testing.assert_allclose(bundle.predictor(inputs)["logits"], expected, rtol=1e-3, atol=1e-4)
