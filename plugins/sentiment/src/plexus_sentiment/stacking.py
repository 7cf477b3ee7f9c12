"""Stacking of the linear classifier and the ensemble of networks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus.metrics.calibration import log_softmax

OFFSET_PENALTY = 0.01
"""L2 penalty of the offsets, which keeps them near 0 where there are few examples."""
MAX_WEIGHT = 20.0


@dataclass(frozen=True)
class Stacking:
    """A calibrated weighted sum of two models' logits (stacking, Wolpert 1992).

    Args:
        linear: Weight of the linear classifier's logits; not negative.
        ensemble: Weight of the networks' mean logits; not negative.
        offsets: Offset of each label.

    Example:
        ```python
        stacking = Stacking.fit(linear_logits, network_logits, classes)
        logits = stacking.combine(linear_logits, network_logits)
        ```
    """

    linear: float
    ensemble: float
    offsets: Sequence[float]

    @classmethod
    def fit(cls, linear: np.ndarray, ensemble: np.ndarray, classes: np.ndarray) -> Self:
        """Fit weights and offsets with the smallest log loss, which is convex in them.

        Targets are smoothed by 1 / (n + 2) as in Platt 1999, section 2.2. scikit-learn's `LogisticRegression` has a
        weight per class and input, and none with bounds.

        Args:
            linear: Logits of texts that the linear classifier was not fitted on, shape `(n, classes)`.
            ensemble: Logits of networks that were not trained on the text, shape `(n, classes)`.
            classes: True classes of shape `(n,)`.

        Returns:
            The fitted weights.
        """
        from scipy.optimize import minimize

        rows, class_count = linear.shape
        targets = np.full((rows, class_count), 1 / (rows + 2) / max(class_count - 1, 1))
        targets[np.arange(rows), classes] = 1 - 1 / (rows + 2)

        def loss(parameters: np.ndarray) -> float:
            logits = parameters[0] * linear + parameters[1] * ensemble + parameters[2:]
            log_loss = -np.mean(np.sum(targets * log_softmax(logits), axis=1))
            return float(log_loss + OFFSET_PENALTY * np.sum(parameters[2:] ** 2))

        start = np.concatenate([[0.5, 0.5], np.zeros(class_count)])
        bounds = [(0, MAX_WEIGHT), (0, MAX_WEIGHT), *[(None, None)] * class_count]
        best = minimize(loss, start, bounds=bounds, method="L-BFGS-B").x
        return cls(float(best[0]), float(best[1]), best[2:].tolist())

    def combine(self, linear: np.ndarray, ensemble: np.ndarray) -> np.ndarray:
        """Compute the weighted sum.

        Args:
            linear: Logits of the linear classifier, shape `(n, classes)`.
            ensemble: Mean logits of the networks, shape `(n, classes)`.

        Returns:
            Logits of shape `(n, classes)`.
        """
        return np.asarray(self.linear * linear + self.ensemble * ensemble + np.array(self.offsets))

    def to_json(self) -> JsonObject:
        """Return weights and offsets.

        Returns:
            The constructor's arguments.
        """
        return asdict(self)
