"""Decision curve analysis of the probability of a binary outcome."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.intervals import group_bootstrap_interval

if TYPE_CHECKING:
    import polars as pl

THRESHOLDS = np.arange(1, 100) / 100
"""Threshold probabilities of a decision curve."""


def net_benefit(probabilities: np.ndarray, outcomes: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Compute the net benefit of treating from a threshold probability (Vickers & Elkin 2006).

    It is TP / n - FP / n * t / (1 - t): the odds of the threshold t are how many false positives are accepted for one
    true positive.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        thresholds: Threshold probabilities from 0, below 1, shape `(t,)`.

    Returns:
        Net benefits of shape `(t,)`, in true positives per row; treating nobody has 0.
    """
    cases, others = np.sort(probabilities[outcomes == 1]), np.sort(probabilities[outcomes == 0])
    true_positives = len(cases) - np.searchsorted(cases, thresholds, side="left")
    false_positives = len(others) - np.searchsorted(others, thresholds, side="left")
    return np.asarray((true_positives - false_positives * thresholds / (1 - thresholds)) / len(outcomes))


def decision_curve(probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray) -> "pl.DataFrame":
    """Compute the net benefit of the model, of treating all and of treating none.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        groups: Group of each row, such as its patient, shape `(n,)`.

    Returns:
        A row per threshold probability from 0.01 to 0.99: `threshold`, `model` and its 95 % bootstrap interval
        `model_low` and `model_high`, `treat_all`, `treat_none`.
    """
    import polars as pl

    low, high = group_bootstrap_interval(
        lambda rows: net_benefit(probabilities[rows], outcomes[rows], THRESHOLDS), groups
    )
    return pl.DataFrame(
        {
            "threshold": THRESHOLDS,
            "model": net_benefit(probabilities, outcomes, THRESHOLDS),
            "model_low": low,
            "model_high": high,
            "treat_all": net_benefit(np.ones(len(outcomes)), outcomes, THRESHOLDS),
            "treat_none": np.zeros(len(THRESHOLDS)),
        }
    )
