"""`plexus data suggest` for images."""

import csv
import json
import zipfile

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from plexus.cli import main
from plexus.plugins.registry import registry

TASK = ["data", "suggest", "vision.classify"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with 120 digits as images in sub-folders, the current one being its parent."""
    monkeypatch.chdir(tmp_path)
    digits = load_digits()
    for number in range(120):
        place = tmp_path / "images" / str(number % 3) / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((digits.images[number] * 15.9375).round().astype(np.uint8)).save(place)
    return tmp_path / "images"


@pytest.fixture
def arrays(tmp_path):
    digits = load_digits()
    np.savez(tmp_path / "many.npz", x=(digits.images[:300] * 15.9375).round().astype(np.uint8))
    return str(tmp_path / "many.npz")


@pytest.fixture
def suggest(capsys):
    """A function that returns the JSON of `plexus data suggest`."""

    def call(*arguments):
        assert main([*TASK, *map(str, arguments), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def refused(capsys):
    """A function that returns the one line of an error."""

    def call(*arguments):
        assert main([*TASK, *map(str, arguments)]) == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1
        return lines[0]

    return call


def read(file):
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_rows_of_arrays(suggest, arrays, tmp_path):
    result = suggest("--data", arrays, "--count", 10, "--out", tmp_path / "rows.csv")
    assert set(result) == {"task", "data", "unlabelled", "findings", "suggestions", "out"}
    assert result["unlabelled"] == 300
    rows = [each["row"] for each in result["suggestions"]]
    assert len(set(load_digits().target[rows].tolist())) >= 9
    assert sum(each["cluster_size"] for each in result["suggestions"]) == 300
    assert read(tmp_path / "rows.csv") == [{"row": str(row), "label": ""} for row in rows]


def test_the_table_for_people(arrays, capsys):
    assert main([*TASK, "--data", arrays, "--count", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{arrays} for vision.classify: label 3 of 300 examples next"
    assert lines[1].split() == ["row", "similar", "examples,", "itself", "included"]
    sizes = [int(line.split()[1]) for line in lines[2:]]
    assert sum(sizes) == 300
    assert sizes == sorted(sizes, reverse=True)


def test_the_table_that_is_filled_in_is_data_of_a_training(suggest, folder, capsys):
    (folder.parent / "labels").mkdir()
    out = folder.parent / "labels" / "first.csv"
    suggest("--data", "images", "--count", 40, "--out", out)
    rows = read(out)
    assert rows[0].keys() == {"image", "label"}
    assert all(row["image"].startswith("../images/") and not row["label"] for row in rows)
    assert main(["data", "check", "vision.classify", "--data", str(out)]) == 2
    assert "first.csv, line 2: image and label must both have a value: fill it in" in capsys.readouterr().err
    names = [row["image"] for row in rows]
    out.write_text("\n".join(["image,label", *(f"{name},{'ab'[i % 2]}" for i, name in enumerate(names))]) + "\n")
    task = registry().task("vision.classify")
    dataset = task.load_dataset(task.options.parse({"data": str(out)}))
    assert sum(dataset.count(split) for split in ("train", "val", "test")) == 40
    assert not dataset.findings.lines()


def test_a_second_round_leaves_out_what_is_labelled(suggest, refused, folder):
    first = suggest("--data", "images", "--count", 10, "--out", "first.csv")["suggestions"]
    second = suggest("--data", folder, "--count", 10, "--labelled", "first.csv", "--out", "second.csv")["suggestions"]
    names = [{each["image"].rsplit("/", 1)[1] for each in part} for part in (first, second)]
    assert len(names[0] | names[1]) == 20
    both = ["--data", "images", "--labelled", "first.csv", "--labelled", "second.csv"]
    assert suggest(*both, "--count", 100)["unlabelled"] == 120
    line = refused(*both, "--count", 101)
    assert line == (
        "plexus: --count 101: expected at most 100, the images of images that are not in first.csv or second.csv"
    )


def test_labelled_images_that_are_elsewhere_are_counted(suggest, folder):
    (folder.parent / "labels.csv").write_text("image,label\nimages/0/0.png,a\nother.png,b\n")
    result = suggest("--data", "images", "--count", 3, "--labelled", "labels.csv")
    assert result["findings"] == ["1 labelled image is not in --data: labels.csv: other.png"]


def test_names_that_a_spreadsheet_would_run(suggest, folder):
    for file in list(folder.glob("*/*.png")):
        file.rename(folder / f"={file.name}")
    suggest("--data", "images", "--count", 5, "--out", "images/labels.csv")
    names = [row["image"] for row in read(folder / "labels.csv")]
    assert all(name.startswith("./=") and (folder / name).is_file() for name in names)


def test_uncertain_images_of_a_model(suggest, arrays):
    result = suggest("--data", arrays, "--count", 5, "--bundle", "vision.classify/digits")
    assert result["bundle"] == "vision.classify/digits"
    margins = [each["margin"] for each in result["suggestions"]]
    assert margins == sorted(margins)
    for each in result["suggestions"]:
        high, low = each["probabilities"]
        assert each["margin"] == pytest.approx(high - low, abs=1e-6)
        assert each["labels"][0] != each["labels"][1]
    task = registry().task("vision.classify")
    from plexus import load

    images, bundle = np.load(arrays)["x"][..., None], load("vision.classify/digits")
    highest = np.sort(task.predict_probabilities(bundle.predictor, bundle.codec, images), axis=1)
    limit = np.sort(highest[:, -1] - highest[:, -2])[50]
    assert margins[-1] <= limit + 1e-6


def test_unreadable_files_are_counted(suggest, folder):
    (folder / "0" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n cut off")
    result = suggest("--data", "images", "--count", 2)
    assert result["unlabelled"] == 119
    assert result["findings"][0].startswith("1 unlabelled image could not be read and was dropped")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--count", 0], "--count 0: expected 1 or more"),
        (["--count", 121], "--count 121: expected at most 120, the images of images"),
        ([], "pass the number of examples to choose with --count"),
        (["--count", 5, "--out", "labels.txt"], "--out labels.txt: expected a file that ends in .csv"),
        (["--count", 5, "--out", "no/labels.csv"], "--out no/labels.csv: there is no folder no"),
        (["--count", 5, "--out", "there.csv"], "there.csv exists already and is never overwritten"),
        (["--count", 5, "--against", "digits"], "--against is not for data suggest"),
        (["--count", 5, "--labelled", "there.csv"], "--labelled there.csv: expected a column image"),
        (["--count", 5, "--bundle", "vision.detect/bccd"], "expected one of vision.classify"),
        (["--count", 5, "--data", "no/folder"], "no/folder: there is no such file or folder"),
        (["--count", 5, "--data", "empty"], "has no images"),
    ],
)
def test_arguments_that_cannot_be_used(refused, folder, arguments, message):
    (folder.parent / "there.csv").write_text("name,label\n")
    (folder.parent / "empty").mkdir()
    (folder.parent / "empty" / "notes.txt").write_text("no image")
    assert message in refused("--data", "images", *arguments)


def test_rows_that_are_not_in_the_array(refused, arrays, tmp_path):
    (tmp_path / "rows.csv").write_text("row,label\n3,a\n300,b\n")
    line = refused("--data", arrays, "--count", 5, "--labelled", tmp_path / "rows.csv")
    assert "'300' is no row of --data: expected 0 to 299" in line


def test_no_table_of_the_files_of_an_archive(refused, suggest, folder):
    with zipfile.ZipFile("images.zip", "w") as content:
        for file in folder.glob("*/*.png"):
            content.write(file, file.relative_to(folder))
    assert suggest("--data", "images.zip", "--count", 3)["suggestions"][0]["image"].startswith("images.zip/")
    line = refused("--data", "images.zip", "--count", 3, "--out", "labels.csv")
    assert line == "plexus: --out: images.zip is an archive: unpack it, and pass the folder with --data"


def test_other_tasks_and_other_actions(capsys):
    assert main(["data", "suggest", "tables.regress", "--count", "3"]) == 2
    assert "tables.regress does not suggest examples" in capsys.readouterr().err
    assert main(["data", "check", "vision.classify", "--count", "3"]) == 2
    assert "--count is for data suggest, not for data check" in capsys.readouterr().err
