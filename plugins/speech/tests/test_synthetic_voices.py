"""Synthetic voices as additional training examples."""

import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import plexus
from plexus import Findings, InputError, SupervisedDataset
from plexus.plugins.registry import registry
from plexus_speech.espeak import Utterance, accents, phonemes, speak, variants
from plexus_speech.options import CommandOptions
from plexus_speech.pseudowords import draw_pseudowords
from plexus_speech.recordings import UNKNOWN, Recordings
from plexus_speech.synthetic_voices import MAX_PER_TEXT, add_synthetic_voices, synthesize, voices_language

pytest.importorskip("espeakng_loader", reason="the extra voices is not installed")


@pytest.fixture(scope="module")
def dataset():
    task = registry().task("speech.commands")
    return task.load_dataset(task.options.parse({"data": "spoken"}))


def test_a_voice_speaks_the_same_in_each_call_whatever_was_spoken_before():
    seven = Utterance("seven", "en-us", "f3", words_per_minute=150, pitch=50)
    first, second = speak([seven, seven._replace(variant="klatt2")])
    again = speak([seven])[0]
    assert first.rate == again.rate == 22_050
    assert np.array_equal(first.samples, again.samples)
    assert 0.3 < len(first.samples) / first.rate < 1
    assert np.abs(first.samples).max() > 5000
    assert not np.array_equal(first.samples, second.samples)
    slow, fast = speak([seven._replace(words_per_minute=rate) for rate in (100, 200)])
    assert len(slow.samples) > 1.3 * len(fast.samples)


def test_voice_variants_are_those_that_sound_human():
    names = variants()
    assert len(names) > 60
    assert {"Alex", "f3", "klatt2", "m1"} <= set(names)
    assert not set(names) & {"robosoft3", "UniRobot", "whisperf", "Demonic", "klatt5"}


def test_accents_of_a_language_are_in_the_same_script():
    assert {"en", "en-us", "en-gb-scotland"} <= set(accents("EN"))
    assert "en-shaw" not in accents("en")
    assert accents("fr-be") == ["fr-be"]
    with pytest.raises(InputError, match="there is no language of --voices 'frr': did you mean 'fr'"):
        accents("frr")


def test_texts_are_spoken_as_often_as_there_is_room(monkeypatch):
    monkeypatch.setattr("plexus_speech.synthetic_voices.MAX_RECORDINGS", 6)
    recordings = synthesize(["turn_left", "stop"], "en", 16_000, seed=0)
    assert recordings.targets == ["turn_left"] * 3 + ["stop"] * 3
    assert recordings.rate == 16_000
    lengths = [len(waveform) / 16_000 for waveform in recordings.waveforms]
    assert min(lengths) > 0.15
    assert np.mean(lengths[:3]) > 1.3 * np.mean(lengths[3:])
    some = synthesize(["a", "b", "c", "d", "e", "f", "g"], "en", 8_000, seed=0)
    assert len(some) == len(set(some.targets)) == 6


def test_utterances_of_several_processes_are_those_of_one(monkeypatch):
    one = synthesize(["one", "two"], "en", 8_000, seed=0)
    monkeypatch.setattr("plexus_speech.synthetic_voices.PROCESS_SIZE", MAX_PER_TEXT + 1)
    two = synthesize(["one", "two"], "en", 8_000, seed=0)
    assert two.targets == one.targets == ["one"] * MAX_PER_TEXT + ["two"] * MAX_PER_TEXT
    assert two.speakers == one.speakers
    assert [len(samples) for samples in two.waveforms] == pytest.approx(list(map(len, one.waveforms)), rel=0.1)


def test_synthetic_voices_are_added_to_the_training_split_alone(dataset):
    task = registry().task("speech.commands")
    options = task.options.parse({"data": "spoken", "voices": "en"})
    learned = task.stage_dataset(dataset, {}, options)
    train, before = learned["train"], dataset["train"]
    words = sorted(set(before.targets))
    spoken = MAX_PER_TEXT * len(words)
    unknown = round(task.pseudoword_share * spoken)
    assert unknown == 240
    assert train.targets[: len(before)] == before.targets
    assert Counter(train.targets[len(before) :]) == dict.fromkeys(words, MAX_PER_TEXT) | {UNKNOWN: unknown}
    assert len(set(train.speakers[len(before) :])) > 200
    assert learned["val"] is dataset["val"]
    assert learned["test"] is dataset["test"]
    assert learned.fingerprint == dataset.fingerprint
    voices, pseudo = learned.findings.lines()
    assert voices.startswith(
        f"{spoken:,} recordings by synthetic voices were added to the training split: eSpeak NG en"
    )
    assert pseudo.startswith("240 pseudowords were added to the training split as unknown: ")
    assert dataset.findings.lines() == []
    assert voices_language(options) == "en"
    assert task.stage_dataset(dataset, {}, task.options.parse({"data": "spoken"})) is dataset


def test_words_codec_and_window_are_those_without_synthetic_voices(dataset):
    task = registry().task("speech.commands")
    options = task.options.parse({"data": "spoken", "voices": "en"})
    before, after = (task.fit_codec(each, options) for each in (dataset, task.stage_dataset(dataset, {}, options)))
    assert (after.labels, after.frames) == (before.labels, before.frames)
    assert after.training_checksums == before.training_checksums


def test_the_vocabulary_of_texts_stays_open_with_synthetic_voices(dataset):
    task = registry().task("speech.transcribe")
    options = task.options.parse({"data": "texts", "voices": "en"})
    train = replace(dataset["train"].take(np.arange(2)), targets=["turn the light on", "unknown"])
    whole = SupervisedDataset({"train": train, "val": train, "test": train}, 0, Findings())
    learned_from = task.stage_dataset(whole, {}, options)
    assert len(learned_from["train"]) == 2 + 2 * MAX_PER_TEXT
    assert task.fit_codec(learned_from, options).words is None


def test_pseudowords_sound_like_none_of_the_texts():
    words, same = (draw_pseudowords(500, [], "en-us", np.random.default_rng(0)) for _ in range(2))
    assert words == same
    assert len(set(words)) == 500
    assert all(word.isascii() and word.isalpha() and word[-1] not in "aeiou" for word in words)
    (sound,) = phonemes(words[:1], "en-us")
    assert phonemes(["4"], "en-us") == phonemes(["foor"], "en-us")
    others = draw_pseudowords(500, words[:1], "en-us", np.random.default_rng(0))
    assert sound not in phonemes(others, "en-us")


@pytest.mark.parametrize("language", ["ru", "ja", "el"])
def test_no_pseudowords_in_languages_that_do_not_read_latin_letters(language):
    assert draw_pseudowords(20, [], accents(language)[0], np.random.default_rng(0)) == []


@pytest.mark.parametrize("language", ["en", "fr", "de", "sw"])
def test_pseudowords_of_other_languages(language):
    assert len(draw_pseudowords(20, [], accents(language)[0], np.random.default_rng(0))) == 20


def test_the_label_of_unknown_words_is_not_spoken(dataset):
    train = replace(dataset["train"].take(np.arange(2)), targets=[UNKNOWN, "yes"])
    assert registry().task("speech.commands").texts_to_speak(train) == ["yes"]


def test_labels_without_a_synthetic_recording_are_named(dataset):
    train, findings = dataset["train"].take(np.arange(2)), Findings()
    train = add_synthetic_voices(train, ["?", "yes"], CommandOptions.parse({"voices": "en"}), findings)
    assert train.targets[2:] == ["yes"] * MAX_PER_TEXT
    assert findings.lines()[0] == "1 label or text has no synthetic recording: '?'"


def test_a_voice_that_does_not_exist_is_an_error():
    with pytest.raises(InputError, match=r"eSpeak NG failed: there is no voice xx\+f3; --voices none trains without"):
        speak([Utterance("seven", "xx", "f3", words_per_minute=150, pitch=50)])


@pytest.mark.parametrize(
    ("options", "language"),
    [
        ({"data": "fsdd"}, "en"),
        ({"data": "fsdd-strings"}, "en"),
        ({"data": "fsdd", "voices": "none"}, None),
        ({"data": "words/"}, None),
        ({"data": "words/", "voices": "fr"}, "fr"),
    ],
    ids=str,
)
def test_data_sets_of_few_speakers_get_synthetic_voices_by_default(options, language):
    assert voices_language(CommandOptions.parse(options)) == language


def test_without_espeak_a_line_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    train, options = Recordings([], []), CommandOptions.parse({"data": "fsdd"})
    assert voices_language(options) is None
    assert add_synthetic_voices(train, ["yes"], options, Findings()) is train
    assert "pip install 'plexus-speech[voices]'" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"pip install 'plexus-speech\[voices\]'"):
        accents("en")


@pytest.mark.slow
def test_a_training_learns_from_synthetic_voices_and_is_evaluated_without_them(tmp_path):
    options = {"epochs": 1, "network": "convolutional", "channels": 4, "batch_size": 64}
    bundles = {
        voices: plexus.train("speech.commands", run=tmp_path / voices, data="spoken", voices=voices, **options)
        for voices in ("en", "none")
    }
    counts = {voices: bundle.manifest["data"]["examples"] for voices, bundle in bundles.items()}
    assert counts["en"] == counts["none"] | {"train": counts["none"]["train"] + 8 * MAX_PER_TEXT + 240}
    assert bundles["en"].manifest["data"]["fingerprint"] == bundles["none"].manifest["data"]["fingerprint"]
    assert bundles["en"].manifest["options"]["voices"] == "en"
    added = f"- {8 * MAX_PER_TEXT:,} recordings by synthetic voices were added to the training split: eSpeak NG en"
    assert added in (tmp_path / "en" / "bundle" / "README.md").read_text()
    assert "synthetic voices" not in (tmp_path / "none" / "bundle" / "README.md").read_text()


def test_an_unknown_language_is_one_line(dataset):
    task = registry().task("speech.commands")
    with pytest.raises(InputError, match=r"^there is no language of --voices 'english': .*$"):
        task.stage_dataset(dataset, {}, task.options.parse({"data": "spoken", "voices": "english"}))
