"""Detection of faces in images."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from plexus.inference.onnx import OnnxPredictor
from plexus_faces.package_data import DETECTOR

WINDOW, STRIDE, MARGIN = 80, 8, 14
"""Width of the network's window, distance of neighbouring windows, and padding that centres the first on pixel 0."""
MEAN_COLOR = (123, 117, 104)
"""The network's input where the image ends: 0 after its own preprocessing."""
SMALLEST_IN_WINDOW, PYRAMID_STEP = 0.85, 0.75
"""Smallest face that is detected reliably, as a share of the window, and scale of a pyramid level relative to the one
before. Of ORL's faces, 98 % or more are detected if they fill 0.8 to 1.1 of the window, 50 % at 0.7 and 1.3."""
SMALLEST_SHARE, SMALLEST_SIZE = 1 / 4, 30
"""Smallest faces by default: a share of the shorter side of the image, but not below a number of pixels."""
MAX_PIXELS = 4_000_000
"""Most pixels of a level of the image pyramid, which bounds time and memory (400 MB). An image with an aspect ratio of
up to 3:1 has fewer, as faces narrower than a 16th of the shorter side are not searched for."""
MAX_OVERLAP = 0.5
"""Boxes of one face share more than this part of the smaller box."""


@dataclass(frozen=True)
class Detection:
    """A face that was detected.

    Args:
        box: Left, top, right and bottom in pixels of the image; a part of it may lie outside.
        confidence: Score of the detector, above 0; for most faces about 1, the margin that it was trained for.

    Example:
        ```python
        Detection((20.0, 31.0, 83.0, 94.0), 1.04)
        ```
    """

    box: tuple[float, float, float, float]
    confidence: float


def detect(image: np.ndarray, min_size: float | None = None) -> list[Detection]:
    """Detect the faces of an image that are upright within about 45 degrees.

    The network is dlib's `mmod_human_face_detector` (King 2015, Max-Margin Object Detection). It scores square windows
    on each level of an image pyramid; of overlapping windows, the one with the highest score remains.

    Args:
        image: The image, bytes of shape `(h, w, 3)`.
        min_size: Width of the smallest faces in pixels, 20 or more for useful results; by default a quarter of the
            image's shorter side, but not less than 30. The time is proportional to 1 / min_size². It is larger
            for an image that would have more than `MAX_PIXELS` in the scale at which they are detected.

    Returns:
        The faces, the highest confidence first.
    """
    height, width = image.shape[:2]
    if min_size is None:
        min_size = max(SMALLEST_SIZE, SMALLEST_SHARE * min(height, width))
    boxes, scores = [np.empty((0, 4))], [np.empty(0)]
    scale = min(SMALLEST_IN_WINDOW * WINDOW / min_size, (MAX_PIXELS / (height * width)) ** 0.5)
    for level in _pyramid(image, scale):
        level_scores = _score(level)
        rows, columns = np.nonzero(level_scores > 0)
        centres = np.stack([columns, rows], axis=1) * STRIDE + 0.5
        corners = np.concatenate([centres - WINDOW / 2, centres + WINDOW / 2], axis=1)
        boxes.append(corners * np.tile([width / level.shape[1], height / level.shape[0]], 2) - 0.5)
        scores.append(level_scores[rows, columns])
    return _suppress(np.concatenate(boxes), np.concatenate(scores))


def _pyramid(image: np.ndarray, scale: float) -> Iterator[np.ndarray]:
    """Return the image at a scale and at smaller ones, down to the scale at which the window covers all of it."""
    import cv2

    height, width = image.shape[:2]
    while scale * min(height, width) >= WINDOW * PYRAMID_STEP:
        size = round(width * scale), round(height * scale)
        kind = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_LINEAR
        image = cv2.resize(image, size, interpolation=kind)
        yield image
        scale *= PYRAMID_STEP


def _score(image: np.ndarray) -> np.ndarray:
    """Return the score of each window of an image; the window of row r and column c is centred on pixel (8r, 8c)."""
    import cv2

    padded = cv2.copyMakeBorder(image, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=MEAN_COLOR)
    scores: np.ndarray = _predictor()({"image": padded[None]})["scores"][0, 0]
    return scores


def _suppress(boxes: np.ndarray, scores: np.ndarray) -> list[Detection]:
    """Return the boxes that overlap with no box of a higher score, the highest score first."""
    detections = []
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    while len(boxes):
        left, top, right, bottom = map(float, boxes[0])
        detections.append(Detection((left, top, right, bottom), float(scores[0])))
        corners = np.maximum(boxes[0, :2], boxes[:, :2]), np.minimum(boxes[0, 2:], boxes[:, 2:])
        intersections = np.clip(corners[1] - corners[0], 0, None).prod(axis=1)
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        distinct = intersections <= MAX_OVERLAP * np.minimum(areas, areas[0])
        boxes, scores = boxes[distinct], scores[distinct]
    return detections


@cache
def _predictor() -> OnnxPredictor:
    # One thread: several images are searched at the same time.
    return OnnxPredictor({"network": DETECTOR}, threads=1)
