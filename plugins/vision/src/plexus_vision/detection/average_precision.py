"""Average precision of matched detections, and its confidence intervals."""

import numpy as np

from plexus_vision.detection.matches import Matches

RECALLS = np.linspace(0, 1, 101)
"""Recalls at which COCO averages the precision."""


def average_precisions(
    matches: Matches, draws: np.ndarray | None = None, without: np.ndarray | None = None
) -> np.ndarray:
    """Compute the average precision, equal to that of `COCOeval.accumulate`.

    pycocotools takes three times as long, and intervals compute it a thousand times. A test compares the two.

    Args:
        matches: The matches.
        draws: How many times each image is counted, shape `(images,)`; None: once.
        without: Which detections to leave out, shape `(n,)`.

    Returns:
        Average precision by IoU threshold and class, shape `(thresholds, classes)`; NaN for a class without boxes.
    """
    draws = np.ones(len(matches.truth)) if draws is None else draws
    weights = draws[matches.images] * (1.0 if without is None else ~without)
    objects = draws @ matches.objects
    values = np.full((len(matches.correct), len(matches.labels)), np.nan)
    for k in np.flatnonzero(objects):
        rows = np.flatnonzero((matches.classes == k) & (weights > 0))
        values[:, k] = _average(matches.correct[:, rows], matches.ignored[:, rows], weights[rows], objects[k])
    return values


def average_precision_intervals(matches: Matches) -> dict[str, float]:
    """Compute 95 % bootstrap intervals over images, as boxes of one image are alike.

    Args:
        matches: The matches.

    Returns:
        Bounds by name: `map50_low`, `map50_high`, and those of `map` and of `ap50_<label>` for each label.
    """
    from plexus.metrics.intervals import group_bootstrap_interval

    images = len(matches.truth)

    def compute(rows: np.ndarray) -> np.ndarray:
        values = average_precisions(matches, np.bincount(rows, minlength=images).astype(float))
        if np.isnan(values).all():
            return np.full(2 + values.shape[1], np.nan)
        return np.array([np.nanmean(values[0]), np.nanmean(values), *values[0]])

    names = ["map50", "map", *(f"ap50_{label}" for label in matches.labels)]
    bounds = group_bootstrap_interval(compute, np.arange(images))
    return {
        f"{name}_{bound}": float(value)
        for name, values in zip(names, bounds.T, strict=True)
        for bound, value in zip(("low", "high"), values, strict=True)
        if np.isfinite(value)
    }


def _average(correct: np.ndarray, ignored: np.ndarray, weights: np.ndarray, objects: float) -> np.ndarray:
    """Return the average precision of one class by IoU threshold."""
    hits = np.cumsum(correct * weights, axis=1)
    wrong = np.cumsum(~(correct | ignored) * weights, axis=1)
    precision = hits / (hits + wrong + np.spacing(1))
    # The largest precision at this or a higher recall; none at a recall that is not reached.
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    envelope = np.pad(envelope, ((0, 0), (0, 1)))
    steps = [np.searchsorted(recalls, RECALLS) for recalls in hits / objects]
    return np.asarray(np.take_along_axis(envelope, np.array(steps), axis=1).mean(axis=1))
