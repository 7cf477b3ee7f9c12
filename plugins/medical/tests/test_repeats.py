"""Images that occur more than once."""

import numpy as np
import pytest

from plexus import InputError
from plexus.data.examples import split_counts


@pytest.fixture
def splits(tmp_path, save_png, grey):
    """A function that writes images by split as `number: label`, and names each file `split-number`."""

    def write(**parts):
        for split, labels in parts.items():
            for place, (number, label) in enumerate(labels):
                save_png(tmp_path / "set" / split / label / f"{split}-{place}.png", grey(number))
        return tmp_path / "set"

    return write


def alternating(numbers):
    return [(number, ("normal", "ill")[number % 2]) for number in numbers]


def test_repeats_within_training(splits, read):
    dataset = read(
        splits(train=[*alternating(range(30)), (0, "normal"), (0, "normal")], test=alternating(range(50, 60)))
    )
    assert split_counts(dataset) == {"train": 30, "test": 10}
    line = dataset.findings.lines()[0]
    assert line.startswith("2 training images repeat others pixel by pixel and were dropped: ")
    assert "normal/train-30.png = " in line


def test_two_labels_of_one_image(splits, read):
    train = [*alternating(range(30)), (0, "ill"), (1, "normal"), (1, "normal")]
    dataset = read(splits(train=train, test=alternating(range(50, 60))))
    assert split_counts(dataset) == {"train": 28, "test": 10}
    line = dataset.findings.lines()[0]
    assert line.startswith("2 images occur with both labels and were dropped, with all their repeats: ")
    assert "(ill and normal)" in line
    assert line.count("train-") == 5
    with pytest.raises(InputError, match=r"\(ill and normal\) \(--strict\)"):
        read(splits(train=train), strict=True)


def test_training_images_of_the_test_split(splits, read):
    train = alternating(range(30))
    dataset = read(splits(train=train, val=alternating(range(28, 36)), test=[(0, "ill"), *alternating(range(34, 44))]))
    lines = dataset.findings.lines()
    assert any(
        line.startswith("3 training images are in the official test split, too, and were dropped: ") for line in lines
    )
    assert any(line.startswith("2 validation images repeat training images pixel by pixel") for line in lines)
    assert split_counts(dataset) == {"train": 29 + 4, "test": 11}


def test_the_official_test_split_stays(splits, read):
    dataset = read(splits(train=alternating(range(30)), test=[*alternating(range(40, 50)), (40, "normal")]))
    assert split_counts(dataset) == {"train": 30, "test": 11}
    assert any(
        line.startswith("1 image of the official test split repeats another one of it: ")
        for line in dataset.findings.lines()
    )


def test_dicom_and_png_with_the_same_pixels(tmp_path, splits, read, write_dicom, grey):
    data = splits(train=alternating(range(30)))
    write_dicom(data / "train" / "normal" / "again.dcm", grey(2))
    line = read(data).findings.lines()[0]
    assert line.startswith("1 training image repeats another one pixel by pixel and was dropped: ")
    assert "again.dcm" in line


def test_patients_who_share_an_image_are_one(tmp_path, read, save_png, grey):
    rows = ["path,label,patient"]
    for number in range(40):
        pixels = 0 if number in {0, 39} else number
        save_png(tmp_path / f"{number}.png", grey(pixels))
        rows.append(f"{number}.png,{'ill' if number // 2 % 2 and number != 39 else 'normal'},p{number // 2}")
    (tmp_path / "a.csv").write_text("\n".join(rows))
    dataset = read(tmp_path / "a.csv", positive="ill")
    whole = dataset["unseen"]
    numbers = {file.stem: patient for file, patient in zip(whole.inputs, whole.patients.tolist(), strict=True)}
    assert "39" not in numbers
    assert numbers["0"] == numbers["1"] == numbers["38"]
    assert len(set(numbers.values())) == 19


def test_images_of_other_sizes_are_no_repeats(tmp_path, read, save_png, grey):
    for number in range(20):
        label = ("normal", "ill")[number % 2]
        save_png(tmp_path / "set" / label / f"{number}.png", grey(number))
    save_png(tmp_path / "set/normal/blank.png", np.zeros((8, 8), np.uint8))
    save_png(tmp_path / "set/normal/blank2.png", np.zeros((4, 16), np.uint8))
    assert read(tmp_path / "set").count("unseen") == 22
