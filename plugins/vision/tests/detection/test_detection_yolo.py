"""YOLO: names, numbers and lists that are unusual."""

import pytest

LABELS = "0 0.5 0.5 0.5 0.5\n"
MIDDLE = [10.0, 7.5, 30.0, 22.5]


@pytest.fixture
def write(tmp_path, write_image):
    """Writes images, label files by number, and the file of classes; returns the folder."""

    def write(text, labels=None, name="data.yaml", count=4):
        for number in range(count):
            write_image(tmp_path / f"images/{number}.png", seed=number)
            file = tmp_path / f"labels/{number}.txt"
            file.parent.mkdir(exist_ok=True)
            file.write_text((labels or {}).get(number, LABELS))
        (tmp_path / name).write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize("text", ["names: [on, off]", "names: {0: on, 1: off}", "names: {'0': on, '1': off}"])
def test_names_are_text(write, text, load, by_name):
    boxes = by_name(load(write(text, {1: "1 0.5 0.5 0.5 0.5\n"}), strict=True))
    assert (boxes["0.png"], boxes["1.png"]) == ([("on", MIDDLE)], [("off", MIDDLE)])


def test_a_blank_line_of_classes_has_a_number(write, load, by_name):
    folder = write("cat\n\ndog\n", {0: "2 0.5 0.5 0.5 0.5\n1 0.5 0.5 0.5 0.5\n"}, name="classes.txt")
    dataset = load(folder)
    assert by_name(dataset)["0.png"] == [("dog", MIDDLE)]
    assert dataset.findings.lines() == [
        "1 line of a label file could not be read and was dropped: labels/0.txt, line 2: no class has the number 1"
    ]


def test_the_number_of_a_class_is_whole(write, load, by_name):
    lines = "1.0 0.5 0.5 0.5 0.5\n0.7 0.5 0.5 0.5 0.5\n-0.5 0.5 0.5 0.5 0.5\n1e300 0.5 0.5 0.5 0.5\n"
    dataset = load(write("names: [cat, dog]", {0: lines}))
    assert by_name(dataset)["0.png"] == [("dog", MIDDLE)]
    assert dataset.findings.lines() == [
        "3 lines of label files could not be read and were dropped: labels/0.txt, line 2: no class has the number 0.7; "
        "labels/0.txt, line 3: no class has the number -0.5; labels/0.txt, line 4: no class has the number 1e300"
    ]


def test_key_points_are_no_polygon(write, load, by_name):
    lines = dict.fromkeys(range(4), "0 0.5 0.5 0.5 0.5 0.9 0.9 0.05 0.05\n")
    dataset = load(write("kpt_shape: [2, 2]\nnames: [cat]", lines), strict=True)
    assert by_name(dataset)["0.png"] == [("cat", MIDDLE)]


def test_one_folder_for_two_splits(write, load, fit):
    dataset = load(write("train: images\nval: images\nnames: [cat]"))
    assert [dataset.count(split) for split in ("train", "val", "test")] == [2, 1, 1]
    (line,) = dataset.findings.lines()
    assert line.startswith("4 images are in two splits and were used in one: images/0.png in train and val; ")
    assert fit(dataset).labels == ["cat"]


def test_an_image_of_two_lists_is_held_out(write, load, by_name):
    folder = write("train: train.txt\nval: val.txt\nnames: [cat]")
    (folder / "train.txt").write_text("images/0.png\nimages/1.png\nimages/2.png\n")
    (folder / "val.txt").write_text("images/2.png\nimages/3.png\n")
    dataset = load(folder)
    assert [image.name for image in dataset["val"].inputs] == ["2.png", "3.png"]
    assert dataset.findings.lines() == ["1 image is in two splits and was used in one: images/2.png in val and train"]


def test_the_folder_of_a_split_that_is_not_there_is_no_other_one(tmp_path, load, write_image):
    for number in range(4):
        write_image(tmp_path / f"train/images/{number}.png", seed=number)
        (tmp_path / "train/labels").mkdir(exist_ok=True)
        (tmp_path / f"train/labels/{number}.txt").write_text(LABELS)
    (tmp_path / "data.yaml").write_text("train: ../train/images\nval: ../valid/images\ntest: no.txt\nnames: [cat]\n")
    dataset = load(tmp_path)
    assert [dataset.count(split) for split in ("train", "val", "test")] == [2, 1, 1]
    assert dataset.findings.lines() == [
        "2 folders or lists of splits have no images here and were left out: data.yaml, val: ../valid/images; "
        "data.yaml, test: no.txt"
    ]


def test_a_label_file_without_an_image(write, load):
    folder = write("names: [cat]")
    (folder / "labels/ghost.txt").write_text(LABELS)
    (folder / "labels/notes.txt").write_text("drawn by hand\n")
    (folder / "labels/empty.txt").write_text("")
    assert load(folder).findings.lines() == ["1 label file belongs to no image and was dropped: labels/ghost.txt"]


def test_a_bad_box_is_named_with_its_line(write, load):
    dataset = load(write("names: [cat]", {0: f"{LABELS}\n0 1.5 0.5 0.2 0.2\n"}))
    assert dataset.findings.lines() == [
        "1 box lies outside its image and was dropped: labels/0.txt, line 3: cat 1.4, 0.4, 1.6, 0.6"
    ]


def test_names_that_refer_to_each_other_many_times(write, load):
    text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for name, previous in zip("bcdefghij", "abcdefghi", strict=True):
        text += f"{name}: &{name} [{', '.join([f'*{previous}'] * 9)}]\n"
    folder = write(text + "names: [cat, *j]\n")
    assert load(folder, strict=True).count("unseen") == 4
