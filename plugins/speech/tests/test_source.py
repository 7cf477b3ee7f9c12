"""How sets lie, and who is kept for testing."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from plexus import InputError
from plexus.plugins.registry import registry
from plexus_speech.alphabet import LETTERS, normalised
from plexus_speech.recordings import Recordings
from plexus_speech.spoken import RATE, spoken
from plexus_speech.strangers import strangers


@pytest.fixture(scope="module")
def made():
    """Sounds by (word, speaker, take)."""
    sounds, labels = spoken()["train"]
    found = {}
    for sound, label in zip(sounds, labels, strict=True):
        _, speaker, take = sound.name.split("_")
        found[label, speaker, int(take)] = sound.samples
    return found


def write(made, folder, name, words=("yes", "no"), speakers=5, takes=3):
    for (word, speaker, take), samples in made.items():
        if word in words and int(speaker) < speakers and take < takes:
            file = folder / name.format(word=word, speaker=speaker, take=take)
            file.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(file, samples, RATE)
    return folder


def source_of(task, **options):
    task = registry().task(task)
    return task.load_dataset(
        task.options.parse({key: str(v) if isinstance(v, Path) else v for key, v in options.items()})
    )


def voices(dataset, split):
    return set(dataset[split].speakers)


@pytest.mark.parametrize("name", ["{word}_{speaker}_{take}.wav", "{word}/{speaker}_nohash_{take}.wav"])
def test_a_speaker_is_on_one_side_only(made, tmp_path, name):
    dataset = source_of("speech.commands", data=write(made, tmp_path, name))
    assert len(voices(dataset, "test")) >= 1
    assert not voices(dataset, "test") & (voices(dataset, "train") | voices(dataset, "val"))
    assert "never heard in training" in dataset.protocol
    assert sum(dataset.count(split) for split in ("train", "val", "test")) == 30
    assert dataset.count("unseen") == 30
    other = source_of("speech.commands", data=tmp_path, seed=1)
    assert voices(other, "test") != voices(dataset, "test") or voices(other, "val") != voices(dataset, "val")


def test_many_speakers_are_apart_in_validation_too(made, tmp_path):
    dataset = source_of("speech.commands", data=write(made, tmp_path, "{word}_{speaker}_{take}.wav", speakers=16))
    groups = [voices(dataset, split) for split in ("train", "val", "test")]
    assert sum(map(len, groups)) == 16


def test_the_official_protocol_is_that_of_the_takes(made, tmp_path):
    write(made, tmp_path, "{word}_{speaker}_{take}.wav", takes=4)
    for file in list(tmp_path.glob("*_3.wav")):
        file.rename(file.with_name(file.name.replace("_3.wav", "_17.wav")))
    dataset = source_of("speech.commands", data=tmp_path, split="official")
    assert (dataset.count("test"), dataset.count("train") + dataset.count("val")) == (30, 10)
    assert "heard in training too" in dataset.protocol


def test_lists_are_kept_to_and_noise_is_no_word(made, tmp_path):
    write(made, tmp_path, "{word}/{speaker}_nohash_{take}.wav")
    write(made, tmp_path, "_background_noise_/{word}{speaker}.wav", takes=1)
    (tmp_path / "testing_list.txt").write_text("yes/0_nohash_0.wav\nno/0_nohash_1.wav\n")
    (tmp_path / "validation_list.txt").write_text("yes/1_nohash_0.wav\n")
    dataset = source_of("speech.commands", data=tmp_path)
    assert [dataset.count(split) for split in ("train", "val", "test", "unseen")] == [27, 1, 2, 2]
    assert set(dataset["train"].labels) == {"yes", "no"}


def test_a_table_of_paths(made, tmp_path):
    write(made, tmp_path, "a/{word}-{speaker}-{take}.wav")
    rows = [f"a/{file.name},{file.name.split('-')[0]}" for file in sorted((tmp_path / "a").iterdir())]
    table = tmp_path / "all.csv"
    table.write_text("Path,Label\n" + "\n".join(rows))
    dataset = source_of("speech.commands", data=table)
    assert "who speaks is not known" in dataset.protocol
    with pytest.raises(InputError, match="--split speakers: it is not known who speaks"):
        source_of("speech.commands", data=table, split="speakers")
    table.write_text("path,label\na/none.wav,\n")
    with pytest.raises(InputError, match=r"all.csv, line 2: path and label must both be given"):
        source_of("speech.commands", data=table)


def test_what_is_damaged_is_left_out_and_counted(made, tmp_path):
    write(made, tmp_path, "{word}_{speaker}_{take}.wav")
    (tmp_path / "yes_0_0.wav").write_text("this is a text")
    soundfile.write(tmp_path / "no_0_0.wav", np.zeros(9000), RATE)
    soundfile.write(tmp_path / "no_0_1.wav", np.sign(np.sin(np.arange(9000) / 20)), RATE)
    soundfile.write(tmp_path / "no_0_2.wav", 0.3 * np.sin(np.arange(80_000) / 20), RATE)
    dataset = source_of("speech.commands", data=tmp_path)
    lines = "\n".join(dataset.findings.lines())
    assert "3 recordings could not be used and were left out" in lines
    assert "1 recordings are clipped, and were kept" in lines
    assert "5.0 s of speech, 2 at most" in lines
    with pytest.raises(InputError, match=r"no_0_0.wav is silent.*--strict"):
        source_of("speech.commands", data=tmp_path, strict=True)


@pytest.mark.parametrize(
    ("prepare", "options", "said"),
    [
        (lambda m, t: write(m, t, "{word}/{speaker}{take}.wav", words=("yes",)), {}, "there is one word only, 'yes'"),
        (lambda m, t: write(m, t, "{word}/{speaker}{take}.wav"), {"words": "yes,maybe"}, "nobody says 'maybe'"),
        (lambda m, t: t, {}, "has no sub-folders"),
        (lambda m, t: write(m, t, "{word}.{speaker}.{take}.wav"), {}, "a name like {word}_{speaker}_{n}.wav is wanted"),
    ],
)
def test_what_cannot_be_learned_from(made, tmp_path, prepare, options, said):
    prepare(made, tmp_path)
    with pytest.raises(InputError, match=said):
        source_of("speech.commands", data=tmp_path, **options)


def test_other_words_are_unknown(made, tmp_path):
    write(made, tmp_path, "{word}_{speaker}_{take}.wav", words=("yes", "no", "up", "down"))
    dataset = source_of("speech.commands", data=tmp_path, words="yes,no")
    assert set(dataset["train"].labels) == {"yes", "no", "unknown"}


def test_ljspeech_with_everything_that_can_be_wrong(made, tmp_path):
    write(made, tmp_path / "wavs", "{word}{speaker}{take}.wav")
    names = sorted(file.stem for file in (tmp_path / "wavs").iterdir())
    lines = [f"{name}|Yes, or: No!|yes or no" for name in names[:-2]] + [f"{names[-2]}|naïve|naïve", "absent|text|text"]
    (tmp_path / "metadata.csv").write_text("\n".join(lines))
    dataset = source_of("speech.transcribe", data=tmp_path)
    assert set(dataset["train"].labels) == {"yes or no"}
    found = "\n".join(dataset.findings.lines())
    assert "metadata.csv, line 29: 'ï' is not in the alphabet" in found
    assert "1 texts without a recording were left out" in found
    assert "line 30: there is no wavs/absent.wav" in found
    assert f"1 recordings without a text were left out: {tmp_path / 'wavs' / names[-1]}.wav" in found


def test_librispeech_knows_who_speaks(made, tmp_path):
    for (word, speaker, take), samples in made.items():
        folder = tmp_path / speaker / "7"
        folder.mkdir(parents=True, exist_ok=True)
        if take == 0 and word in {"yes", "no"}:
            soundfile.write(folder / f"{speaker}-7-{word}.flac", samples, RATE)
            with (folder / f"{speaker}-7.trans.txt").open("a") as stream:
                stream.write(f"{speaker}-7-{word} {word.upper()}\n")
    dataset = source_of("speech.transcribe", data=tmp_path)
    assert not voices(dataset, "test") & voices(dataset, "train")
    assert set(dataset["train"].labels) == {"yes", "no"}


def test_strings_are_of_words_kept_for_testing():
    dataset = source_of("speech.transcribe", data="spoken-strings")
    assert not voices(dataset, "test") & voices(dataset, "train")
    assert {3, 7} <= {len(label.split()) for label in dataset["test"].labels} <= {3, 4, 5, 6, 7}
    again = source_of("speech.transcribe", data="spoken-strings")
    np.testing.assert_array_equal(dataset["test"].sounds[3], again["test"].sounds[3])
    assert all(len(label.split()) == 1 for label in dataset["train"].labels)


def test_texts_are_written_one_way():
    assert normalised("  “Don\u2019t stop,” he said—twice.", LETTERS, "x") == "don't stop he said twice"
    with pytest.raises(InputError, match="line 3: '5' is not in the alphabet"):
        normalised("5 apples", LETTERS, "line 3")
    with pytest.raises(InputError, match="the text is empty"):
        normalised("...", LETTERS, "line 3")


@pytest.mark.data
def test_the_real_sets(monkeypatch):
    fsdd = source_of("speech.commands", data="fsdd", split="official")
    assert [fsdd.count(split) for split in ("train", "val", "test")] == [1620, 180, 200]
    assert fsdd["train"].rate == 8_000
    assert "CC BY-SA" in fsdd.licence


def test_a_split_of_one_word_or_none_has_made_up_sounds_or_none():
    alone = Recordings(["a"], ["yes"], None, ["s"], [np.arange(900, dtype=np.int16)], RATE)
    assert len(strangers(alone, 5, seed=0)) == 5
    assert strangers(alone.take(np.array([], int)), 5, seed=0) == []


def test_lists_without_both_sides_are_not_kept_to(made, tmp_path):
    write(made, tmp_path, "{word}/{speaker}_nohash_{take}.wav")
    names = sorted(f"{file.parent.name}/{file.name}" for file in tmp_path.glob("*/*.wav"))
    (tmp_path / "testing_list.txt").write_text("\n".join(names))
    dataset = source_of("speech.commands", data=tmp_path)
    assert dataset.count("train") > 0
    assert dataset.count("unseen") == len(names)
