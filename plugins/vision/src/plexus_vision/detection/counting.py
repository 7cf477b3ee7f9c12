"""Errors of the number of objects in an image."""

from typing import TYPE_CHECKING

import numpy as np

from plexus_vision.detection.matches import Matches

if TYPE_CHECKING:
    import polars as pl


def count_detections(matches: Matches, thresholds: np.ndarray) -> np.ndarray:
    """Count the detections of each image that reach the threshold of their class.

    Args:
        matches: The matches; detections of difficult boxes are not counted.
        thresholds: Scores, shape `(classes,)`.

    Returns:
        Counts of shape `(images, classes)`.
    """
    rows = matches.confident(thresholds) & ~matches.ignored[0]
    counts = np.zeros(matches.objects.shape, int)
    np.add.at(counts, (matches.images[rows], matches.classes[rows]), 1)
    return counts


def mean_count_error(counts: np.ndarray, objects: np.ndarray) -> float:
    """Compute the mean absolute error of the counts, over images and classes.

    Args:
        counts: Number of detections, shape `(images, classes)`.
        objects: Number of annotated boxes, of the same shape.

    Returns:
        The error, 0 or more.
    """
    return float(np.abs(counts - objects).mean())


def count_errors(matches: Matches, thresholds: np.ndarray) -> "pl.DataFrame":
    """Compute the counting error of each class, with 95 % bootstrap intervals over images.

    Args:
        matches: The matches, of at least one image.
        thresholds: Scores, shape `(classes,)`.

    Returns:
        A row per class: `label`; `mean_count`, annotated boxes per image; `error`, the mean absolute error of the count
        of an image, 0 or more; `bias`, its mean signed error, above 0 if too many are counted; `relative_error`, the
        mean of the absolute error divided by the true count, over the images with such a box, NaN without any; and
        `…_low` and `…_high` of the three.
    """
    import polars as pl

    from plexus.metrics.intervals import group_bootstrap_interval

    objects = matches.objects
    errors = count_detections(matches, thresholds) - objects

    def compute(rows: np.ndarray) -> np.ndarray:
        present = objects[rows] > 0
        relative = (np.abs(errors[rows]) / np.maximum(objects[rows], 1) * present).sum(axis=0)
        images = present.sum(axis=0)
        relative = np.where(images > 0, relative / np.maximum(images, 1), np.nan)
        return np.array([np.abs(errors[rows]).mean(axis=0), errors[rows].mean(axis=0), relative])

    values = compute(np.arange(len(errors)))
    low, high = group_bootstrap_interval(compute, np.arange(len(errors)))
    columns = {"label": list(matches.labels), "mean_count": objects.mean(axis=0)}
    for row, name in enumerate(("error", "bias", "relative_error")):
        columns |= {name: values[row], f"{name}_low": low[row], f"{name}_high": high[row]}
    return pl.DataFrame(columns)
