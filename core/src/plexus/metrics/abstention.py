"""Abstention: metrics of the cases that are answered when the most uncertain ones are not."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.binary import roc_auc, sensitivity_and_specificity

if TYPE_CHECKING:
    import polars as pl

SHARES = np.array([1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5])
"""Shares of the rows that are answered."""
MARGIN = 1e-6
"""A threshold nearer to 0 or 1 counts as this far from it."""


def decision_uncertainty(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Compute the uncertainty of the decision at a threshold.

    It is the expected cost of the better decision (Chow 1970), in parts of that at the threshold, if the threshold
    is the best one for the costs of false positives and false negatives.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        threshold: Probability from which a row is positive.

    Returns:
        Uncertainties of shape `(n,)`: 1 at the threshold, 0 for probabilities of 0 and 1.
    """
    threshold = min(max(threshold, MARGIN), 1 - MARGIN)
    return np.minimum(probabilities / threshold, (1 - probabilities) / (1 - threshold))


def abstention_threshold(uncertainty: np.ndarray, share: float) -> float:
    """Return the largest uncertainty that is answered so that a stated share of the rows is.

    Args:
        uncertainty: Uncertainties of shape `(n,)`, such as those of `decision_uncertainty` or an ensemble's variance.
        share: Share of the rows to answer, above 0, at most 1.

    Returns:
        Rows of at most this uncertainty are answered: the smallest such limit that answers at least the share.
    """
    return float(np.quantile(uncertainty, share, method="inverted_cdf"))


def abstention_table(
    probabilities: np.ndarray, outcomes: np.ndarray, threshold: float, uncertainty: np.ndarray | None = None
) -> "pl.DataFrame":
    """Compute metrics by the share of the rows that are answered, the least uncertain ones (risk-coverage curve).

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        threshold: Probability from which a row is positive.
        uncertainty: Uncertainties of shape `(n,)`; None: those of `decision_uncertainty`.

    Returns:
        A row per share: `share` that is asked for, `answered` share (larger where uncertainties are equal),
        `max_uncertainty` that is answered, `rows`, `cases`, `error` rate, `sensitivity`, `specificity` and `roc_auc`
        of the answered rows; null where a metric is not defined.
    """
    import polars as pl

    if uncertainty is None:
        uncertainty = decision_uncertainty(probabilities, threshold)
    table = []
    for share in SHARES.tolist():
        limit = abstention_threshold(uncertainty, share)
        answered = uncertainty <= limit
        p, y = probabilities[answered], outcomes[answered]
        sensitivity, specificity = sensitivity_and_specificity(p, y, threshold)
        table.append(
            {
                "share": share,
                "answered": float(answered.mean()),
                "max_uncertainty": limit,
                "rows": len(y),
                "cases": int(y.sum()),
                "error": float(np.mean((p >= threshold) != (y == 1))),
                "sensitivity": sensitivity,
                "specificity": specificity,
                "roc_auc": roc_auc(p, y),
            }
        )
    return pl.DataFrame(table).fill_nan(None)
