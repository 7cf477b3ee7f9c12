"""Labelled texts from files of all formats, and errors in them."""

import io
import json
import tarfile

import polars as pl
import pytest

from plexus import InputError
from plexus.plugins.registry import registry
from plexus_sentiment.phrases import generate_phrases

TEXTS, CLASSES = generate_phrases(60, seed=1)
LABELS = [("bad", "good")[index] for index in CLASSES]


def read(data, **options):
    task = registry().task("sentiment.classify")
    return task.load_dataset(task.options.parse({"data": str(data), **options}))


def labelled_texts(dataset):
    return sorted((t, s) for part in dataset.parts.values() for t, s in zip(part.inputs, part.targets, strict=True))


EXPECTED = sorted(zip(TEXTS, LABELS, strict=True))
TABLE = pl.DataFrame({"id": range(60), "review": TEXTS, "sentiment": LABELS})


def test_tables(tmp_path, capsys):
    TABLE.write_csv(tmp_path / "a.csv")
    TABLE.write_csv(tmp_path / "a.tsv", separator="\t")
    TABLE.write_csv(tmp_path / "semicolons.csv", separator=";")
    TABLE.write_parquet(tmp_path / "a.parquet")
    TABLE.write_ndjson(tmp_path / "a.jsonl")
    for name in ("a.csv", "a.tsv", "semicolons.csv", "a.parquet", "a.jsonl"):
        assert labelled_texts(read(tmp_path / name)) == EXPECTED, name
        messages = capsys.readouterr().err
        assert "texts are in column 'review', labels in 'sentiment'" in messages
        assert ("separated by ';' instead of commas" in messages) == name.startswith("semicolons")


def test_columns_are_detected_by_content_or_named(tmp_path, capsys):
    TABLE.rename({"review": "x", "sentiment": "y"}).write_csv(tmp_path / "a.csv")
    assert labelled_texts(read(tmp_path / "a.csv")) == EXPECTED
    assert "column 'x', labels in 'y'" in capsys.readouterr().err
    assert labelled_texts(read(tmp_path / "a.csv", text="x", label="y")) == EXPECTED
    with pytest.raises(InputError, match=r"there is no column in .*a.csv 'z': .*there are id, x, y"):
        read(tmp_path / "a.csv", label="z")
    with pytest.raises(InputError, match="--label x is the column of the texts"):
        read(tmp_path / "a.csv", text="x", label="x")


def test_folders_archives_and_two_files(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        for number, (text, label) in enumerate(EXPECTED):
            content = text.encode()
            name = f"reviews/train/{label}/{number}.txt"
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
            file = tmp_path / "folder" / label / f"{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    assert labelled_texts(read(tmp_path / "a.tar.gz")) == EXPECTED
    assert labelled_texts(read(tmp_path / "folder")) == EXPECTED
    for label, ending in (("good", "pos"), ("bad", "neg")):
        lines = [text for text, target in EXPECTED if target == label]
        (tmp_path / f"rt.{ending}").write_text("\n".join(lines) + "\n")
    dataset = read(tmp_path / "rt.pos")
    assert {text for text, _ in labelled_texts(dataset)} == set(TEXTS)
    assert {label for _, label in labelled_texts(dataset)} == {"positive", "negative"}
    (tmp_path / "rt.neg").unlink()
    with pytest.raises(InputError, match=r"rt\.neg is missing: expected both files"):
        read(tmp_path / "rt.pos")


def archived(file, mode):
    """Write an archive with all texts."""
    with tarfile.open(file, mode) as tar:
        for number, (text, label) in enumerate(EXPECTED):
            info = tarfile.TarInfo(f"reviews/{label}/{number}.txt")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return file


@pytest.mark.parametrize(("name", "mode"), [("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar", "w:")])
def test_archives_of_every_suffix(tmp_path, name, mode):
    assert labelled_texts(read(archived(tmp_path / name, mode))) == EXPECTED


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.tar.gz", "w:xz"), ("a.tar.gz", "w:bz2"), ("a.tgz", "w:"), ("a.tar", "w:gz"), ("a.tar", "w:xz")],
)
def test_the_compression_of_an_archive_matches_its_suffix(tmp_path, name, mode):
    with pytest.raises(InputError, match=rf"{name} is damaged, or is not the {name[1:]} that its name says") as caught:
        read(archived(tmp_path / name, mode))
    assert "\n" not in str(caught.value)


def test_an_archive_whose_middle_is_damaged(tmp_path):
    file = archived(tmp_path / "a.tar.gz", "w:gz")
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40] = b"\xff" * 40
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.tar\.gz cannot be unpacked: it is damaged"):
        read(file)


@pytest.mark.parametrize("kind", ["up", "link", "absolute"])
def test_an_archive_with_paths_outside_is_refused(tmp_path, kind):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo({"up": "a/../../pos/x.txt", "absolute": "/pos/x.txt"}.get(kind, "a/pos/x.txt"))
        if kind == "link":
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    reasons = r"is a link|leads out of the folder|has an absolute name"
    with pytest.raises(InputError, match=rf"a\.tar\.gz cannot be unpacked: member '.*' .*({reasons})"):
        read(tmp_path / "a.tar.gz")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("text,label\n" + "good,1\n" * 12, "there is one label only, '1'; expected two or more"),
        ("text,label\n" + "good,1\nbad,0\n" * 3, "there are 6 texts to train on; expected 10 or more"),
        ("text,label\n" + "good,1\n" * 12 + "bad,0\n", "label '0' has 1 text; expected 3 or more"),
        ("a,b\n" + "1,2\n" * 12, "no column contains texts; there are a, b"),
        (
            "text,id\n" + "".join(f"good {n},{n}\n" for n in range(20)),
            "no column contains labels: name it with --label",
        ),
        ("text,label\ngood,1,2\n", "line 2: 3 fields"),
        ('{"text": "good", "label": 1}\n{"text": \n', "line 2: not JSON"),
        ("text,label\n", "has no rows"),
        (
            "a good film,pos\n" + "a dull film,neg\na fine film,pos\n" * 12,
            "its first line is a row, with the label 'pos': add a line with the names of the columns",
        ),
    ],
)
def test_data_that_cannot_be_used(tmp_path, content, line):
    file = tmp_path / ("a.jsonl" if content.startswith("{") else "a.csv")
    file.write_text(content)
    with pytest.raises(InputError) as error:
        read(file)
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_encodings_and_bytes_that_are_not_text(tmp_path, capsys):
    (tmp_path / "a.csv").write_bytes(b"text,label\n" + b"sch\xf6n,1\nschlecht,0\n" * 10)
    dataset = read(tmp_path / "a.csv")
    assert "is not UTF-8: read as Windows-1252" in capsys.readouterr().err
    assert "schön" in {text for text, _ in labelled_texts(dataset)}
    folder = tmp_path / "folder"
    for text, label in EXPECTED:
        file = folder / label / f"{abs(hash(text))}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "good/broken.txt").write_bytes(b"\x89PNG\0\0")
    dataset = read(folder)
    assert dataset.findings.count() == 1
    assert "broken.txt is not text" in dataset.findings.lines()[0]


def test_empty_texts_are_counted(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\n" + "good,1\nbad,0\n ,1\n" * 8)
    dataset = read(tmp_path / "a.csv")
    assert dataset.findings.lines()[0].startswith("8 empty texts were dropped")


def test_numeric_labels_and_other_scripts(tmp_path):
    rows = [{"text": text, "stars": stars} for text, stars in [("很好 😀", 5), ("ممتاز جدا", 4), ("así así", 3)]] * 6
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    assert {label for _, label in labelled_texts(read(tmp_path / "a.jsonl"))} == {"3", "4", "5"}


@pytest.mark.data
@pytest.mark.parametrize(("name", "parts"), [("sst2", (6920, 872, 1821)), ("rt_polarity", (8790, 272, 1600))])
def test_named_data_sets(name, parts):
    dataset = read(name)
    assert tuple(dataset.count(part) for part in ("train", "val", "test")) == parts


def test_rated_tweets(tmp_path, monkeypatch):
    """Tweets rated about 0 have no label."""
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    file = tmp_path / "tweets/hutto_ICWSM_2014/tweets_GroundTruth.txt"
    file.parent.mkdir(parents=True)
    ratings = [2.7, -0.5, 0.49, -0.2, 1.0] * 8
    lines = [f'{row}\t{rating}\ttweet number {row}, "quoted' for row, rating in enumerate(ratings, 1)]
    file.write_text("\n".join(lines) + "\n")
    expected = [
        (f'tweet number {row}, "quoted', "positive" if rating > 0 else "negative")
        for row, rating in enumerate(ratings, 1)
        if abs(rating) >= 0.5
    ]
    assert labelled_texts(read("tweets")) == sorted(expected)


def stage(dataset, **options):
    """Return the dataset that a training on `dataset` with more options learns from."""
    task = registry().task("sentiment.classify")
    return task.stage_dataset(dataset, {}, task.options.parse({"data": "table.csv", **options}))


def test_extra_data_is_in_the_training_split_alone(tmp_path, capsys):
    TABLE.write_csv(tmp_path / "table.csv")
    dataset = read(tmp_path / "table.csv")
    extra = [("Sturdy, and worth it.", "good"), ("It broke at once.", "bad"), (TEXTS[0], LABELS[0])]
    pl.DataFrame(extra, ["text", "label"], orient="row").write_csv(tmp_path / "extra.csv")
    extended = stage(dataset, extra_data=str(tmp_path / "extra.csv"))
    assert "dropped as exact or near duplicates of others: 1\n" in capsys.readouterr().err
    assert list(extended["train"].inputs) == [*dataset["train"].inputs, "Sturdy, and worth it.", "It broke at once."]
    assert list(extended["train"].targets[-2:]) == ["good", "bad"]
    for split in ("val", "test"):
        assert list(extended[split].inputs) == list(dataset[split].inputs)
    assert extended.fingerprint == dataset.fingerprint


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("text,label\nfine,positive\n", r"expected the labels of --data \(bad, good\), found 'positive'"),
        ("text,label\n,good\n,bad\n", "it has no texts"),
    ],
)
def test_extra_data_that_cannot_be_used(tmp_path, content, line):
    TABLE.write_csv(tmp_path / "table.csv")
    (tmp_path / "extra.csv").write_text(content)
    dataset = read(tmp_path / "table.csv")
    with pytest.raises(InputError, match=f"--extra-data .*extra.csv: {line}"):
        stage(dataset, extra_data=str(tmp_path / "extra.csv"))


def test_findings_of_extra_data_are_those_of_the_new_dataset(tmp_path):
    TABLE.write_csv(tmp_path / "table.csv")
    (tmp_path / "extra.csv").write_text("text,label\n,good\nSturdy and light,good\n")
    dataset = read(tmp_path / "table.csv")
    for _ in range(2):  # as for a teacher and the model
        assert stage(dataset, extra_data=str(tmp_path / "extra.csv")).findings.count() == 1
    assert dataset.findings.count() == 0


@pytest.mark.parametrize(("name", "line"), [("", "is empty"), ("missing.csv", "missing.csv: there is no such file")])
def test_extra_data_that_does_not_exist(tmp_path, name, line):
    TABLE.write_csv(tmp_path / "table.csv")
    with pytest.raises(InputError, match=f"--extra-data: {line}"):
        stage(read(tmp_path / "table.csv"), extra_data=name)


def test_an_unknown_name_is_compared_with_data_sets_of_texts():
    with pytest.raises(InputError) as error:
        read("imdbx")
    assert "imdb" in str(error.value)
    assert "bccd" not in str(error.value)


def test_the_checksum_of_an_archive_is_verified(tmp_path):
    file = archived(tmp_path / "a.tar.gz", "w:gz")
    content = bytearray(file.read_bytes())
    content[-7] ^= 1  # of the checksum
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.tar\.gz cannot be unpacked: it is damaged"):
        read(file)


def test_zip_archives_and_hidden_members(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for number, (text, label) in enumerate(EXPECTED):
            file.writestr(f"reviews/{label}/{number}.txt", text)
            file.writestr(f"__MACOSX/reviews/{label}/._{number}.txt", "no")
            file.writestr(f"reviews/{label}/.ipynb_checkpoints/{number}.txt", text)
    (tmp_path / "a.zip").rename(tmp_path / "A.ZIP")
    assert labelled_texts(read(tmp_path / "A.ZIP")) == EXPECTED
    (tmp_path / "a.rar").write_bytes(b"Rar!")
    with pytest.raises(InputError, match=r"expected a table .*, a folder or a \.tar\.gz, \.tgz, \.tar, \.zip with one"):
        read(tmp_path / "a.rar")


def test_members_of_an_archive_that_are_left_out_are_named(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for number, (text, label) in enumerate(EXPECTED):
            file.writestr(f"reviews/{label}/{number}.{'TXT' if number % 2 else 'txt'}", text)
        file.writestr("reviews/labels.csv", "text,label\n")
    dataset = read(tmp_path / "a.zip")
    assert labelled_texts(dataset) == EXPECTED
    assert dataset.findings.lines() == [f"1 file is no text and was left out: {tmp_path / 'a.zip'}:reviews/labels.csv"]
    with zipfile.ZipFile(tmp_path / "flat.zip", "w") as file:
        file.writestr("1.txt", "good")
    with pytest.raises(InputError, match=r"there are 0 texts.*1 text is in no folder of a label.*flat\.zip:1\.txt"):
        read(tmp_path / "flat.zip")


def test_folders_of_splits_in_capitals_and_texts_without_a_suffix(tmp_path):
    for number, (text, label) in enumerate(EXPECTED):
        file = tmp_path / ("Training" if number % 3 else "Testing") / label / f"{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "Training/good/.ipynb_checkpoints").mkdir()
    (tmp_path / "Training/good/.ipynb_checkpoints/0").write_text("hidden")
    (tmp_path / "Training/good/a.feat").write_bytes(b"\0")
    dataset = read(tmp_path)
    assert labelled_texts(dataset) == EXPECTED
    assert dataset.count("test") == 20
    assert any(".ipynb_checkpoints" in line for line in dataset.findings.lines())


def write_texts(folder, places):
    """Write all texts to `places`, in turn, each a folder with `{}` for the label."""
    for number, (text, label) in enumerate(EXPECTED):
        file = folder / places[number % len(places)].format(label) / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with tarfile.open(folder.with_suffix(".tar"), "w:") as tar:
        tar.add(folder, folder.name)
    return folder


def test_splits_in_the_folders_of_labels_are_followed(tmp_path):
    folder = write_texts(tmp_path / "d", ["{}/train", "{}/train", "{}/Test"])
    for place in (folder, folder.with_suffix(".tar")):
        dataset = read(place)
        assert labelled_texts(dataset) == EXPECTED
        assert set(dataset["test"].inputs) == {text for text, _ in EXPECTED[2::3]}
        assert dataset.findings.lines() == []


@pytest.mark.parametrize(
    "places", [["fold1/train/{}", "fold1/test/{}", "fold2/test/{}"], ["fold1/{}/train", "fold2/{}/train"]]
)
def test_several_folds_are_not_mixed(tmp_path, places):
    folder = write_texts(tmp_path / "d", places)
    for place in (folder, folder.with_suffix(".tar")):
        with pytest.raises(InputError, match=r"fold1 and .*fold2 both have the split t.*, as several folds do"):
            read(place)


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def test_classes_may_be_called_none_or_nan(tmp_path):
    names = ["None", "nan", "NA", "angry"]
    rows = [{"text": text, "label": names[index % 4]} for index, text in enumerate(TEXTS)]
    pl.DataFrame(rows).write_csv(tmp_path / "a.csv")
    for file in (tmp_path / "a.csv", write_rows(tmp_path / "a.jsonl", rows)):
        dataset = read(file)
        assert {label for part in dataset.parts.values() for label in part.targets} == set(names)
        assert dataset.findings.count() == 0


def test_missing_labels_are_called_missing(tmp_path):
    rows = [
        {"text": text if index != 7 else " ", "label": None if index % 10 == 0 else label}
        for index, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True))
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "a.csv")
    for file in (tmp_path / "a.csv", write_rows(tmp_path / "a.jsonl", rows)):
        lines = read(file).findings.lines()
        assert lines[0].startswith("6 texts without a label were dropped: ")
        assert lines[1].startswith("1 empty text was dropped: ")


def test_a_table_without_texts_is_refused(tmp_path):
    table = pl.DataFrame({"day": ["2026-01-31 10:00:00"] * 40, "city": ["Ulm", "Rom"] * 20, "label": ["a", "b"] * 20})
    table.write_csv(tmp_path / "a.csv")
    with pytest.raises(InputError, match="no column looks like texts: name it with --text"):
        read(tmp_path / "a.csv")


def test_a_test_split_alone_is_what_is_evaluated(tmp_path):
    for number, (text, label) in enumerate(EXPECTED):
        file = tmp_path / "d" / "test" / label / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    dataset = read(tmp_path / "d")
    assert dataset.count("unseen") == dataset.count("test") == 60
    assert dataset.count("train") == 0
    with pytest.raises(InputError, match="the data has no train split, only test"):
        dataset["train"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("1.1", "1.10"), {"1.1", "1.10"}),
        (("1e3", "1000"), {"1e3", "1000"}),
        (("1.0", "0.0"), {"1", "0"}),
        (("100%", "0%"), {"100%", "0%"}),
    ],
)
def test_labels_are_as_they_are_written(tmp_path, labels, expected):
    lines = [f"a text with number {number},{labels[number % 2]}" for number in range(40)]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *lines]))
    assert {label for _, label in labelled_texts(read(tmp_path / "a.csv"))} == expected
