"""Precision, recall and F1 of all thresholds of the score, and the threshold with the largest F1."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from plexus_vision.detection.matches import Matches

MIN_OBJECTS = 20
"""Annotated boxes of a class that a threshold of its own takes; rarer classes get that of all classes together."""
DEFAULT_THRESHOLD = 0.5
"""Threshold where no detection is correct."""


@dataclass(frozen=True)
class ThresholdCurve:
    """Precision and recall at IoU 0.5 by the threshold of the score.

    `sklearn.metrics.precision_recall_curve` has no boxes that no detection matches.

    Args:
        thresholds: Scores that occur, descending, shape `(t,)`; detections from there on count.
        precision: Share of the detections that is correct, shape `(t,)`.
        recall: Share of the annotated boxes that is detected, shape `(t,)`.

    Example:
        ```python
        curve = ThresholdCurve.compute(matches, [0])
        curve.thresholds[curve.f1.argmax()]
        ```
    """

    thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray

    @classmethod
    def compute(cls, matches: Matches, classes: list[int]) -> Self:
        """Compute the curve of some classes.

        Args:
            matches: The matches.
            classes: Indices of the classes, whose detections are counted together.

        Returns:
            The curve; without points if there are no detections.
        """
        rows = np.isin(matches.classes, classes) & ~matches.ignored[0]
        scores, correct = matches.scores[rows], matches.correct[0, rows]
        steps = np.flatnonzero(np.diff(scores, append=-np.inf))
        hits = np.cumsum(correct)[steps]
        objects = int(matches.objects[:, classes].sum())
        return cls(scores[steps], hits / (steps + 1), hits / max(objects, 1))

    @property
    def f1(self) -> np.ndarray:
        """Harmonic mean of precision and recall, shape `(t,)`."""
        total = self.precision + self.recall
        return np.asarray(2 * self.precision * self.recall / np.maximum(total, np.finfo(float).tiny))

    def best_threshold(self) -> float:
        """Choose the threshold with the largest F1.

        Returns:
            The middle between the lowest score that counts and the next lower one; 0.5 if no detection is correct.
        """
        if not self.recall.any():
            return DEFAULT_THRESHOLD
        best = int(self.f1.argmax())
        return float(self.thresholds[best : best + 2].mean())


def choose_thresholds(matches: Matches) -> list[float]:
    """Choose the threshold with the largest F1 of each class.

    Args:
        matches: Matches of the validation split.

    Returns:
        A score per class; classes with fewer than `MIN_OBJECTS` annotated boxes get the threshold of all classes.
    """
    classes = list(range(len(matches.labels)))
    shared = ThresholdCurve.compute(matches, classes).best_threshold()
    return [
        ThresholdCurve.compute(matches, [k]).best_threshold() if matches.objects[:, k].sum() >= MIN_OBJECTS else shared
        for k in classes
    ]


def precision_recall(matches: Matches, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute precision and recall at IoU 0.5 of each class at its threshold.

    Args:
        matches: The matches.
        thresholds: Scores, shape `(classes,)`.

    Returns:
        Precision and recall, both of shape `(classes,)`; NaN without detections or without annotated boxes.
    """
    rows = matches.confident(thresholds) & ~matches.ignored[0]
    count = len(matches.labels)
    hits = np.bincount(matches.classes[rows], matches.correct[0, rows], minlength=count)
    detected, objects = np.bincount(matches.classes[rows], minlength=count), matches.objects.sum(axis=0)
    return (
        np.where(detected > 0, hits / np.maximum(detected, 1), np.nan),
        np.where(objects > 0, hits / np.maximum(objects, 1), np.nan),
    )
