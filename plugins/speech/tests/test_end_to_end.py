"""Words and texts from made-up voices, trained, asked, explained, as_keras_input."""

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import plexus
from plexus import InputError
from plexus_speech.audio import Sound
from plexus_speech.recordings import sound_of
from plexus_speech.spoken import RATE, WORDS, say


@pytest.fixture(scope="module")
def words(trial):
    return plexus.load(trial("speech.commands") / "run/bundle")


@pytest.fixture(scope="module")
def texts(trial):
    return plexus.load(trial("speech.transcribe") / "run/bundle")


@pytest.fixture
def voice():
    """A voice that nobody heard in training: words with a pause before each and after the last."""

    def speak(*names, pause=0.5, seed=100):
        generator = np.random.default_rng(seed)
        parts = [np.zeros(int(pause * RATE))]
        for name in names:
            parts += [say(WORDS[name], 150, 1.0, generator), np.zeros(int(pause * RATE))]
        whole = np.concatenate(parts)
        return whole + np.random.default_rng(1).normal(0, 2e-4, len(whole))

    return speak


def test_words_of_unheard_speakers(words):
    bundle = words
    assert bundle.metrics["accuracy"] >= 0.9
    assert bundle.metrics["unknown_auroc"] >= 0.6
    assert "on speakers who are never heard in training" in (bundle.folder / "README.md").read_text()
    report = {file.name for file in (bundle.folder.parent / "report").iterdir()}
    assert report == {"training.png", "confusion.png", "calibration.png", "mistakes.png"}


def test_training_and_answering_hear_the_same(words, voice, tmp_path):
    """One implementation: of a file that training reads, the very same numbers reach the network."""
    codec = words.codec
    file = tmp_path / "yes.flac"
    soundfile.write(file, voice("yes"), 44_100)
    alone = codec.encode([file])["sound"]
    np.testing.assert_array_equal(alone, codec.encode_sounds([sound_of(file, codec.rate)])["sound"])
    from plexus_speech.drawn import Drawn
    from plexus_speech.recordings import Recordings

    train = Recordings([file], ["yes"], None, ["a"], [sound_of(file, codec.rate)], codec.rate)
    (first, _) = Drawn(train, codec, 1, 0.0, 0, 3)(0)
    moved = first["sound"][0]
    loud = [(frames > -3.9).any(axis=1) for frames in (alone[0], moved)]
    np.testing.assert_allclose(alone[0][loud[0]], moved[loud[1]], atol=1e-5)


def test_a_longer_recording_gives_words_with_times(words, voice, tmp_path):
    file = tmp_path / "three.wav"
    soundfile.write(file, voice("stop", "left", "go"), RATE)
    (answer,) = words.predict([file])
    assert len(answer.words) == 3
    assert [word.label for word in answer.words].count("unknown") == 0
    starts = [word.start for word in answer.words]
    assert starts == sorted(starts)
    assert starts[0] == pytest.approx(0.45, abs=0.1)
    assert all(word.start < word.end < 5 for word in answer.words)
    assert answer.label in {word.label for word in answer.words}


def test_hours_are_heard_in_bounded_memory(words, voice, tmp_path):
    """Ten minutes here; what is in memory is a piece and a batch of windows, whatever the length."""
    once = voice("yes", "no", pause=1.0)
    file = tmp_path / "long.wav"
    with soundfile.SoundFile(file, "w", RATE, 1) as stream:
        for _ in range(600 * RATE // len(once)):
            stream.write(once)
    (answer,) = words.predict([file])
    assert len(answer.words) == 2 * (600 * RATE // len(once))
    assert {word.label for word in answer.words[::2]} == {answer.words[0].label}


def test_an_answer_does_not_depend_on_those_beside(words, voice):
    sounds = [Sound((voice(name) * 2**14).astype(np.int16), RATE) for name in ("yes", "go", "left")]
    for sound, together in zip(sounds, words.predict(sounds), strict=True):
        assert words.predict([sound])[0].probability == pytest.approx(together.probability, abs=1e-4)


def test_texts_of_unheard_speakers(texts):
    bundle = texts
    assert bundle.metrics["wer"] <= 0.3
    assert bundle.metrics["wer"] <= bundle.metrics["greedy_wer"]
    assert bundle.metrics["cer"] <= bundle.metrics["wer"]
    assert bundle.codec.words == sorted(WORDS)
    report = {file.name for file in (bundle.folder.parent / "report").iterdir()}
    assert report == {"training.png", "mistakes.html"}


def test_a_transcript_has_times_and_goes_on_after_pauses(texts, voice, tmp_path):
    file = tmp_path / "said.wav"
    soundfile.write(file, np.concatenate([voice("stop", "left", pause=0.2), voice("go", pause=1.0)]), RATE)
    (answer,) = texts.predict([file])
    assert answer.text == " ".join(word.word for word in answer.words)
    assert 2 <= len(answer.words) <= 4
    assert answer.words[-1].start > 2
    ends = [word.end for word in answer.words]
    assert ends == sorted(ends)
    assert 0 < answer.confidence <= min(word.confidence for word in answer.words)


def test_a_long_transcript_is_that_of_its_parts(texts, voice, tmp_path):
    part = voice("stop", "left", "go", pause=0.1)
    quiet = np.random.default_rng(0).normal(0, 2e-4, RATE)
    alone = texts.predict([Sound((part * 2**15).astype(np.int16), RATE)])[0].text
    whole = np.concatenate([np.concatenate([part, quiet]) for _ in range(30)])
    file = tmp_path / "long.wav"
    soundfile.write(file, whole, RATE)
    (answer,) = texts.predict([file])
    assert len(answer.words) == pytest.approx(30 * len(alone.split()), rel=0.1)


@pytest.mark.parametrize("which", ["words", "texts"])
def test_why(which, request, voice, tmp_path):
    bundle = request.getfixturevalue(which)
    sound = Sound((voice("stop") * 2**15).astype(np.int16), RATE)
    to = bundle.explain(sound, tmp_path / "why.png")
    assert to.read_bytes()[:4] == b"\x89PNG"


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
    assert "--microphone is for answers without an INPUT" in refused("predict", bundle, "a.wav", "--microphone", "1")


def test_answering_imports_nothing_heavy(words, voice, tmp_path):
    soundfile.write(tmp_path / "a.wav", voice("yes"), RATE)
    code = (
        "import sys; from plexus import Bundle; "
        f"print(plexus.load({str(words.folder)!r}).predict([__import__('pathlib').Path('a.wav')])[0]); "
        "print(*{'tensorflow', 'keras', 'librosa', 'matplotlib', 'sklearn', 'jiwer', 'polars'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == ""


def test_what_was_learned_from_is_not_measured_on(words):
    bundle = words
    again = bundle.evaluate()
    assert again["score"]["value"] == bundle.score["value"]
    dataset = bundle.task.load_dataset(bundle.task.options.parse({"data": "spoken"}))
    dataset.whole = dataset["train"]
    with pytest.raises(InputError, match="are among those that the model learned from"):
        bundle.task.evaluate(bundle.predictor, dataset, bundle.codec, "unseen")
