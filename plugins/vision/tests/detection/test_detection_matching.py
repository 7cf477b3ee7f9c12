"""Which image an annotation belongs to, if names and folders leave a choice."""

import json
import unicodedata

import numpy as np
import pytest

from plexus_vision.detection.near_duplicates import MAX_PAIRS, find_near_duplicates

BOX = (0, 2, 10, 12)


def labels_by_place(dataset, folder):
    """Return the labels of each image by its path in the folder."""
    return {
        image.relative_to(folder).as_posix(): target.labels
        for split in dataset.splits.values()
        for image, target in zip(split.inputs, split.targets, strict=True)
    }


def test_names_that_differ_in_upper_and_lower_case_only(tmp_path, load, write_image, voc_xml):
    for name, label in {"a": "first", "A": "second", "b": "third"}.items():
        write_image(tmp_path / f"{name}.png", seed=ord(name))
        (tmp_path / f"{name}.xml").write_text(voc_xml((label, *BOX)))
    dataset = load(tmp_path)
    assert labels_by_place(dataset, tmp_path) == {"a.png": ("first",), "A.png": ("second",), "b.png": ("third",)}


def test_letters_in_two_parts_are_the_letters(tmp_path, load, write_image, voc_xml):
    for name in ("Zelle ä", "Größe", "c"):
        write_image(tmp_path / f"{unicodedata.normalize('NFD', name)}.png")
        (tmp_path / f"{unicodedata.normalize('NFC', name)}.xml").write_text(voc_xml(("cat", *BOX)))
    dataset = load(tmp_path, strict=True)
    assert dataset.count("unseen") == 3


def test_an_annotation_whose_image_is_missing_takes_no_other_one(tmp_path, load, write_voc):
    write_voc(tmp_path / "first", {"x": [("one", *BOX)], "y": [("cat", *BOX)]})
    write_voc(tmp_path / "second", {"x": [("two", *BOX)], "z": [("cat", *BOX)]}, seed=2)
    (tmp_path / "first/x.png").unlink()
    dataset = load(tmp_path)
    assert labels_by_place(dataset, tmp_path)["second/x.png"] == ("two",)
    assert dataset.findings.lines() == [
        "1 annotation of an image that has one already was dropped: first/x.xml: also second/x.xml"
    ]


def test_an_image_of_a_coco_split_belongs_to_the_file_of_the_split(tmp_path, load, write_image):
    for split in ("train", "val"):
        for number in range(3):
            write_image(tmp_path / f"{split}/{number}.png", seed=number + 10 * (split == "val"))
        content = {
            "images": [{"id": number, "file_name": f"{number}.png"} for number in range(3)],
            "annotations": [{"image_id": number, "category_id": 1, "bbox": [2, 3, 10, 10]} for number in range(3)],
            "categories": [{"id": 1, "name": f"cat of {split}"}],
        }
        (tmp_path / f"{split}.json").write_text(json.dumps(content))
    (tmp_path / "train/1.png").unlink()
    labels = labels_by_place(load(tmp_path), tmp_path)
    assert labels["val/1.png"] == ("cat of val",)
    assert sorted(labels) == ["train/0.png", "train/2.png", "val/0.png", "val/1.png", "val/2.png"]


def test_an_image_without_a_label_file_takes_none_of_another_split(tmp_path, load, write_image):
    for split, numbers in {"train": "01234", "val": "0123"}.items():
        for number in numbers:
            write_image(tmp_path / f"images/{split}/{number}.png", seed=int(number) + 10 * (split == "val"))
            file = tmp_path / f"labels/{split}/{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("0 0.5 0.5 0.5 0.5\n")
    (tmp_path / "labels/train/1.txt").unlink()
    (tmp_path / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [cat]\n")
    dataset = load(tmp_path)
    labels = labels_by_place(dataset, tmp_path)
    assert (labels["images/train/1.png"], labels["images/val/1.png"]) == ((), ("cat",))
    assert dataset.findings.lines() == [
        "1 image has no label file and was read as one without objects: images/train/1.png"
    ]


@pytest.mark.slow
def test_many_copies_need_little_memory(monkeypatch):
    """Each of many copies is paired with the next ones, whether few pairs are compared or all."""
    generator = np.random.default_rng(0)
    thumbnail = generator.integers(0, 256, (32, 34), np.uint8)
    count = MAX_PAIRS + 60
    other = generator.integers(0, 256, (32, 34), np.uint8)
    pairs = find_near_duplicates(np.stack([thumbnail] * count + [other]))
    expected = [
        (first, second) for first in range(count) for second in range(first + 1, min(first + MAX_PAIRS + 1, count))
    ]
    assert pairs.tolist() == [list(pair) for pair in expected]
    monkeypatch.setattr("plexus_vision.detection.near_duplicates._FEW_PAIRS", 10**6)
    assert find_near_duplicates(np.stack([thumbnail] * count + [other])).tolist() == pairs.tolist()
    monkeypatch.setattr("plexus_vision.detection.near_duplicates._BLOCK", 7 * count)
    assert find_near_duplicates(np.stack([thumbnail] * count + [other])).tolist() == pairs.tolist()
