"""Layouts of data sets, and their splits."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from plexus import InputError
from plexus.plugins.registry import registry
from plexus_speech.negatives import synthesize_negatives
from plexus_speech.recordings import Recordings
from plexus_speech.synthesizer import RATE, synthesize_dataset
from plexus_speech.transcription.alphabet import LETTERS, normalize


@pytest.fixture(scope="module")
def samples():
    """Waveforms by `(word, speaker, take)`."""
    waveforms, words = synthesize_dataset()["train"]
    samples = {}
    for waveform, word in zip(waveforms, words, strict=True):
        _, speaker, take = waveform.name.split("_")
        samples[word, speaker, int(take)] = waveform.samples
    return samples


def write(samples, folder, name, words=("yes", "no"), speakers=5, takes=3):
    for (word, speaker, take), waveform in samples.items():
        if word in words and int(speaker) < speakers and take < takes:
            file = folder / name.format(word=word, speaker=speaker, take=take)
            file.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(file, waveform, RATE)
    return folder


def load_dataset(task, **options):
    task = registry().task(task)
    return task.load_dataset(
        task.options.parse({key: str(v) if isinstance(v, Path) else v for key, v in options.items()})
    )


def speakers(dataset, split):
    return set(dataset[split].speakers)


@pytest.mark.parametrize("name", ["{word}_{speaker}_{take}.wav", "{word}/{speaker}_nohash_{take}.wav"])
def test_each_speaker_is_in_one_split_only(samples, tmp_path, name):
    dataset = load_dataset("speech.commands", data=write(samples, tmp_path, name))
    assert len(speakers(dataset, "test")) >= 1
    assert not speakers(dataset, "test") & (speakers(dataset, "train") | speakers(dataset, "val"))
    assert "speakers that are not in the training split" in dataset.evaluation_protocol
    assert sum(dataset.count(split) for split in ("train", "val", "test")) == 30
    assert dataset.count("unseen") == 30
    other = load_dataset("speech.commands", data=tmp_path, seed=1)
    assert speakers(other, "test") != speakers(dataset, "test") or speakers(other, "val") != speakers(dataset, "val")


def test_validation_splits_of_many_speakers_are_disjoint_too(samples, tmp_path):
    dataset = load_dataset("speech.commands", data=write(samples, tmp_path, "{word}_{speaker}_{take}.wav", speakers=16))
    groups = [speakers(dataset, split) for split in ("train", "val", "test")]
    assert sum(map(len, groups)) == 16


def test_the_official_protocol_splits_by_takes(samples, tmp_path):
    write(samples, tmp_path, "{word}_{speaker}_{take}.wav", takes=4)
    for file in list(tmp_path.glob("*_3.wav")):
        file.rename(file.with_name(file.name.replace("_3.wav", "_17.wav")))
    dataset = load_dataset("speech.commands", data=tmp_path, split="official")
    assert (dataset.count("test"), dataset.count("train") + dataset.count("val")) == (30, 10)
    assert "by speakers of the training split" in dataset.evaluation_protocol


def test_split_lists_are_followed_and_noise_is_not_a_word(samples, tmp_path):
    write(samples, tmp_path, "{word}/{speaker}_nohash_{take}.wav")
    write(samples, tmp_path, "_background_noise_/{word}{speaker}.wav", takes=1)
    (tmp_path / "testing_list.txt").write_text("yes/0_nohash_0.wav\nno/0_nohash_1.wav\n")
    (tmp_path / "validation_list.txt").write_text("yes/1_nohash_0.wav\n")
    dataset = load_dataset("speech.commands", data=tmp_path)
    assert [dataset.count(split) for split in ("train", "val", "test", "unseen")] == [27, 1, 2, 2]
    assert set(dataset["train"].targets) == {"yes", "no"}


def test_a_table_of_paths(samples, tmp_path):
    write(samples, tmp_path, "a/{word}-{speaker}-{take}.wav")
    rows = [f"a/{file.name},{file.name.split('-')[0]}" for file in sorted((tmp_path / "a").iterdir())]
    table = tmp_path / "all.csv"
    table.write_text("sep=,\nPath,Label\n" + "\n".join(rows))
    dataset = load_dataset("speech.commands", data=table)
    assert dataset.findings.lines() == []
    assert "the speakers are not known" in dataset.evaluation_protocol
    with pytest.raises(InputError, match="--split speakers: the speakers are not known"):
        load_dataset("speech.commands", data=table, split="speakers")
    table.write_text("path,label\na/none.wav,\n")
    with pytest.raises(InputError, match=r"all.csv, line 2: path and label must both have a value"):
        load_dataset("speech.commands", data=table)


def test_damaged_recordings_are_dropped_and_reported(samples, tmp_path):
    write(samples, tmp_path, "{word}_{speaker}_{take}.wav")
    (tmp_path / "yes_0_0.wav").write_text("this is a text")
    soundfile.write(tmp_path / "no_0_0.wav", np.zeros(9000), RATE)
    soundfile.write(tmp_path / "no_0_1.wav", np.sign(np.sin(np.arange(9000) / 20)), RATE)
    soundfile.write(tmp_path / "no_0_2.wav", 0.3 * np.sin(np.arange(80_000) / 20), RATE)
    dataset = load_dataset("speech.commands", data=tmp_path)
    lines = "\n".join(dataset.findings.lines())
    assert "3 recordings could not be used and were dropped" in lines
    assert "1 recording is clipped and was kept" in lines
    assert "5.0 s of speech: expected at most 2 s" in lines
    with pytest.raises(InputError, match=r"no_0_0.wav is silent.*--strict"):
        load_dataset("speech.commands", data=tmp_path, strict=True)


@pytest.mark.parametrize(
    ("prepare", "options", "message"),
    [
        (lambda m, t: write(m, t, "{word}/{speaker}{take}.wav", words=("yes",)), {}, "there is one word only, 'yes'"),
        (
            lambda m, t: write(m, t, "{word}/{speaker}{take}.wav"),
            {"words": "yes,maybe"},
            "there are no recordings of 'maybe'",
        ),
        (lambda m, t: t, {}, "has no sub-folders"),
        (lambda m, t: write(m, t, "{word}.{speaker}.{take}.wav"), {}, "expected a name like {word}_{speaker}_{n}.wav"),
    ],
)
def test_data_that_cannot_be_used(samples, tmp_path, prepare, options, message):
    prepare(samples, tmp_path)
    with pytest.raises(InputError, match=message):
        load_dataset("speech.commands", data=tmp_path, **options)


def test_other_words_are_unknown(samples, tmp_path):
    write(samples, tmp_path, "{word}_{speaker}_{take}.wav", words=("yes", "no", "up", "down"))
    dataset = load_dataset("speech.commands", data=tmp_path, words="yes,no")
    assert set(dataset["train"].targets) == {"yes", "no", "unknown"}


def test_ljspeech_with_faulty_rows(samples, tmp_path):
    write(samples, tmp_path / "wavs", "{word}{speaker}{take}.wav")
    names = sorted(file.stem for file in (tmp_path / "wavs").iterdir())
    lines = [f"{name}|Yes, or: No!|yes or no" for name in names[:-2]] + [f"{names[-2]}|naïve|naïve", "absent|text|text"]
    (tmp_path / "metadata.csv").write_text("\n".join(lines))
    dataset = load_dataset("speech.transcribe", data=tmp_path)
    assert set(dataset["train"].targets) == {"yes or no"}
    findings = "\n".join(dataset.findings.lines())
    assert "metadata.csv, line 29: 'ï' is not in the alphabet" in findings
    assert "1 text without a recording was dropped" in findings
    assert "line 30: there is no wavs/absent.wav" in findings
    assert f"1 recording without a text was dropped: {tmp_path / 'wavs' / names[-1]}.wav" in findings


def test_librispeech_has_speakers(samples, tmp_path):
    for (word, speaker, take), waveform in samples.items():
        folder = tmp_path / speaker / "7"
        folder.mkdir(parents=True, exist_ok=True)
        if take == 0 and word in {"yes", "no"}:
            soundfile.write(folder / f"{speaker}-7-{word}.flac", waveform, RATE)
            with (folder / f"{speaker}-7.trans.txt").open("a") as stream:
                stream.write(f"{speaker}-7-{word} {word.upper()}\n")
    dataset = load_dataset("speech.transcribe", data=tmp_path)
    assert not speakers(dataset, "test") & speakers(dataset, "train")
    assert set(dataset["train"].targets) == {"yes", "no"}


@pytest.mark.slow
def test_strings_are_composed_of_words_of_their_split():
    dataset = load_dataset("speech.transcribe", data="spoken-strings")
    assert not speakers(dataset, "test") & speakers(dataset, "train")
    assert {3, 7} <= {len(label.split()) for label in dataset["test"].targets} <= {3, 4, 5, 6, 7}
    again = load_dataset("speech.transcribe", data="spoken-strings")
    np.testing.assert_array_equal(dataset["test"].waveforms[3], again["test"].waveforms[3])
    assert all(len(label.split()) == 1 for label in dataset["train"].targets)


def test_texts_are_normalized():
    assert normalize("  “Don\u2019t stop,” he said—twice.", LETTERS, "x") == "don't stop he said twice"
    with pytest.raises(InputError, match="line 3: '5' is not in the alphabet"):
        normalize("5 apples", LETTERS, "line 3")
    with pytest.raises(InputError, match="the text is empty"):
        normalize("...", LETTERS, "line 3")


@pytest.mark.slow
@pytest.mark.data
def test_the_real_sets(monkeypatch):
    fsdd = load_dataset("speech.commands", data="fsdd", split="official")
    assert [fsdd.count(split) for split in ("train", "val", "test")] == [1620, 180, 200]
    assert fsdd["train"].rate == 8_000
    assert "CC BY-SA" in fsdd.licence


def test_negatives_of_a_split_of_one_word_or_none():
    recordings = Recordings(["a"], ["yes"], speakers=["s"], waveforms=[np.arange(900, dtype=np.int16)], rate=RATE)
    assert len(synthesize_negatives(recordings, 5, seed=0)) == 5
    assert synthesize_negatives(recordings.take(np.array([], int)), 5, seed=0) == []


@pytest.mark.parametrize(("speakers", "repeated"), [(1, 1), (1, 2), (4, 1), (12, 1)])
def test_texts_that_hardly_ever_repeat_are_in_one_split_each(samples, tmp_path, speakers, repeated):
    lines = ["path,text,speaker"]
    for (word, speaker, take), waveform in samples.items():
        if take < 2 and int(speaker) < 12:
            name = f"{word}_{speaker}_{take}.wav"
            soundfile.write(tmp_path / name, waveform, RATE)
            letters = "".join(chr(97 + int(digit)) for digit in speaker)
            text = f"{word} {letters if take < repeated - 1 else letters + 'xy'[take]}"
            lines.append(f"{name},{text},{int(speaker) % speakers}")
    (tmp_path / "texts.csv").write_text("\n".join(lines))
    dataset = load_dataset("speech.transcribe", data=tmp_path / "texts.csv")
    counts = {name: dataset.count(name) for name in ("train", "val", "test")}
    assert sum(counts.values()) == 192
    assert counts["test"] >= 0.15 * 192
    assert counts["val"] >= 0.05 * 192
    if speakers == 1:
        texts = {name: set(dataset[name].targets) for name in counts}
        assert not texts["test"] & (texts["train"] | texts["val"])
        assert not texts["val"] & texts["train"]


@pytest.mark.parametrize("id", ["speech.commands", "speech.transcribe"])
def test_an_official_split_that_does_not_exist_is_refused(samples, tmp_path, id):
    write(samples, tmp_path, "{word}/{speaker}{take}.wav")
    rows = [f"{file.relative_to(tmp_path)},{file.parent.name}" for file in sorted(tmp_path.glob("*/*.wav"))]
    column = "label" if id == "speech.commands" else "text"
    (tmp_path / "words.csv").write_text("\n".join([f"path,{column}", *rows]))
    with pytest.raises(InputError, match="--split official: the data has no official training and test split"):
        load_dataset(id, data=tmp_path / "words.csv", split="official")


def test_words_that_are_too_few_are_those_of_the_option(samples, tmp_path):
    write(samples, tmp_path, "{word}/{speaker}_nohash_{take}.wav")
    with pytest.raises(InputError, match="--words yes: there is one word only, 'yes'"):
        load_dataset("speech.commands", data=tmp_path, words="yes")


def test_split_lists_without_a_training_split_are_not_followed(samples, tmp_path):
    write(samples, tmp_path, "{word}/{speaker}_nohash_{take}.wav")
    names = sorted(f"{file.parent.name}/{file.name}" for file in tmp_path.glob("*/*.wav"))
    (tmp_path / "testing_list.txt").write_text("\n".join(names))
    dataset = load_dataset("speech.commands", data=tmp_path)
    assert dataset.count("train") > 0
    assert dataset.count("unseen") == len(names)


def test_duplicates_are_compared_by_their_samples(samples, tmp_path):
    write(samples, tmp_path, "{word}_{speaker}_{take}.wav")
    (tmp_path / "yes_0_9.wav").write_bytes((tmp_path / "yes_0_0.wav").read_bytes())
    task = registry().task("speech.commands")
    whole = load_dataset("speech.commands", data=tmp_path).whole
    rows = np.array([i for i, file in enumerate(whole.inputs) if file.name != "yes_0_9.wav"])
    rest = whole.take(np.setdiff1d(np.arange(len(whole)), rows))
    assert task.find_duplicates(rest, whole.take(rows)).tolist() == [True]
    assert task.find_duplicates(rest, whole.take(rows[:3])).tolist() == [False]


def test_folders_of_splits_hidden_places_and_other_formats(samples, tmp_path):
    write(samples, tmp_path / "Training", "{word}/{speaker}{take}.wav", takes=2)
    write(samples, tmp_path / "Testing", "{word}/{speaker}{take}.flac", takes=1)
    (tmp_path / "Training/yes/._00.wav").write_bytes(b"\0\5\x16\7" + bytes(100))
    (tmp_path / "Training/yes/.ipynb_checkpoints").mkdir()
    (tmp_path / "Training/yes/notes.txt").write_text("recorded in May")
    dataset = load_dataset("speech.commands", data=tmp_path)
    assert dataset.count("test") == dataset.count("unseen") == 10
    assert dataset.count("train") + dataset.count("val") == 20
    lines = "\n".join(dataset.findings.lines())
    assert "2 hidden files and folders" in lines
    assert "notes.txt" in lines
