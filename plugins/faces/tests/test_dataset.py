"""Reading of faces and persons."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

import plexus
from plexus import InputError
from plexus.cli import main
from plexus.plugins.registry import registry
from plexus_faces.drawn_faces import draw_cat, draw_face, draw_group


def _load(data, **options):
    task = registry().task("faces.recognize")
    return task.load_dataset(task.options.parse({"data": str(data), **options}))


@pytest.mark.slow
def test_no_person_is_in_two_splits(persons):
    dataset = _load(persons, weights="none")
    targets = {split: set(dataset[split].targets) for split in ("train", "val", "test")}
    assert {split: len(names) for split, names in targets.items()} == {"train": 3, "val": 3, "test": 2}
    assert len(set.union(*targets.values())) == 8
    assert not dataset.findings.lines()


@pytest.mark.slow
def test_a_network_that_is_not_trained_is_calibrated_on_all_other_persons(persons):
    dataset = _load(persons)
    assert dataset["val"] is dataset["train"]
    assert len(set(dataset["val"].targets)) == 6
    assert not set(dataset["val"].targets) & set(dataset["test"].targets)


@pytest.mark.slow
def test_images_that_cannot_be_compared_are_counted_and_named(persons):
    folder = persons / "person_01"
    Image.fromarray(draw_cat()).save(folder / "cat.png")
    Image.fromarray(draw_group([0, 1, 2])).save(folder / "group.png")
    Image.fromarray(draw_face(0, 7)).resize((24, 30)).save(folder / "tiny.png")
    Image.new("RGB", (1, 1)).save(folder / "one_pixel.png")
    shutil.copy(folder / "0.png", folder / "copy.png")
    shutil.copy(persons / "person_03/0.png", persons / "person_02/other.png")
    (folder / "cut.png").write_bytes((folder / "1.png").read_bytes()[:500])
    dataset = _load(persons)
    lines = dataset.findings.lines()
    assert any(line.startswith("1 image could not be read and was dropped") and "cut.png" in line for line in lines)
    assert any(line.startswith("1 image is a copy of another one and was dropped") for line in lines)
    two = next(line for line in lines if "two persons" in line)
    assert two.startswith("1 image belongs to two persons and was dropped")
    assert two.endswith("person_02/other.png and " + f"{persons}/person_03/0.png: person_02 and person_03")
    none = next(line for line in lines if "no face or several" in line)
    assert none.startswith("4 images show no face or several and were dropped")
    assert sum(dataset.count(split) for split in ("train", "test")) == 24 - 1
    with pytest.raises(InputError, match="--strict"):
        _load(persons, strict=True)


@pytest.mark.slow
def test_a_table_of_paths_and_persons(persons, tmp_path):
    rows = [f"{file.relative_to(tmp_path)},{file.parent.name}" for file in sorted(persons.rglob("*.png"))]
    (tmp_path / "faces.csv").write_text("\n".join(["path,person", *rows]))
    table, folder = _load(tmp_path / "faces.csv"), _load(persons)
    assert table["test"].targets == folder["test"].targets
    assert table.fingerprint == folder.fingerprint


@pytest.mark.slow
def test_splits_of_the_data_are_used_and_must_be_disjoint(persons, tmp_path):
    splits = {name: split for split, names in {"train": (1, 2, 3), "val": (4, 5, 6), "test": (7, 8)}.items()
              for name in (f"person_{number:02d}" for number in names)}  # fmt: skip
    rows = [
        f"{file.relative_to(tmp_path)},{file.parent.name},{splits[file.parent.name]}"
        for file in sorted(persons.rglob("*.png"))
    ]
    (tmp_path / "faces.csv").write_text("\n".join(["path,person,split", *rows]))
    dataset = _load(tmp_path / "faces.csv", weights="none")
    assert set(dataset["test"].targets) == {"person_07", "person_08"}
    text = (tmp_path / "faces.csv").read_text().replace("person_07,test", "person_07,train", 1)
    (tmp_path / "faces.csv").write_text(text)
    with pytest.raises(InputError, match=r"'person_07' is in the splits train and test; expected each person in one"):
        _load(tmp_path / "faces.csv")


@pytest.mark.slow
def test_a_file_of_two_persons_is_listed_once(persons, tmp_path):
    rows = [f"{file.relative_to(tmp_path)},{file.parent.name}" for file in sorted(persons.rglob("*.png"))]
    (tmp_path / "faces.csv").write_text("\n".join(["path,person", *rows, "persons/person_01/0.png,person_02"]))
    file = persons / "person_01/0.png"
    dataset = _load(tmp_path / "faces.csv")
    assert dataset.findings.lines() == [
        f"1 image belongs to two persons and was dropped: {file}: person_01 and person_02"
    ]


def _keep(persons, number):
    for folder in sorted(persons.iterdir())[number:]:
        shutil.rmtree(folder)


def test_one_person_is_too_few(persons):
    _keep(persons, 1)
    with pytest.raises(InputError, match="expected 2 or more persons with two images or more, found 1: add persons"):
        _load(persons)


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 4])
def test_few_persons_can_be_evaluated_but_not_trained(persons, number):
    _keep(persons, number)
    bundle = plexus.load("faces.recognize/orl")
    result = bundle.evaluate(str(persons))
    assert result["examples"] == 3 * number
    assert 0 <= result["scores"]["equal_error_rate"] <= 0.5
    task = registry().task("faces.recognize")
    options = task.options.parse({"data": str(persons)})
    test = min(2, number - 1)
    expected = f"expected val 3 or more, test 2 or more, none in two splits, found val {number - test}, test {test};"
    with pytest.raises(InputError, match=expected):
        task.fit_codec(task.load_dataset(options), options)


@pytest.mark.slow
def test_a_network_that_is_trained_needs_persons_in_three_splits(persons):
    _keep(persons, 6)
    task = registry().task("faces.recognize")
    options = task.options.parse({"data": str(persons), "weights": "none"})
    with pytest.raises(
        InputError, match=r"found train 1, val 3, test 2; pairs .* in val: expected 20 or more, found 27"
    ):
        task.fit_codec(task.load_dataset(options), options)
    frozen = task.options.parse({"data": str(persons)})
    assert not task.fit_codec(task.load_dataset(frozen), frozen).is_calibrated


@pytest.mark.slow
def test_an_official_test_split_of_one_person_is_too_small(persons, tmp_path):
    splits = {"person_01": "test"}
    rows = [
        f"{file.relative_to(tmp_path)},{file.parent.name},{splits.get(file.parent.name, 'train')}"
        for file in sorted(persons.rglob("*.png"))
    ]
    (tmp_path / "faces.csv").write_text("\n".join(["path,person,split", *rows]))
    with pytest.raises(InputError, match="two images or more in the test split, found 1"):
        _load(tmp_path / "faces.csv")


def test_the_orientation_of_exif_is_applied(persons):
    file = persons / "person_01/0.png"
    image = Image.open(file)
    exif = Image.Exif()
    exif[0x0112] = 3
    image.rotate(180).save(file.with_suffix(".jpg"), exif=exif, quality=95)
    codec = registry().task("faces.recognize").codec()
    upright, turned = codec.encode([file, file.with_suffix(".jpg")])["face"].astype(float)
    assert np.abs(upright - turned).mean() < 3


@pytest.mark.slow
def test_a_check_of_the_data_names_persons_and_prints_a_note_once(persons, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = sorted(persons.rglob("*.png"))
    rows = [f"{file.relative_to(tmp_path)};{file.parent.name};{file.parent.name[-1]}" for file in files]
    (tmp_path / "faces.csv").write_text("\n".join(["path;person;group", *rows]))
    assert main(["data", "check", "faces.recognize", "--data", "faces.csv"]) == 0
    output = capsys.readouterr()
    assert output.err == "faces.csv: columns are separated by ';' instead of commas\n"
    assert output.out.splitlines()[1].startswith("persons: person_01 3, ")
    files[0].rename(persons / "stray.png")
    assert main(["data", "check", "faces.recognize", "--data", "persons", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    place = "persons/stray.png is in no folder of a person"
    assert result["findings"] == [f"1 image is in no folder of a person and was left out: {place}"]
    assert result["target"] == "person"
    assert result["labels"]["person_01"] == 2
