"""Checks of images with boxes that change nothing, their figure, and drawn shapes."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plexus.data.images import read_image
from plexus_vision.detection.box_sizes import draw_box_sizes
from plexus_vision.detection.boxes import iou_matrix
from plexus_vision.detection.data_check import check_boxes, duplicate_boxes
from plexus_vision.detection.dataset import load_dataset
from plexus_vision.detection.datasets import BCCD
from plexus_vision.detection.drawn_shapes import draw_image
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.near_duplicates import find_near_duplicates, summarize_images
from plexus_vision.detection.options import DetectOptions

HAS_BCCD = (Path(os.environ.get("PLEXUS_DATA", "/nowhere")) / "bccd").is_dir()


@pytest.mark.slow
@pytest.mark.skipif(not HAS_BCCD, reason="bccd is not in PLEXUS_DATA")
def test_bccd():
    lines = check_boxes(load_dataset(BCCD, DetectOptions.parse({"data": "bccd"}))).lines()
    assert lines[0] == (
        "1 pair of near-duplicate images is in two splits: BloodImage_00038.jpg (train) and BloodImage_00037.jpg (val)"
    )
    assert lines[1].startswith("7 pairs of boxes of one label overlap with an IoU above 0.9")
    assert len(lines) == 2


def test_a_copy_in_another_split_few_boxes_and_duplicate_boxes(tmp_path, load, write_voc):
    cat = ("cat", 1, 2, 10, 12)
    write_voc(tmp_path / "train", {f"i{number}": [cat] for number in range(30)})
    write_voc(tmp_path / "test", {"x": [cat, ("dog", 1, 1, 30, 30), ("dog", 1, 1, 30, 29)], "y": [cat]})
    with Image.open(tmp_path / "train/i3.png") as image:
        image.resize((80, 60)).convert("RGB").save(tmp_path / "test/y.jpg", quality=40)
    (tmp_path / "test/y.png").unlink()
    assert check_boxes(load(tmp_path)).lines() == [
        "1 pair of near-duplicate images is in two splits: i3.png (train) and y.jpg (test)",
        "1 label has fewer than 20 boxes in the training split: dog 0",
        "1 pair of boxes of one label overlaps with an IoU above 0.9: one is probably a duplicate: x.png: dog "
        "[0, 0, 30, 30] and [0, 0, 30, 29]",
    ]


def test_copies_are_recognized_and_blank_images_are_none(tmp_path, write_image):
    original = read_image(write_image(tmp_path / "a.png", 160, 120))
    images = [original, (original * 0.8 + 20).astype(np.uint8), original[::2, ::2], original[::-1]]
    images += [read_image(write_image(tmp_path / "b.png")), np.full((30, 40, 3), 9, np.uint8)]
    images += [np.full((30, 40, 3), 9, np.uint8)]
    thumbnails = np.array([summary.thumbnail for summary in summarize_images(images)])
    assert find_near_duplicates(thumbnails).tolist() == [[0, 1], [0, 2], [1, 2]]
    assert find_near_duplicates(np.empty((0, 32, 34))).shape == (0, 2)


def test_duplicate_boxes_have_one_label_and_are_found_in_any_rows():
    boxes = np.array([[100 * row, 0, 100 * row + 50, 50] for row in range(600)] + [[1, 0, 51, 50]] * 2, np.float32)
    labels = ("a",) * 601 + ("b",)
    assert list(duplicate_boxes(ImageBoxes(boxes, labels, np.zeros(602, bool)))) == [(0, 600)]


def test_duplicate_boxes_are_those_of_all_pairs():
    generator = np.random.default_rng(0)
    corners = np.repeat(generator.integers(0, 60, (500, 2)), 2, axis=0).astype(np.float32)
    sides = np.repeat(generator.integers(20, 60, (500, 2)), 2, axis=0) + generator.integers(0, 4, (1000, 2))
    order = generator.permutation(1000)
    boxes = np.concatenate([corners, corners + sides], axis=1).astype(np.float32)[order]
    labels = tuple("ab"[number % 2] for number in range(1000))
    ious = iou_matrix(boxes, boxes)
    expected = [
        (first, second)
        for first in range(1000)
        for second in range(first + 1, 1000)
        if ious[first, second] > 0.9 and labels[first] == labels[second]
    ]
    assert len(expected) > 200
    assert list(duplicate_boxes(ImageBoxes(boxes, labels, np.zeros(1000, bool)))) == expected


def test_the_figure_of_sizes(tmp_path):
    draw_box_sizes([draw_image(number)[1] for number in range(10)], tmp_path / "boxes.png")
    with Image.open(tmp_path / "boxes.png") as image:
        assert image.size == (1080, 408)


def test_a_drawn_image_depends_on_its_number_and_the_seed():
    (first, boxes), (again, same), (other, _) = draw_image(3, 1), draw_image(3, 1), draw_image(3, 2)
    assert (first == again).all()
    assert (boxes.boxes == same.boxes).all()
    assert (first != other).any()


def test_boxes_of_drawn_shapes_are_tight():
    """The pixels that a shape changes are those of its box."""
    image, target = next(drawn for drawn in map(draw_image, range(100)) if len(drawn[1]) == 1)
    left, top, right, bottom = target.boxes[0]
    ground = np.median(image.reshape(-1, 3), axis=0)
    centre = image[int(top + bottom) // 2, int(left + right) // 2].astype(float)
    is_shape = np.linalg.norm(image - centre, axis=2) < 0.5 * np.linalg.norm(ground - centre)
    rows, columns = np.flatnonzero(is_shape.sum(axis=1) > 2), np.flatnonzero(is_shape.sum(axis=0) > 2)
    extent = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    np.testing.assert_allclose(extent, target.boxes[0], atol=2.5)
