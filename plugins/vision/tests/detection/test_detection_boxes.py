"""Overlaps of boxes, non-maximum suppression, and detection in tiles."""

import subprocess
import sys

import numpy as np
import pytest

from plexus_vision.detection.boxes import (
    box_areas,
    clip_boxes,
    intersections,
    iou_matrix,
    non_maximum_suppression,
    overlap_of_smaller,
)
from plexus_vision.detection.image_boxes import Detections
from plexus_vision.detection.tiles import detect_in_tiles, tile_starts


def random_boxes(generator, count):
    centers = generator.uniform(0, 600, (30, 2))[generator.integers(30, size=count)] + generator.normal(
        0, 4, (count, 2)
    )
    sides = generator.uniform(30, 40, (count, 2))
    return np.concatenate([centers - sides / 2, centers + sides / 2], axis=1).astype(np.float32)


def test_overlaps_computed_by_hand():
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [2, 2, 4, 4], [20, 20, 20, 30]], np.float32)
    assert box_areas(boxes).tolist() == [100, 100, 4, 0]
    assert intersections(boxes, boxes)[0].tolist() == [100, 50, 4, 0]
    assert iou_matrix(boxes, boxes)[0] == pytest.approx([1, 50 / 150, 0.04, 0])
    assert iou_matrix(boxes, boxes)[3, 3] == 0
    assert overlap_of_smaller(boxes, boxes)[0] == pytest.approx([1, 0.5, 1, 0])
    assert iou_matrix(boxes[:0], boxes).shape == (0, 4)


def test_boxes_are_clipped_to_the_image():
    clipped = clip_boxes(np.array([[-5, 2, 30, 40]], np.float32), width=20, height=30)
    assert clipped.tolist() == [[0, 2, 20, 30]]
    assert clipped.dtype == np.float32


@pytest.mark.parametrize("count", [0, 1, 200])
def test_suppression_is_greedy_and_by_class(count):
    generator = np.random.default_rng(0)
    boxes, scores = random_boxes(generator, count), generator.random(count).round(2)
    classes = generator.integers(2, size=count)
    expected = []
    for row in np.argsort(-scores, kind="stable"):
        same = [other for other in expected if classes[other] == classes[row]]
        if not same or iou_matrix(boxes[[row]], boxes[same]).max() <= 0.6:
            expected.append(int(row))
    assert non_maximum_suppression(boxes, scores, classes, 0.6, 1000).tolist() == expected
    assert non_maximum_suppression(boxes, scores, classes, 0.6, 7).tolist() == expected[:7]


def test_tiles_cover_a_side_evenly():
    assert tile_starts(100, 100, 20) == [0]
    assert tile_starts(60, 100, 20) == [0]
    starts = tile_starts(250, 100, 20)
    assert starts == [0, 75, 150]
    assert tile_starts(181, 100, 20) == [0, 40, 81]


def detect_in(boxes, classes):
    """Return a detector that sees which part of known boxes lies in an image of their indices."""

    def detect(images):
        results = []
        for image in images:
            left, top = int(image[0, 0, 0]), int(image[0, 0, 1])
            height, width = image.shape[:2]
            parts = clip_boxes(boxes - np.array([left, top, left, top]), width, height)
            seen = box_areas(parts) > 30
            # A part is the more confident one, as a small box in the middle of an image can be.
            scores = 0.9 - 0.5 * box_areas(parts) / box_areas(boxes)
            order = np.flatnonzero(seen)[np.argsort(-scores[seen])]
            results.append(Detections(parts[order].astype(np.float32), scores[order], classes[order]))
        return results

    return detect


@pytest.mark.parametrize("most", [1 << 20, 50])
def test_objects_at_the_seams_of_tiles_are_detected_once(monkeypatch, most):
    """However many pairs of boxes are compared at once."""
    monkeypatch.setattr("plexus_vision.detection.tiles.MAX_PAIRS", most)
    generator = np.random.default_rng(1)
    corners = np.array([(x, y) for x in range(5, 480, 60) for y in range(5, 380, 60)], float)
    corners += generator.uniform(0, 12, corners.shape)
    boxes = np.concatenate([corners, corners + generator.uniform(20, 40, corners.shape)], axis=1)
    classes = generator.integers(2, size=len(boxes))
    rows, columns = np.mgrid[:420, :540]
    image = np.stack([columns, rows], axis=2)
    detections = detect_in_tiles(image, detect_in(boxes, classes), tile=(200, 220), overlap=60, max_boxes=1000)
    assert len(detections) == len(boxes)
    ious = iou_matrix(detections.boxes, boxes)
    assert sorted(ious.argmax(axis=1)) == list(range(len(boxes)))
    assert ious.max(axis=1) == pytest.approx(1, abs=1e-3)
    assert (np.diff(detections.scores) <= 0).all()


def test_a_small_image_is_one_tile():
    shapes = []

    def detect(images):
        shapes.extend(image.shape for image in images)
        return [Detections(np.array([[0, 0, 5, 5]], np.float32), np.array([0.5]), np.array([0]))]

    assert len(detect_in_tiles(np.zeros((50, 60, 3)), detect, (100, 100), 20, 10)) == 1
    assert shapes == [(50, 60, 3)]


def test_prediction_imports_neither_pycocotools_nor_scipy():
    modules = "boxes, tiles, tracking, calibration"
    code = f"import sys; from plexus_vision.detection import {modules}; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pycocotools", "scipy", "sklearn", "keras", "matplotlib"} & set(names)
