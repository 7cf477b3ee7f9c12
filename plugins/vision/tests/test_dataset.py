"""Labelled images from folders, tables and arrays, and errors of unusable ones."""

import numpy as np
import pytest
from PIL import Image

from plexus import InputError
from plexus.plugins.registry import registry


def read(data, strict=False):
    task = registry().task("vision.classify")
    return task.load_dataset(task.options.parse({"data": str(data), "strict": strict}))


@pytest.fixture
def folder(tmp_path):
    """Two labels of ten images each."""
    generator = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for i in range(10):
            pixels = generator.integers(0, 256, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "set" / label / f"{i}.png")
    return tmp_path / "set"


def test_one_folder_per_label(folder):
    dataset = read(folder)
    assert set(dataset["train"].targets) == {"cat", "dog"}
    assert sum(dataset.count(split) for split in ("train", "val", "test")) == 20


def test_a_folder_with_splits(folder):
    for split in ("train", "test"):
        (folder / split).mkdir()
    for label in ("cat", "dog"):
        (folder / label).rename(folder / "train" / label)
        (folder / "test" / label).mkdir()
        for i in range(2):
            (folder / "train" / label / f"{i}.png").rename(folder / "test" / label / f"{i}.png")
    dataset = read(folder)
    assert dataset.count("test") == 4
    assert dataset.count("train") + dataset.count("val") == 16


@pytest.mark.parametrize("first", ["", "sep=,\n"])
def test_a_table_of_paths_and_labels(folder, first):
    rows = [f"{label}/{i}.png,{label}" for label in ("cat", "dog") for i in range(10)]
    (folder / "all.csv").write_text(first + "\n".join(["path,label", *rows]))
    dataset = read(folder / "all.csv")
    assert set(dataset["train"].targets) == {"cat", "dog"}
    assert dataset.findings.lines() == []


def test_unreadable_images_are_counted_named_and_dropped(folder):
    good = (folder / "cat/0.png").read_bytes()
    (folder / "cat/0.png").write_bytes(good[: len(good) // 2])
    (folder / "dog/3.png").write_text("not an image")
    dataset = read(folder)
    (line,) = dataset.findings.lines()
    assert line.startswith("2 images could not be read and were dropped: ")
    assert "cat/0.png" in line
    assert "dog/3.png" in line
    assert sum(dataset.count(split) for split in ("train", "val", "test")) == 18
    with pytest.raises(InputError, match=r"cat/0\.png is damaged"):
        read(folder, strict=True)


def test_an_empty_label(folder):
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="empty has no images"):
        read(folder)


def test_only_one_label(folder):
    for file in (folder / "dog").iterdir():
        file.unlink()
    (folder / "dog").rmdir()
    with pytest.raises(InputError, match="there is one label only, 'cat'"):
        read(folder)


def test_a_folder_without_labels(tmp_path):
    with pytest.raises(InputError, match="expected one sub-folder per label"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("picture_of,label\na.png,x\n", "no column is named path or file; there are picture_of, label"),
        ("path,label\na.png,\n", "line 2: path and label must both have a value"),
        ("path,label,split\na.png,x,tset\n", "line 2: split 'tset' is none of train, val, test"),
        ("path,label\n", "has no rows"),
    ],
)
def test_invalid_tables(tmp_path, text, reason):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=reason):
        read(tmp_path / "a.csv")


def test_arrays_that_are_not_images(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 5)), y=np.arange(4))
    with pytest.raises(InputError, match=r"expected images of shape .* got shape \(4, 5\)"):
        read(tmp_path / "a.npz")


def test_arrays_without_labels(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 5, 5)))
    with pytest.raises(InputError, match="the train split has no labels"):
        read(tmp_path / "a.npz")


def test_embedded_digits():
    dataset = read("digits")
    assert dataset["train"].inputs.shape[1:] == (8, 8, 1)
    assert dataset["train"].inputs.max() == 255
    assert sum(dataset.count(split) for split in ("train", "val", "test")) == 1797


@pytest.mark.slow
@pytest.mark.data
def test_the_named_sets():
    assert read("mnist")["test"].inputs.shape == (10_000, 28, 28, 1)
    assert "Ankle boot" in read("fashion_mnist")["train"].targets
    cifar = read("cifar10")
    assert sum(cifar.count(split) for split in ("train", "val", "test")) == 10_000
    assert "frog" in cifar["train"].targets


@pytest.mark.data
def test_real_files_in_other_layouts():
    import os
    from pathlib import Path

    root = Path(os.environ["PLEXUS_DATA"])
    assert read(root / "usps/usps.h5")["test"].inputs.shape == (2007, 16, 16, 1)
    assert set(read(root / "pneumoniamnist/pneumoniamnist_train_val.npz")["val"].targets) == {"0", "1"}
