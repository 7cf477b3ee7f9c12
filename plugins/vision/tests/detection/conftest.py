"""Fixtures that write and read small data sets of boxes."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plexus_vision.detection.dataset import load_dataset
from plexus_vision.detection.options import DetectOptions
from plexus_vision.detection.task import Detect


def _load(path, strict=False, seed=0):
    return load_dataset(Path(path), DetectOptions.parse({"data": str(path), "strict": strict, "seed": seed}))


def _write_image(file, width=40, height=30, seed=None, **save):
    """Write an image of random patches: no two are near duplicates."""
    file.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(zlib.crc32(file.stem.encode()) if seed is None else seed)
    patches = Image.fromarray(generator.integers(0, 256, (10, 10, 3), np.uint8))
    patches.resize((width, height), Image.Resampling.BICUBIC).save(file, **save)
    return file


def _voc_xml(*boxes, size=(40, 30), filename="elsewhere.jpg"):
    """Return an annotation; a box is a label, four corners, and optionally whether it is difficult."""
    objects = "".join(
        f"<object><name>{label}</name><difficult>{int(bool(difficult))}</difficult><bndbox><xmin>{left}</xmin>"
        f"<ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>"
        for label, left, top, right, bottom, *difficult in boxes
    )
    width, height = size
    return (
        f"<annotation><filename>{filename}</filename><size><width>{width}</width><height>{height}</height>"
        f"<depth>3</depth></size>{objects}</annotation>"
    )


def _write_voc(folder, images, **write):
    """Write images and annotations side by side, by name: the text of an XML file, or boxes."""
    for name, content in images.items():
        _write_image(folder / f"{name}.png", **write)
        (folder / f"{name}.xml").write_text(content if isinstance(content, str) else _voc_xml(*content))
    return folder


def _by_name(dataset):
    """Return labels and boxes of all images by the names of their files."""
    return {
        image.name: list(zip(target.labels, target.boxes.tolist(), strict=True))
        for split in dataset.splits.values()
        for image, target in zip(split.inputs, split.targets, strict=True)
    }


@pytest.fixture
def load():
    """Reads a data set."""
    return _load


@pytest.fixture
def fit():
    """Fits the codec of a training."""
    return lambda dataset: Detect("vision.detect").fit_codec(dataset, DetectOptions.parse({"data": "images"}))


@pytest.fixture
def write_image():
    """Writes an image."""
    return _write_image


@pytest.fixture
def voc_xml():
    """Returns the text of an annotation."""
    return _voc_xml


@pytest.fixture
def write_voc():
    """Writes a folder of images and annotations."""
    return _write_voc


@pytest.fixture
def by_name():
    """Returns the boxes of all images by name."""
    return _by_name
