"""Images with boxes from Pascal VOC, COCO, YOLO, tables, archives and named data sets."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from plexus import InputError
from plexus_vision.detection.dataset import load_dataset
from plexus_vision.detection.datasets import BCCD, DRAWN_SHAPES
from plexus_vision.detection.options import DetectOptions

HAS_BCCD = (Path(os.environ.get("PLEXUS_DATA", "/nowhere")) / "bccd").is_dir()
CAT, DOG = ("cat", [2.0, 3.0, 12.0, 13.0]), ("dog", [20.0, 5.0, 40.0, 30.0])


@pytest.fixture
def voc(tmp_path, write_image, voc_xml):
    """`VOCdevkit/VOC2007` with four listed images; coordinates count from 1."""
    folder = tmp_path / "VOCdevkit/VOC2007"
    (folder / "Annotations").mkdir(parents=True)
    (folder / "ImageSets/Main").mkdir(parents=True)
    for name in ("a", "b", "c", "d"):
        write_image(folder / f"JPEGImages/{name}.JPG")
        xml = voc_xml(("cat", 3, 4, 12, 13), ("dog", 21, 6, 40, 30, True))
        (folder / f"Annotations/{name}.xml").write_text(xml)
    for split, names in {"train": "a\nb\n", "val": "c  1\n", "trainval": "a\nb\nc\n", "test": "d\n"}.items():
        (folder / f"ImageSets/Main/{split}.txt").write_text(names)
    (folder / "ImageSets/Main/cat_train.txt").write_text("d 1\n")
    return folder


def test_voc_with_lists(voc, tmp_path, load, by_name):
    dataset = load(tmp_path)
    assert [[image.name for image in dataset[split].inputs] for split in ("train", "val", "test")] == [
        ["a.JPG", "b.JPG"], ["c.JPG"], ["d.JPG"],
    ]  # fmt: skip
    assert set(map(str, by_name(dataset).values())) == {str([CAT, DOG])}
    target = dataset["test"].targets[0]
    assert target.boxes.dtype == np.float32
    assert target.difficult.tolist() == [False, True]
    assert dataset.findings.lines() == []
    assert dataset.licence == "not stated"


def test_voc_lists_of_train_and_test_only(voc, tmp_path, load):
    for name in ("train", "val"):
        (voc / f"ImageSets/Main/{name}.txt").unlink()
    dataset = load(tmp_path)
    assert (dataset.count("train"), dataset.count("val"), dataset.count("test")) == (2, 1, 1)
    assert [image.name for image in dataset["test"].inputs] == ["d.JPG"]


def test_voc_lists_that_do_not_fit(voc, tmp_path, load):
    (voc / "ImageSets/Main/train.txt").write_text("a\nd\nghost\n")
    dataset = load(tmp_path)
    assert [image.name for image in dataset["train"].inputs] == ["a.JPG", "b.JPG"]  # b is in trainval
    assert [image.name for image in dataset["test"].inputs] == ["d.JPG"]
    assert dataset.findings.lines() == [
        "1 image is in the lists of two splits and was used in one: d in test and train",
        "1 image of a list has no annotation and was left out: VOCdevkit/VOC2007: ghost",
    ]


def test_names_in_lists_that_end_like_a_flag(tmp_path, load, write_voc):
    folder = tmp_path / "ImageSets/Main"
    folder.mkdir(parents=True)
    write_voc(tmp_path / "Annotations", {f"cell {number}": [("cat", 3, 4, 12, 13)] for number in range(4)})
    (folder / "train.txt").write_text("cell 0\ncell 1\n")
    (folder / "test.txt").write_text("cell 2\ncell 3 -1\n")
    dataset = load(tmp_path, strict=True)
    assert sorted(image.stem for image in dataset["test"].inputs) == ["cell 2", "cell 3"]
    assert dataset.findings.lines() == []


def test_an_image_in_no_list_is_left_out(voc, tmp_path, load):
    (voc / "ImageSets/Main/test.txt").write_text("")
    assert load(tmp_path).findings.lines() == [
        "1 image has no annotation, or is in no split, and was left out: VOCdevkit/VOC2007/JPEGImages/d.JPG"
    ]


def test_voc_that_counts_from_zero(tmp_path, load, write_voc, by_name):
    boxes = {"a": [("cat", 0, 4, 12, 13)], "b": [("cat", 3, 4, 12, 13)], "c": []}
    assert by_name(load(write_voc(tmp_path, boxes))) == {
        "a.png": [("cat", [0, 4, 12, 13])], "b.png": [("cat", [3, 4, 12, 13])], "c.png": [],
    }  # fmt: skip


def test_voc_in_folders_of_splits(tmp_path, load, write_voc):
    for split, names in {"train": "ab", "valid": "c", "test": "d"}.items():
        write_voc(tmp_path / split, {name: [("cat", 3, 4, 12, 13)] for name in names})
    dataset = load(tmp_path)
    assert [dataset.count(split) for split in ("train", "val", "test")] == [2, 1, 1]


@pytest.fixture
def coco(tmp_path, write_image):
    """Images in `train2017` and `val2017`, of which two have the same name."""
    for split, names in {"train2017": ("1", "2", "3", "4"), "val2017": ("1",)}.items():
        for name in names:
            write_image(tmp_path / split / f"{name}.png", seed=hash((split == "val2017", int(name))) % 2**31)
        content = {
            "images": [
                {"id": 100 + int(name), "file_name": f"{name}.png", "width": 40, "height": 30} for name in names
            ],
            "annotations": [
                {"id": 1, "image_id": 101, "category_id": 17, "bbox": [2, 3, 10, 10], "iscrowd": 0},
                {"id": 2, "image_id": 101, "category_id": 90, "bbox": [20, 5, 20, 25], "iscrowd": 1},
            ],
            "categories": [{"id": 90, "name": "dog"}, {"id": 17, "name": "cat"}, {"id": 0, "name": "animals"}],
        }
        (tmp_path / "annotations").mkdir(exist_ok=True)
        (tmp_path / f"annotations/instances_{split}.json").write_text(json.dumps(content))
    captions = {"images": [], "annotations": [{"image_id": 101, "caption": "a cat"}]}
    (tmp_path / "annotations/captions_train2017.json").write_text(json.dumps(captions))
    return tmp_path


def test_coco(coco, load, by_name):
    dataset = load(coco)
    assert [image.relative_to(coco).as_posix() for image in dataset["val"].inputs] == ["val2017/1.png"]
    assert dataset.count("train") + dataset.count("test") == 4
    assert by_name(dataset)["1.png"] == [CAT, DOG]
    assert by_name(dataset)["2.png"] == []
    assert dataset["val"].targets[0].difficult.tolist() == [False, True]
    assert dataset.findings.lines() == []


def test_one_coco_file(coco, load):
    dataset = load(coco / "annotations/instances_train2017.json")
    assert sum(map(len, dataset.splits.values())) == 4
    assert all(image.parent.name == "train2017" for split in dataset.splits.values() for image in split.inputs)


def test_coco_entries_that_fit_nothing(coco, load):
    file = coco / "annotations/instances_train2017.json"
    content = json.loads(file.read_text())
    content["annotations"] += [
        {"image_id": 999, "category_id": 17, "bbox": [1, 1, 5, 5]},
        {"image_id": 102, "category_id": 5, "bbox": [1, 1, 5, 5]},
        {"image_id": [1], "category_id": 17, "bbox": [1, 1, 5, 5]},
        {"image_id": 102, "category_id": 17, "bbox": "1 1 5 5"},
        "text",
    ]
    content["images"] += [{"id": 7}, {"id": 8, "file_name": "../../../../etc/passwd"}]
    file.write_text(json.dumps(content))
    dataset = load(coco)
    assert sum(map(len, dataset.splits.values())) == 5
    unusable, *others = dataset.findings.lines()
    assert unusable.startswith("5 entries of COCO files could not be used: ")
    no_number, missing = sorted(others, key=len)
    assert no_number.endswith("instances_train2017.json, 2.png: cat nan, nan, nan, nan")
    assert missing.startswith("1 image is missing or could not be read and was dropped: ")
    assert "etc/passwd" in missing
    assert "there is no such file" in missing


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_a_json_that_is_none(coco, text, load):
    (coco / "annotations/instances_train2017.json").write_text(text)
    with pytest.raises(InputError, match=r"instances_train2017\.json is no JSON"):
        load(coco)


@pytest.fixture
def yolo(tmp_path, write_image):
    """The layout of Roboflow: the paths of `data.yaml` begin with a folder that is not there."""
    for split, names in {"train": "abc", "valid": "d", "test": "e"}.items():
        for name in names:
            write_image(tmp_path / split / f"images/{name}.png")
            labels = tmp_path / split / f"labels/{name}.txt"
            labels.parent.mkdir(exist_ok=True)
            labels.write_text("1 0.175 0.26666667 0.25 0.33333333\n0 0.5 0.16666667 1 0.5 1 1 0.5 1\n\n")
    (tmp_path / "test/labels/e.txt").write_text("")
    (tmp_path / "train/labels/c.txt").unlink()
    (tmp_path / "data.yaml").write_text(
        "train: ../train/images\nval: /content/data/valid/images\ntest: ../test/images\nnc: 2\nnames: [dog, cat]\n"
    )
    return tmp_path


@pytest.mark.parametrize("name", ["", "data.yaml"])
def test_yolo(yolo, name, load, by_name):
    dataset = load(yolo / name)
    assert [dataset.count(split) for split in ("train", "val", "test")] == [3, 1, 1]
    boxes = by_name(dataset)
    assert [label for label, _ in boxes["d.png"]] == ["cat", "dog"]
    np.testing.assert_allclose([box for _, box in boxes["d.png"]], [CAT[1], DOG[1]], atol=1e-4)
    assert boxes["e.png"] == boxes["c.png"] == []
    assert dataset.findings.lines() == [
        "1 image has no label file and was read as one without objects: train/images/c.png"
    ]


def test_yolo_with_a_list_of_classes(tmp_path, load, write_image, by_name):
    for split, names in {"train": "ab", "val": "a"}.items():
        for number, name in enumerate(names):
            write_image(tmp_path / f"images/{split}/{name}.png", seed=number + 10 * (split == "val"))
            file = tmp_path / f"labels/{split}/{name}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("0 0.5 0.5 0.5 0.5\n" if split == "val" else "1 0.5 0.5 0.5 0.5 0.9\n")
    (tmp_path / "labels/classes.txt").write_text("left arm\nright arm\n")
    dataset = load(tmp_path)
    assert by_name(dataset)["b.png"] == [("right arm", [10.0, 7.5, 30.0, 22.5])]
    assert dataset["val"].targets[0].labels == ("left arm",)


def test_yolo_lines_that_cannot_be_read(yolo, load):
    (yolo / "valid/labels/d.txt").write_text("0 0.5 0.5 0.5 0.5\n7 0.5 0.5 0.5 0.5\n0 0.5 0.5\nx y\n")
    (line,) = (line for line in load(yolo).findings.lines() if "label files" in line)
    assert line == (
        "3 lines of label files could not be read and were dropped: valid/labels/d.txt, line 2: no class has the "
        "number 7; valid/labels/d.txt, line 3: 3 columns; expected class, centre, width and height, or a polygon; "
        "valid/labels/d.txt, line 4: no class has the number x"
    )


def test_a_label_file_that_is_no_text(yolo, load, by_name):
    (yolo / "train/labels/a.txt").write_bytes(b"0 0.5\0")
    dataset = load(yolo)
    assert set(by_name(dataset)) == {"b.png", "c.png", "d.png", "e.png"}
    (line,) = (line for line in dataset.findings.lines() if "label file could not be read" in line)
    assert line.startswith("1 label file could not be read and its image was dropped: ")
    assert "a.txt is not text" in line


def test_a_yaml_that_is_none(yolo, load):
    (yolo / "data.yaml").write_text("names: [a\n")
    with pytest.raises(InputError, match=r"data\.yaml is no YAML"):
        load(yolo)


@pytest.mark.parametrize(
    "text",
    [
        "filename,width,height,class,xmin,ymin,xmax,ymax\na.png,40,30,cat,2,3,12,13\na.png,40,30,dog,20,5,40,30\n",
        "label;path;x1;y1;x2;y2\ncat;images/a.png;2;3;12;13\ndog;images/a.png;20;5;40;30\n",
        "image,label,left,top,right,bottom\na.png,cat,0.05,0.1,0.3,0.433333333\na.png,dog,0.5,0.166666667,1,1\n",
    ],
)
def test_a_table_of_boxes(tmp_path, text, load, write_image, by_name):
    for name in "abc":
        write_image(tmp_path / f"images/{name}.png")
    separator = ";" if ";" in text else ","
    columns = text.splitlines()[0].split(separator)
    path = next(name for name in columns if name in {"filename", "path", "image"})
    text += "".join(
        separator.join(f"{name}.png" if column == path else "" for column in columns) + "\n" for name in "bc"
    )
    (tmp_path / "boxes.csv").write_text(text)
    for place in (tmp_path, tmp_path / "boxes.csv"):
        boxes = by_name(load(place))
        assert [label for label, _ in boxes["a.png"]] == ["cat", "dog"]
        np.testing.assert_allclose([box for _, box in boxes["a.png"]], [CAT[1], DOG[1]], atol=1e-4)
        assert boxes["b.png"] == boxes["c.png"] == []


@pytest.mark.parametrize(
    ("corners", "boxes", "line"),
    [
        ("2,5;3;12,25;13", [[2.5, 3, 12.25, 13]], "1 table has decimal commas: boxes.csv"),
        ("0,1;0,2;0,75;0,6", [[4, 6, 30, 18]], "1 table has decimal commas: boxes.csv"),
        ("2;3;1,234;13", [], "3 boxes have a coordinate that is no number and were dropped: boxes.csv, line 2: cat"),
        ("0.1;0.2;1.0001;0.6", [[4, 6, 40, 18]], "1 annotation file has fractions of the image's sides instead of "),
    ],
)  # fmt: skip
def test_numbers_of_a_table(tmp_path, corners, boxes, line, load, write_image, by_name):
    rows = "label;path;x1;y1;x2;y2\n"
    for name in "abc":
        write_image(tmp_path / f"{name}.png")
        rows += f"cat;{name}.png;{corners}\n"
    if not boxes:
        write_image(tmp_path / "d.png")
        rows += "cat;d.png;2;3;12;13\n"
    (tmp_path / "boxes.csv").write_text(rows)
    dataset = load(tmp_path)
    assert [box for _, box in by_name(dataset)["a.png"]] == [pytest.approx(box, abs=1e-4) for box in boxes]
    assert dataset.findings.lines()[0].startswith(line)


def test_the_columns_of_another_table_are_named(tmp_path, load, write_image):
    write_image(tmp_path / "a.png")
    (tmp_path / "boxes.csv").write_text("image,label,x,y,w,h\na.png,cat,2,3,12,13\n")
    with pytest.raises(InputError, match=r"boxes\.csv has no column xmin, ymin, xmax, ymax, but image, label, x,"):
        load(tmp_path)


def test_a_bad_box_of_a_table_is_named_with_its_line(tmp_path, load, write_image):
    rows = ["path,label,xmin,ymin,xmax,ymax", *(f"{name}.png,cat,2,3,12,13" for name in "abc"), "a.png,cat,20,,30,13"]
    for name in "abc":
        write_image(tmp_path / f"{name}.png")
    (tmp_path / "boxes.csv").write_text("\n".join(rows))
    assert load(tmp_path).findings.lines() == [
        "1 box has a coordinate that is no number and was dropped: boxes.csv, line 5: cat 20, nan, 30, 13"
    ]


def test_a_table_with_splits(tmp_path, load, write_image):
    rows = ["path\tlabel\txmin\tymin\txmax\tymax\tsplit"]
    for name, split in zip("abcd", ("train", "training", "dev", "test"), strict=True):
        write_image(tmp_path / f"{name}.png")
        rows.append(f"{name}.png\tcat\t2\t3\t12\t13\t{split}")
    (tmp_path / "boxes.tsv").write_text("\n".join([*rows, "\tcat\t1\t1\t2\t2\ttrain"]))
    dataset = load(tmp_path / "boxes.tsv")
    assert [dataset.count(split) for split in ("train", "val", "test")] == [2, 1, 1]
    assert dataset.findings.lines() == ["1 row names no image and was dropped: boxes.tsv, line 6 names no image"]


@pytest.mark.parametrize("suffix", ["zip", "gztar"])
def test_an_archive(voc, tmp_path, suffix, monkeypatch, load, by_name):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path / "cache"))
    archive = shutil.make_archive(str(tmp_path / "set"), suffix, voc.parent.parent, "VOCdevkit")
    dataset = load(archive)
    assert [dataset.count(split) for split in ("train", "val", "test")] == [2, 1, 1]
    assert by_name(dataset)["a.JPG"] == [CAT, DOG]


def test_an_image_with_rows_of_two_splits(tmp_path, load, write_image, by_name):
    rows = [f"{name}.png,cat,2,3,12,13,{split}" for name, split in {"a": "train", "b": "val", "c": "test"}.items()]
    rows.append("a.png,cat,9,9,20,20,test")
    for name in "abc":
        write_image(tmp_path / f"{name}.png")
    (tmp_path / "boxes.csv").write_text("\n".join(["path,label,xmin,ymin,xmax,ymax,split", *rows]))
    dataset = load(tmp_path)
    assert [image.name for image in dataset["train"].inputs] == ["a.png"]
    assert [box for _, box in by_name(dataset)["a.png"]] == [[2, 3, 12, 13], [9, 9, 20, 20]]
    assert dataset.findings.lines() == [
        "1 image has rows of two splits and was used in that of the first: boxes.csv, line 5: a.png in test instead of "
        "train"
    ]


def test_xml_files_next_to_a_coco_file_are_named(coco, load, voc_xml):
    (coco / "train2017/1.xml").write_text(voc_xml(("cat", 3, 4, 12, 13)))
    assert load(coco, strict=True).findings.lines() == [
        "1 XML file was not read, as there are annotations in COCO format: train2017/1.xml"
    ]


def test_no_annotations(tmp_path, load, write_image):
    write_image(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"has no annotations of boxes: expected Pascal VOC \(\.xml\), COCO"):
        load(tmp_path)


def test_a_file_of_another_kind(tmp_path, load, write_image):
    file = write_image(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png: expected a folder or an archive of images with Pascal VOC"):
        load(file)


def test_splits_are_stratified_disjoint_and_reproducible(tmp_path, load, write_voc):
    boxes = [("cat", 3, 4, 12, 13)]
    rare = [*boxes, ("dog", 21, 6, 39, 29)]
    write_voc(tmp_path, {f"i{number}": [*(rare if number < 4 else boxes)] for number in range(40)})
    first, second, other = load(tmp_path), load(tmp_path), load(tmp_path, seed=1)
    names = {split: [image.name for image in examples.inputs] for split, examples in first.splits.items()}
    assert {split: len(set(images)) for split, images in names.items()} == {"train": 30, "val": 4, "test": 6}
    assert len(set().union(*names.values())) == 40
    assert any("dog" in target.labels for target in first["test"].targets)
    assert [image.name for image in second["test"].inputs] == names["test"]
    assert [image.name for image in other["test"].inputs] != names["test"]
    assert first.count("unseen") == 40
    assert first.fingerprint == second.fingerprint


def test_copies_of_an_image_are_in_one_split(tmp_path, load, write_image, write_voc):
    write_voc(tmp_path, {f"i{number}": [("cat", 3, 4, 12, 13)] for number in range(20)})
    for number in range(6):
        write_image(tmp_path / f"i{number}.png", seed=5 + number // 2)
    for seed in range(5):
        splits = load(tmp_path, seed=seed).splits
        split_of = {image.stem: split for split, examples in splits.items() for image in examples.inputs}
        assert all(split_of[f"i{number}"] == split_of[f"i{number + 1}"] for number in (0, 2, 4))


def test_frames_of_one_video_are_divided(tmp_path, load, write_voc):
    write_voc(tmp_path, {f"i{number}": [("cat", 3, 4, 12, 13)] for number in range(20)}, seed=1)
    assert {split: len(examples) for split, examples in load(tmp_path).splits.items()} == {
        "train": 15, "val": 2, "test": 3,
    }  # fmt: skip


@pytest.mark.parametrize(("labels", "test"), [(["cat", "cat"], 1), (["cat"], 0), (["cat", "dog", "bird"], 0)])
def test_too_few_images_for_three_splits(tmp_path, labels, test, load, fit, write_voc):
    write_voc(tmp_path, {f"i{number}": [(label, 3, 4, 12, 13)] for number, label in enumerate(labels)})
    dataset = load(tmp_path)
    assert (dataset.count("unseen"), dataset.count("test"), dataset.count("val")) == (len(labels), test, 0)
    with pytest.raises(InputError, match="too few images for a val split: expected 3 or more with boxes of each label"):
        fit(dataset)


@pytest.mark.slow
@pytest.mark.skipif(not HAS_BCCD, reason="bccd is not in PLEXUS_DATA")
def test_bccd():
    dataset = load_dataset(BCCD, DetectOptions.parse({"data": "bccd"}))
    assert [dataset.count(split) for split in ("train", "val", "test")] == [205, 87, 72]
    labels = [label for split in dataset.splits.values() for target in split.targets for label in target.labels]
    assert {label: labels.count(label) for label in set(labels)} == {"RBC": 4153, "WBC": 372, "Platelets": 361}
    (line,) = (line for line in dataset.findings.lines() if "zero area" in line)
    assert line.startswith("2 boxes have zero area and were dropped: ")
    assert "BloodImage_00338.xml: RBC 504, 337, 504, 337" in line
    assert "BloodImage_00343.xml: RBC 181, 329, 181, 329" in line


def test_drawn_shapes():
    dataset = load_dataset(DRAWN_SHAPES, DetectOptions.parse({"data": "drawn_shapes"}))
    assert [dataset["train"].inputs.shape, dataset.count("val"), dataset.count("test")] == [(960, 128, 128, 3), 40, 60]
    assert {label for target in dataset["test"].targets for label in target.labels} == {"circle", "square", "triangle"}
    assert min(map(len, dataset["train"].targets)) == 0
    assert max(map(len, dataset["train"].targets)) == 8
    boxes = np.concatenate([target.boxes for target in dataset["train"].targets])
    assert boxes.min() >= 0
    assert boxes.max() <= 128
