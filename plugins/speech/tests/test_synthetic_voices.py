"""Synthetic voices as additional training examples."""

import sys
from dataclasses import replace

import numpy as np
import pytest

import plexus
from plexus import InputError
from plexus.plugins.registry import registry
from plexus_speech.espeak import Utterance, accents, speak, variants
from plexus_speech.options import CommandOptions
from plexus_speech.recordings import UNKNOWN, Recordings
from plexus_speech.synthetic_voices import (
    MAX_PER_TEXT,
    MAX_SPEAKERS,
    add_synthetic_voices,
    synthesize,
    voices_language,
)


@pytest.fixture(scope="module")
def dataset():
    task = registry().task("speech.commands")
    return task.load_dataset(task.options.parse({"data": "spoken"}))


def recordings_of(speakers):
    count = len(speakers)
    return Recordings(
        ["-"] * count, ["yes"] * count, speakers=speakers, waveforms=[np.ones(9, np.int16)] * count, rate=8
    )


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
    with pytest.raises(InputError, match="there is no language 'frr': did you mean 'fr'"):
        accents("frr")


def test_texts_are_spoken_as_often_as_there_is_room(monkeypatch):
    monkeypatch.setattr("plexus_speech.synthetic_voices.MAX_RECORDINGS", 6)
    recordings = synthesize(["turn_left", "stop"], "en", 16_000, seed=0)
    assert recordings.targets == ["turn_left"] * 3 + ["stop"] * 3
    assert recordings.rate == 16_000
    lengths = [len(waveform) / 16_000 for waveform in recordings.waveforms]
    assert min(lengths) > 0.15
    assert np.mean(lengths[:3]) > 1.3 * np.mean(lengths[3:])
    assert len(synthesize(["a", "b", "c", "d", "e", "f", "g"], "en", 8_000, seed=0)) == 7


def test_synthetic_voices_are_added_to_the_training_split_alone(dataset):
    task = registry().task("speech.commands")
    options = task.options.parse({"data": "spoken", "voices": "en"})
    learned = task.stage_dataset(dataset, {}, options)
    train, before = learned["train"], dataset["train"]
    words = sorted(set(before.targets))
    assert len(train) == len(before) + MAX_PER_TEXT * len(words)
    assert train.targets[: len(before)] == before.targets
    assert sorted(set(train.targets[len(before) :])) == words
    assert len(set(train.speakers[len(before) :])) > 200
    assert learned["val"] is dataset["val"]
    assert learned["test"] is dataset["test"]
    assert learned.fingerprint == dataset.fingerprint
    assert voices_language(options, train) == "en"
    assert task.stage_dataset(dataset, {}, task.options.parse({"data": "spoken"})) is dataset


def test_the_label_of_unknown_words_is_not_spoken(dataset):
    train = dataset["train"].take(np.arange(2))
    train = replace(train, targets=[UNKNOWN, "yes"])
    assert set(add_synthetic_voices(train, CommandOptions.parse({"voices": "en"})).targets[2:]) == {"yes"}


def test_labels_that_cannot_be_spoken_are_named(dataset, capsys):
    train = replace(dataset["train"].take(np.arange(2)), targets=["?", "yes"])
    added = add_synthetic_voices(train, CommandOptions.parse({"voices": "en"}))
    assert set(added.targets[2:]) == {"yes"}
    assert "eSpeak NG does not speak 1 of 2 labels or texts, such as '?'" in capsys.readouterr().err


def test_a_voice_that_does_not_exist_is_an_error():
    with pytest.raises(RuntimeError, match="eSpeak NG failed: there is no voice xx"):
        speak([Utterance("seven", "xx", "f3", words_per_minute=150, pitch=50)])


def test_english_data_of_few_speakers_gets_synthetic_voices_by_default():
    few, many = (recordings_of([f"speaker {i}" for i in range(count)]) for count in (MAX_SPEAKERS - 1, MAX_SPEAKERS))
    assert voices_language(CommandOptions.parse({"data": "fsdd"}), few) == "en"
    assert voices_language(CommandOptions.parse({"data": "fsdd-strings"}), few) == "en"
    assert voices_language(CommandOptions.parse({"data": "fsdd"}), many) is None
    assert voices_language(CommandOptions.parse({"data": "fsdd", "voices": "none"}), few) is None
    assert voices_language(CommandOptions.parse({"data": "words/"}), few) is None
    assert voices_language(CommandOptions.parse({"data": "words/", "voices": "fr"}), many) == "fr"


def test_without_espeak_a_line_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    train, options = recordings_of(["anna"]), CommandOptions.parse({"data": "fsdd"})
    assert voices_language(options, train) is None
    assert add_synthetic_voices(train, options) is train
    assert "pip install 'plexus-speech[voices]'" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"pip install 'plexus-speech\[voices\]'"):
        accents("en")


@pytest.mark.slow
def test_a_training_learns_from_synthetic_voices_and_is_evaluated_without_them(tmp_path):
    options = {"epochs": 1, "channels": 4, "batch_size": 64}
    bundles = {
        voices: plexus.train("speech.commands", run=tmp_path / voices, data="spoken", voices=voices, **options)
        for voices in ("en", "none")
    }
    counts = {voices: bundle.manifest["data"]["examples"] for voices, bundle in bundles.items()}
    assert counts["en"] == counts["none"] | {"train": counts["none"]["train"] + 8 * MAX_PER_TEXT}
    assert bundles["en"].manifest["data"]["fingerprint"] == bundles["none"].manifest["data"]["fingerprint"]
    assert bundles["en"].manifest["options"]["voices"] == "en"


@pytest.mark.slow
def test_an_unknown_language_is_one_line(tmp_path):
    with pytest.raises(InputError, match="there is no language 'english'"):
        plexus.train("speech.commands", run=tmp_path / "run", data="spoken", voices="english")
