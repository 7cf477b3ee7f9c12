"""Detection in images that are larger than those of the training, tile by tile."""

import math
from collections.abc import Callable

import numpy as np

from plexus_vision.detection.boxes import non_maximum_suppression, overlap_of_smaller
from plexus_vision.detection.image_boxes import Detections

MERGE_IOU = 0.5
"""IoU from which two whole boxes of overlapping tiles are one object."""
PART_OVERLAP = 0.7
"""Share of a box that is cut by the edge of its tile from which it is a part of another box."""
MAX_PAIRS = 1 << 20
"""Pairs of boxes that are compared at once: some 50 MB."""
EDGE = 2.0
"""Distance from the edge of its tile in pixels up to which a box is cut."""


def detect_in_tiles(
    image: np.ndarray,
    detect: Callable[[list[np.ndarray]], list[Detections]],
    tile: tuple[int, int],
    overlap: int,
    max_boxes: int,
) -> Detections:
    """Detect objects in overlapping tiles of an image, and merge the results.

    A box at an inner edge of its tile is removed if most of it lies in another box of its class: a neighbouring tile
    shows the whole object. Objects larger than the overlap may be detected in parts.

    Args:
        image: Image of shape `(height, width, channels)`.
        detect: Detects the objects of a list of images, each of the size of a tile or, if the image is smaller, of
            the image.
        tile: Height and width of a tile in pixels.
        overlap: Pixels that neighbouring tiles share at least, less than the sides of a tile.
        max_boxes: Largest number of boxes of the image.

    Returns:
        The detections in pixels of the image.
    """
    height, width = image.shape[:2]
    corners = [
        (top, left) for top in tile_starts(height, tile[0], overlap) for left in tile_starts(width, tile[1], overlap)
    ]
    results = detect([image[top : top + tile[0], left : left + tile[1]] for top, left in corners])
    parts, cuts = [], []
    for (top, left), detections in zip(corners, results, strict=True):
        offset = np.array([left, top, left, top], np.float32)
        parts.append(Detections(detections.boxes + offset, detections.scores, detections.classes))
        inner = np.array([left, top, left + tile[1], top + tile[0]], np.float32)
        # The edges of the image cut no object that another tile shows.
        inner[[left == 0, top == 0, left + tile[1] >= width, top + tile[0] >= height]] = np.inf
        cuts.append((np.abs(parts[-1].boxes - inner) <= EDGE).any(axis=1))
    merged = Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.classes for part in parts]),
    )
    return _merge(merged, np.concatenate(cuts), max_boxes)


def tile_starts(length: int, tile: int, overlap: int) -> list[int]:
    """Compute where the tiles along one side of an image begin.

    Args:
        length: Length of the side in pixels.
        tile: Length of a tile in pixels.
        overlap: Pixels that neighbouring tiles share at least, less than `tile`.

    Returns:
        Evenly spaced positions; the first tile begins at 0, and the last one ends with the image.
    """
    count = max(math.ceil((length - overlap) / (tile - overlap)), 1)
    return [round(start) for start in np.linspace(0, max(length - tile, 0), count)]


def _merge(detections: Detections, cut: np.ndarray, max_boxes: int) -> Detections:
    """Remove the less confident of two whole boxes of one object, and the parts of objects."""
    whole = np.flatnonzero(~cut)
    whole = whole[_suppress(detections.take(whole))]
    parts = np.flatnonzero(cut)
    parts = parts[~_covered(detections, parts, whole)]
    # Of the parts that remain, the largest come first.
    sides = detections.boxes[parts, 2:] - detections.boxes[parts, :2]
    chosen: list[int] = []
    for part in parts[np.argsort(-sides.prod(axis=1), kind="stable")]:
        if not _covered(detections, np.array([part]), np.array(chosen, int)).any():
            chosen.append(int(part))
    rows = np.concatenate([whole, np.array(chosen, int)])
    return detections.take(rows[np.argsort(-detections.scores[rows], kind="stable")][:max_boxes])


def _suppress(detections: Detections) -> np.ndarray:
    boxes, scores, classes = detections.boxes, detections.scores, detections.classes
    return non_maximum_suppression(boxes, scores, classes, MERGE_IOU, len(detections))


def _covered(detections: Detections, parts: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which parts lie in another box of their class."""
    covered = np.zeros(len(parts), bool)
    block = max(MAX_PAIRS // max(len(others), 1), 1)
    for start in range(0, len(parts), block):
        rows = parts[start : start + block]
        overlaps = overlap_of_smaller(detections.boxes[rows], detections.boxes[others])
        same = detections.classes[rows][:, None] == detections.classes[others]
        covered[start : start + block] = ((overlaps >= PART_OVERLAP) & same).any(axis=1)
    return covered
