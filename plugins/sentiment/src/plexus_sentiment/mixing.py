"""What two opinions count beside each other."""

import numpy as np

from plexus.metrics.calibration import log_softmax

HELD = 0.01
"""By which an offset is held near 0, where there are few examples to tell it."""


def fit_mix(first: np.ndarray, second: np.ndarray, targets: np.ndarray) -> tuple[float, float, list[float]]:
    """The factors of two kinds of logits, and an offset a class, with the smallest log loss of their sum.

    The loss is convex in all of them (stacking, Wolpert 1992; no factor is negative). It is softened by 1 / (n + 2), as
    in Platt 1999.

    Args:
        first, second: `(n, classes)`; targets: the classes.
    """
    from scipy.optimize import minimize

    rows, classes = first.shape
    soft = np.full((rows, classes), 1 / (rows + 2) / max(classes - 1, 1))
    soft[np.arange(rows), targets] = 1 - 1 / (rows + 2)

    def loss(given: np.ndarray) -> float:
        logits = given[0] * first + given[1] * second + given[2:]
        return float(-np.mean(np.sum(soft * log_softmax(logits), axis=1)) + HELD * np.sum(given[2:] ** 2))

    start = np.concatenate([[0.5, 0.5], np.zeros(classes)])
    found = minimize(loss, start, bounds=[(0, 20), (0, 20), *[(None, None)] * classes], method="L-BFGS-B").x
    return float(found[0]), float(found[1]), found[2:].tolist()
