"""Reading, cleaning and splitting pairs of sentences."""

import json
import zipfile

import numpy as np
import pytest

from plexus import InputError
from plexus_language.cleaning import sentence_key
from plexus_language.dataset import load_dataset
from plexus_language.datasets import NUMBER_WORDS
from plexus_language.number_words import date_words, number_words
from plexus_language.options import TranslateOptions
from plexus_language.splits import group_pairs

PAIRS = [(f"The house number {n} is white.", f"La maison numéro {n} est blanche.") for n in range(100)]


def load(path, **options):
    return load_dataset(path, TranslateOptions.parse({"data": str(path), **options}))


def all_pairs(dataset):
    return sorted(
        pair
        for split in ("train", "val", "test")
        for pair in zip(dataset[split].inputs, dataset[split].targets, strict=True)
    )


def write_csv(path, pairs=PAIRS, header="en,fr"):
    path.write_text("\n".join([header, *(f'"{a}","{b}"' for a, b in pairs)]) + "\n", encoding="utf-8")
    return path


def test_formats(tmp_path):
    (tmp_path / "corpus.en").write_text("\n".join(a for a, _ in PAIRS) + "\n", encoding="utf-8")
    (tmp_path / "corpus.fr").write_text("\n".join(b for _, b in PAIRS) + "\n", encoding="utf-8")
    lines = "\n".join(f"{a}\t{b}\tsome licence" for a, b in PAIRS) + "\n"
    (tmp_path / "pairs.txt").write_text(lines, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "pairs.zip", "w") as archive:
        archive.writestr("_about.txt", "a note")
        archive.writestr("fra.txt", lines)
    rows = "".join(json.dumps({"id": n, "french": b, "english": a}) + "\n" for n, (a, b) in enumerate(PAIRS))
    (tmp_path / "pairs.jsonl").write_text(rows, encoding="utf-8")
    places = [
        write_csv(tmp_path / "pairs.csv"),
        *(tmp_path / name for name in ("corpus.en", "corpus.fr", "pairs.txt", "pairs.zip", "pairs.jsonl")),
    ]
    for place in places:
        assert all_pairs(load(place)) == sorted(PAIRS), place
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="found neither"):
        load(tmp_path / "empty")


def test_columns_are_chosen(tmp_path):
    path = write_csv(tmp_path / "pairs.csv", header="one,two")
    assert all_pairs(load(path)) == sorted(PAIRS)
    assert all_pairs(load(path, source_column="two", target_column="one")) == sorted((b, a) for a, b in PAIRS)
    with pytest.raises(InputError, match=r"no column in .* 'three'"):
        load(path, source_column="three")


def test_files_of_different_lengths_are_refused(tmp_path):
    (tmp_path / "corpus.en").write_text("a\nb\n")
    (tmp_path / "corpus.fr").write_text("c\n")
    with pytest.raises(InputError, match=r"corpus.en has 2 lines and corpus.fr 1"):
        load(tmp_path / "corpus.en")
    (tmp_path / "corpus.fr").unlink()
    with pytest.raises(InputError, match=r"corpus.fr is missing"):
        load(tmp_path / "corpus.en")


def test_line_without_a_tab(tmp_path):
    (tmp_path / "pairs.txt").write_text("Hello.\tBonjour.\nHello.\n")
    with pytest.raises(InputError, match=r"pairs.txt, line 2: expected two sentences with a tab"):
        load(tmp_path / "pairs.txt")


def test_cleaning_counts_what_is_dropped(tmp_path):
    bad = [
        ("", "Rien."),
        ("Taxi!", "Taxi !"),
        PAIRS[0],
        ("Yes.", "Oui, et c'est une phrase beaucoup plus longue que celle de l'autre langue, qui n'a qu'un seul mot."),
        ("The house is here.", "Дом находится здесь."),
        ("La maison est blanche.", "La maison blanche est."),
    ]
    dataset = load(
        write_csv(tmp_path / "pairs.csv", [*PAIRS, *bad, ("A \u200bnew house.", "Une nouvelle\u202fmaison.")])
    )
    lines = "\n".join(dataset.findings.lines())
    for kind in ("empty side", "equal sides", "duplicate", "different lengths", "another script", "other language"):
        assert kind in lines
    assert "1 pair had control characters" in lines
    assert ("A new house.", "Une nouvelle\u202fmaison.") in all_pairs(dataset)
    assert len(all_pairs(dataset)) == 101
    with pytest.raises(InputError, match="--strict"):
        load(tmp_path / "pairs.csv", strict=True)


@pytest.mark.parametrize(
    ("header", "options", "languages"),
    [
        ("en,de", {}, ("en", "de")),
        ("deu,english", {}, ("de", "en")),
        ("en,de", {"source": "de"}, ("de", "en")),
        ("en,de", {"target": "en"}, ("de", "en")),
        ("source,target", {"source": "fr"}, ("fr", "en")),
        ("source,target", {"target": "de"}, ("en", "de")),
    ],
)
def test_languages_by_the_names_of_the_columns(tmp_path, header, options, languages):
    path = tmp_path / "pairs.csv"
    path.write_text(f"{header}\n" + "".join(f"the first {n},das andere {n}\n" for n in range(30)))
    dataset = load(path, **options)
    assert dataset.languages == languages
    is_exchanged = not header.startswith(("source", *languages[:1]))
    assert dataset["train"].inputs[0].startswith("das andere" if is_exchanged else "the first")


def test_no_sentence_is_in_two_splits(tmp_path):
    rng = np.random.default_rng(0)
    pairs = [
        (f"The word {a} is{mark}", f"Le mot {b} est.")
        for a, b, mark in zip(rng.integers(0, 300, 400), rng.integers(0, 300, 400), "!." * 200, strict=True)
    ]
    dataset = load(write_csv(tmp_path / "pairs.csv", pairs))
    for side in ("inputs", "targets"):
        keys = [{sentence_key(text) for text in getattr(dataset[split], side)} for split in ("train", "val", "test")]
        assert not keys[0] & keys[1]
        assert not keys[0] & keys[2]
        assert not keys[1] & keys[2]
    assert dataset.count("test") > 10
    assert dataset.count("val") > 5
    assert "neither side" in dataset.evaluation_protocol


def test_official_splits_are_used(tmp_path):
    for split, rows in (("train", PAIRS[:60]), ("dev", PAIRS[50:70]), ("test", PAIRS[70:])):
        for side, language in enumerate(("en", "fr")):
            (tmp_path / f"{split}.{language}").write_text("\n".join(row[side] for row in rows), encoding="utf-8")
    dataset = load(tmp_path)
    assert [dataset.count(split) for split in ("train", "val", "test")] == [50, 20, 30]
    assert "left out: 10" in dataset.findings.lines()[0]


def test_supplied_and_new_splits_share_no_sentence(tmp_path):
    for split, rows in (("train", PAIRS[:90]), ("test", PAIRS[60:])):
        for side, language in enumerate(("en", "fr")):
            (tmp_path / f"{split}.{language}").write_text("\n".join(row[side] for row in rows), encoding="utf-8")
    dataset = load(tmp_path)
    keys = [{sentence_key(text) for text in dataset[split].inputs} for split in ("train", "val", "test")]
    assert not keys[1] & keys[2]
    assert not keys[0] & (keys[1] | keys[2])
    assert dataset.count("val") >= 1


def test_one_group_cannot_be_split(tmp_path):
    rows = [("The same sentence.", f"La phrase {number}.") for number in range(40)]
    with pytest.raises(InputError, match=r"the (test|val) split is empty: pass more pairs of other sentences"):
        load(write_csv(tmp_path / "pairs.csv", rows))


def test_columns_are_not_guessed_among_several_texts(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("kind,one,two\n" + "".join(f"a,sentence {n},phrase {n}\n" for n in range(30)))
    with pytest.raises(InputError, match="found the columns kind, one, two: name them with --source-column"):
        load(path)


def test_groups_are_connected_components():
    groups = group_pairs(["A.", "a", "b", "c"], ["x", "y", "y!", "z"])
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_max_pairs_and_seed(tmp_path):
    path = write_csv(tmp_path / "pairs.csv", [(f"A {n}.", f"Un {n}.") for n in range(400)])
    assert load(path, max_pairs=100).count("train") == 100
    first, again, other = (list(load(path, seed=seed)["test"].inputs) for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("source", ["en", "words"])
def test_languages_have_to_differ_and_exist(source):
    with pytest.raises(InputError, match=r"two languages|has the languages words and digits"):
        load_dataset(NUMBER_WORDS, TranslateOptions.parse({"source": source, "target": "words"}))


@pytest.mark.slow
def test_number_words():
    import datetime

    assert [number_words(n) for n in (0, 19, 40, 42, 300, 9075)] == [
        "zero", "nineteen", "forty", "forty-two", "three hundred", "nine thousand seventy-five",
    ]  # fmt: skip
    dates = {
        (1999, 5, 3): "May the third, nineteen ninety-nine",
        (2004, 1, 31): "January the thirty-first, twenty oh four",
    }
    for date, words in dates.items():
        assert date_words(datetime.date(*date)) == words
    dataset = load_dataset(NUMBER_WORDS, TranslateOptions.parse({}))
    assert dataset.languages == ("words", "digits")
    assert len(all_pairs(dataset)) == 6000
    exchanged = load_dataset(NUMBER_WORDS, TranslateOptions.parse({"source": "digits", "target": "words"}))
    assert all_pairs(exchanged) == sorted((b, a) for a, b in all_pairs(dataset))
