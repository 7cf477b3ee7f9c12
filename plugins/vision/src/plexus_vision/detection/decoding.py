"""The network's outputs to detections."""

import numpy as np

from plexus_vision.detection.boxes import clip_boxes, non_maximum_suppression
from plexus_vision.detection.image_boxes import Detections

IOU_THRESHOLD = 0.6
"""Overlap of two boxes of one label from which they are taken for one object."""
SAME_BOX = 0.8
"""Overlap of two boxes of different labels from which only the more confident one is an object."""
MAX_CANDIDATES, MAX_DETECTIONS = 3000, 300
"""Boxes before and after the suppression of overlapping ones, at most."""


def decode_detections(
    logits: np.ndarray, boxes: np.ndarray, size: tuple[int, int], least: float | np.ndarray
) -> Detections:
    """Return the detections of an image.

    Args:
        logits: Logits of the labels, shape `(points, classes)`.
        boxes: Boxes in pixels of the network's image, shape `(points, 4)`.
        size: Height and width of the part of the network's image that is not padding.
        least: Score from which a detection counts; one number, or one per class.

    Returns:
        The detections in pixels of the network's image, the most confident first.
    """
    scores = sigmoid(logits)
    points, classes = np.nonzero(scores >= least)
    confidence = scores[points, classes]
    order = np.argsort(-confidence, kind="stable")[:MAX_CANDIDATES]
    points, classes, confidence = points[order], classes[order], confidence[order]
    clipped = clip_boxes(boxes[points].astype(np.float32), size[1], size[0])
    selected = non_maximum_suppression(clipped, confidence, classes, IOU_THRESHOLD, MAX_DETECTIONS)
    detections = Detections(clipped[selected], confidence[selected], classes[selected])
    one_label = np.zeros(len(detections), np.int32)
    distinct = non_maximum_suppression(detections.boxes, detections.scores, one_label, SAME_BOX, MAX_DETECTIONS)
    return detections.take(distinct)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Compute the logistic function; predicting does not import SciPy.

    Args:
        logits: Any shape.

    Returns:
        Values from 0 to 1 of the same shape, float64.
    """
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits.astype(np.float64)))
