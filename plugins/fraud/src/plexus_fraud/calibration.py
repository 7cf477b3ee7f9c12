"""Logits to probabilities."""

import numpy as np


def fit_scale(logits: np.ndarray, fraud: np.ndarray) -> tuple[float, float]:
    """Slope and offset with the smallest log loss, of softened targets (Platt 1999, section 2.2)."""
    from scipy.optimize import minimize

    bad, good = fraud.sum(), (1 - fraud).sum()
    soft = np.where(fraud == 1, (bad + 1) / (bad + 2), 1 / (good + 2))

    def loss(given: np.ndarray) -> float:
        scaled = logits.astype(np.float64) * given[0] + given[1]
        return float(np.mean(np.logaddexp(0, scaled) - soft * scaled))

    slope, offset = minimize(loss, [1.0, 0.0], bounds=[(0.05, 20), (-20, 20)], method="L-BFGS-B").x
    return float(slope), float(offset)
