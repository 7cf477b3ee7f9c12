"""Overlaps of boxes and non-maximum suppression."""

from typing import Any

import numpy as np


def box_areas(boxes: np.ndarray) -> np.ndarray:
    """Compute the areas of boxes.

    Args:
        boxes: Left, top, right and bottom, shape `(n, 4)`.

    Returns:
        Areas, 0 or more, shape `(n,)`.
    """
    return np.asarray(np.maximum(boxes[:, 2:] - boxes[:, :2], 0).prod(axis=1))


def intersections(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compute the areas that pairs of boxes share.

    Args:
        first: Boxes of shape `(n, 4)`.
        second: Boxes of shape `(m, 4)`.

    Returns:
        Areas of shape `(n, m)`.
    """
    # Side by side: an axis of two sides takes five times as long.
    width, height = (
        np.minimum(first[:, None, side + 2], second[:, side + 2]) - np.maximum(first[:, None, side], second[:, side])
        for side in (0, 1)
    )
    return np.asarray(np.maximum(width, 0) * np.maximum(height, 0))


def iou_matrix(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compute the intersection over union (Jaccard index) of all pairs of boxes.

    Args:
        first: Boxes of shape `(n, 4)`.
        second: Boxes of shape `(m, 4)`.

    Returns:
        Values from 0 to 1 of shape `(n, m)`; 0 for two boxes without an area.
    """
    shared = intersections(first, second)
    union = box_areas(first)[:, None] + box_areas(second)[None] - shared
    return np.asarray(shared / np.maximum(union, np.finfo(np.float32).tiny))


def overlap_of_smaller(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compute the intersection over the smaller area of all pairs of boxes: 1 if one box lies in the other.

    Args:
        first: Boxes of shape `(n, 4)`.
        second: Boxes of shape `(m, 4)`.

    Returns:
        Values from 0 to 1 of shape `(n, m)`; 0 for boxes without an area.
    """
    smaller = np.minimum(box_areas(first)[:, None], box_areas(second)[None])
    return np.asarray(intersections(first, second) / np.maximum(smaller, np.finfo(np.float32).tiny))


def clip_boxes(boxes: np.ndarray, width: float, height: float) -> np.ndarray:
    """Move sides that lie outside an image to its edge.

    Args:
        boxes: Boxes of shape `(n, 4)`.
        width: Width of the image in pixels.
        height: Height of the image in pixels.

    Returns:
        Boxes of the same shape and type.
    """
    return np.asarray(np.clip(boxes, 0, np.array([width, height, width, height], boxes.dtype)))


def non_maximum_suppression(
    boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, iou_threshold: float, max_boxes: int
) -> np.ndarray:
    """Select the most confident of overlapping boxes of one class, greedily.

    Args:
        boxes: Boxes of shape `(n, 4)`.
        scores: Confidence of the boxes, from 0 to 1, shape `(n,)`.
        classes: Class indices of the boxes, shape `(n,)`; boxes of different classes do not suppress each other.
        iou_threshold: Intersection over union above which the less confident box is removed.
        max_boxes: Largest number of boxes to select.

    Returns:
        Indices of the selected boxes, the most confident first; equal scores in the order of the input.
    """
    import cv2

    # OpenCV declares sequences, but takes arrays.
    rectangles: Any = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).astype(np.float64)
    confidence: Any = scores.astype(np.float32)
    indices: Any = classes.astype(np.int32)
    # OpenCV's own limit, `top_k`, is applied to the candidates instead of the selected boxes.
    selected = cv2.dnn.NMSBoxesBatched(rectangles, confidence, indices, -1.0, iou_threshold)
    return np.asarray(selected, np.intp).ravel()[:max_boxes]
