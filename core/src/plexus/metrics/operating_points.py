"""Sensitivity and specificity of all thresholds of a probability."""

from dataclasses import dataclass
from typing import Self

import numpy as np

ROUNDING = 1e-9
"""A share that misses a limit by less than this reaches it: 0.1 is not 1 - 0.9 in floating point."""


@dataclass(frozen=True)
class OperatingPoints:
    """The ROC curve: sensitivity and specificity of all thresholds that differ.

    `sklearn.metrics.roc_curve` and the metrics made of it take 20 times as long for some hundred rows, as they check
    them, and intervals compute them a thousand times. A test compares the results.

    Args:
        sensitivities: Ascending from 0 to 1, shape `(t,)`.
        specificities: Descending from 1 to 0, shape `(t,)`.
        thresholds: Probabilities from which rows are positive, descending from infinity, shape `(t,)`.
        prevalence: Share of the rows with the outcome.

    Example:
        ```python
        points = OperatingPoints.compute(probabilities, outcomes)
        sensitivity, threshold = points.at_specificity(0.9)
        ```
    """

    sensitivities: np.ndarray
    specificities: np.ndarray
    thresholds: np.ndarray
    prevalence: float

    @classmethod
    def compute(cls, probabilities: np.ndarray, outcomes: np.ndarray) -> Self:
        """Compute the points of predictions.

        Args:
            probabilities: Probabilities of the positive class, shape `(n,)`.
            outcomes: Outcomes, 1 or 0, both of which occur, shape `(n,)`.

        Returns:
            The points.
        """
        order = np.argsort(-probabilities, kind="stable")
        ranked, hits = probabilities[order], np.cumsum(outcomes[order] == 1)
        steps = np.flatnonzero(np.diff(ranked, append=-np.inf))
        cases, rows = int(hits[-1]), len(outcomes)
        sensitivities = np.concatenate([[0.0], hits[steps] / cases])
        specificities = np.concatenate([[1.0], 1 - (steps + 1 - hits[steps]) / (rows - cases)])
        return cls(sensitivities, specificities, np.concatenate([[np.inf], ranked[steps]]), cases / rows)

    @property
    def roc_auc(self) -> float:
        """Area under the ROC curve."""
        return float(np.trapezoid(self.sensitivities, 1 - self.specificities))

    @property
    def average_precision(self) -> float:
        """Mean of the precision at each row with the outcome; rows of equal probability count as one step."""
        hits = self.prevalence * self.sensitivities[1:]
        precision = hits / (hits + (1 - self.prevalence) * (1 - self.specificities[1:]))
        return float(np.sum(np.diff(self.sensitivities) * precision))

    def at_specificity(self, specificity: float) -> tuple[float, float]:
        """Return the highest sensitivity of the thresholds of at least a stated specificity.

        Args:
            specificity: The specificity, from 0 to 1.

        Returns:
            The sensitivity and the threshold.
        """
        last = int(np.flatnonzero(self.specificities >= specificity - ROUNDING)[-1])
        return float(self.sensitivities[last]), float(self.thresholds[last])

    def at_sensitivity(self, sensitivity: float) -> tuple[float, float]:
        """Return the highest specificity of the thresholds of at least a stated sensitivity.

        Args:
            sensitivity: The sensitivity, from 0 to 1.

        Returns:
            The specificity and the threshold.
        """
        first = int(np.flatnonzero(self.sensitivities >= sensitivity - ROUNDING)[0])
        return float(self.specificities[first]), float(self.thresholds[first])
