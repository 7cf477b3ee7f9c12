"""Platt scaling of logits."""

from typing import NamedTuple

import numpy as np

MAX_LOGIT = 40.0


class PlattScaling(NamedTuple):
    """Calibrates the logits of a binary classifier by a slope and an offset (Platt 1999).

    Attributes:
        slope: Factor of the logits.
        offset: Added to them.

    Example:
        ```python
        probabilities = PlattScaling(slope=1.2, offset=0.3).probabilities(logits)
        ```
    """

    slope: float = 1.0
    offset: float = 0.0

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Compute calibrated probabilities.

        Args:
            logits: Logits of shape `(n,)`.

        Returns:
            Probabilities of shape `(n,)`, in float64.
        """
        scaled = np.clip(logits.astype(np.float64) * self.slope + self.offset, -MAX_LOGIT, MAX_LOGIT)
        return np.asarray(1 / (1 + np.exp(-scaled)))


def fit_platt_scaling(logits: np.ndarray, fraud: np.ndarray) -> PlattScaling:
    """Fit slope and offset by the log loss of smoothed targets (Platt 1999, section 2.2).

    Args:
        logits: Logits of shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.

    Returns:
        The scaling; the slope is from 0.05 to 20.
    """
    from scipy.optimize import minimize

    positives, negatives = fraud.sum(), (1 - fraud).sum()
    targets = np.where(fraud == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def log_loss(parameters: np.ndarray) -> float:
        scaled = logits.astype(np.float64) * parameters[0] + parameters[1]
        return float(np.mean(np.logaddexp(0, scaled) - targets * scaled))

    slope, offset = minimize(log_loss, [1.0, 0.0], bounds=[(0.05, 20), (-20, 20)], method="L-BFGS-B").x
    return PlattScaling(float(slope), float(offset))
