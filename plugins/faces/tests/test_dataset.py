"""Reading of faces and persons."""

import shutil

import numpy as np
import pytest
from PIL import Image

from plexus import InputError
from plexus.plugins.registry import registry
from plexus_faces.drawn_faces import draw_cat, draw_face, draw_group


def _load(data, **options):
    task = registry().task("faces.recognize")
    return task.load_dataset(task.options.parse({"data": str(data), **options}))


def test_no_person_is_in_two_splits(persons):
    dataset = _load(persons, weights="none")
    targets = {split: set(dataset[split].targets) for split in ("train", "val", "test")}
    assert {split: len(names) for split, names in targets.items()} == {"train": 3, "val": 3, "test": 2}
    assert len(set.union(*targets.values())) == 8
    assert not dataset.findings.lines()


def test_a_network_that_is_not_trained_is_calibrated_on_all_other_persons(persons):
    dataset = _load(persons)
    assert dataset["val"] is dataset["train"]
    assert len(set(dataset["val"].targets)) == 6
    assert not set(dataset["val"].targets) & set(dataset["test"].targets)


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
    assert two.startswith("2 images belong to two persons and were dropped")
    assert "person_02 and person_03" in two
    none = next(line for line in lines if "no face or several" in line)
    assert none.startswith("4 images show no face or several and were dropped")
    assert sum(dataset.count(split) for split in ("train", "test")) == 24 - 1
    with pytest.raises(InputError, match="--strict"):
        _load(persons, strict=True)


def test_a_table_of_paths_and_persons(persons, tmp_path):
    rows = [f"{file.relative_to(tmp_path)},{file.parent.name}" for file in sorted(persons.rglob("*.png"))]
    (tmp_path / "faces.csv").write_text("\n".join(["path,person", *rows]))
    table, folder = _load(tmp_path / "faces.csv"), _load(persons)
    assert table["test"].targets == folder["test"].targets
    assert table.fingerprint == folder.fingerprint


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


@pytest.mark.parametrize("left", [1, 3])
def test_too_few_persons(persons, left):
    for folder in sorted(persons.iterdir())[left:]:
        shutil.rmtree(folder)
    with pytest.raises(InputError, match=r"split has . persons with two images or more"):
        _load(persons)


def test_the_orientation_of_exif_is_applied(persons):
    file = persons / "person_01/0.png"
    image = Image.open(file)
    exif = Image.Exif()
    exif[0x0112] = 3
    image.rotate(180).save(file.with_suffix(".jpg"), exif=exif, quality=95)
    codec = registry().task("faces.recognize").codec()
    upright, turned = codec.encode([file, file.with_suffix(".jpg")])["face"].astype(float)
    assert np.abs(upright - turned).mean() < 3
