"""Decision thresholds, chosen from out-of-fold probabilities."""

from dataclasses import dataclass

import numpy as np

from plexus.errors import InputError
from plexus.metrics.binary import check_binary
from plexus.metrics.intervals import group_bootstrap_interval, group_resamples
from plexus.metrics.operating_points import ROUNDING


@dataclass(frozen=True)
class CostThreshold:
    """The threshold with the smallest expected cost, and its cost per row on new data.

    Args:
        threshold: Probability from which a row is positive.
        threshold_low: Lower bound of its 95 % bootstrap interval.
        threshold_high: Upper bound.
        cost: Expected cost per new row, estimated on rows out of the bag.
        cost_low: Lower bound of its 95 % interval.
        cost_high: Upper bound.

    Example:
        ```python
        choice = choose_cost_threshold(probabilities, outcomes, patients, false_positive=1, false_negative=5)
        positive = new_probabilities >= choice.threshold
        ```
    """

    threshold: float
    threshold_low: float
    threshold_high: float
    cost: float
    cost_low: float
    cost_high: float


def threshold_for_sensitivity(probabilities: np.ndarray, outcomes: np.ndarray, sensitivity: float) -> float:
    """Choose the highest threshold whose sensitivity is expected to reach a stated one on new rows.

    Of m cases, ceil(sensitivity * (m + 1)) must be at or above the threshold: then the expected sensitivity on
    exchangeable new cases reaches the stated one, as in split conformal prediction (Lei et al. 2018, section 2.2). If
    that is more than m, all m cases are positive, and the expected sensitivity is m / (m + 1).

    Args:
        probabilities: Out-of-fold probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        sensitivity: The sensitivity, above 0, at most 1.

    Returns:
        Probability from which a row is positive.

    Raises:
        InputError: If the sensitivity is out of range, or probabilities or outcomes are not valid.
    """
    check_binary(probabilities, outcomes)
    if not 0 < sensitivity <= 1:
        raise InputError(f"sensitivity: expected a number above 0 and at most 1, got {sensitivity:g}; such as 0.9")
    cases = np.sort(probabilities[outcomes == 1])[::-1]
    rank = int(np.ceil(sensitivity * (len(cases) + 1) - ROUNDING))
    return float(cases[min(rank, len(cases)) - 1])


def choose_cost_threshold(
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    false_positive: float,
    false_negative: float,
) -> CostThreshold:
    """Choose the threshold with the smallest expected cost.

    It is the mean of the best thresholds of the resamples (bagging, Breiman 1996), which varies less than the best
    threshold of all rows. The cost of each row is that of the mean of the resamples without its group: the
    leave-one-out bootstrap (Efron & Tibshirani 1997, section 3), as the smallest of many costs is optimistic.

    Args:
        probabilities: Out-of-fold probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        groups: Group of each row, such as its patient, shape `(n,)`; None: each row is a group.
        false_positive: Cost of a false positive; above 0.
        false_negative: Cost of a false negative; above 0.

    Returns:
        The threshold and its cost.

    Raises:
        InputError: If a cost is not above 0, or probabilities, outcomes or groups are not valid.
    """
    groups = check_binary(probabilities, outcomes, groups)
    for name, value in (("false positive", false_positive), ("false negative", false_negative)):
        if not 0 < value < np.inf:
            raise InputError(f"cost of a {name}: expected a number above 0, got {value:g}; such as 1")
    thresholds, sums, counts = [], np.zeros(len(outcomes)), np.zeros(len(outcomes))
    for rows in group_resamples(groups):
        chosen = threshold_for_cost(probabilities[rows], outcomes[rows], false_positive, false_negative)
        outside = np.ones(len(outcomes), bool)
        outside[rows] = False
        thresholds.append(chosen)
        sums += chosen * outside
        counts += outside
    threshold = float(np.mean(thresholds))
    out_of_bag = np.where(counts > 0, sums / np.maximum(counts, 1), threshold)
    costs = row_costs(probabilities, outcomes, out_of_bag, false_positive, false_negative)
    cost_low, cost_high = group_bootstrap_interval(lambda rows: float(costs[rows].mean()), groups, seed=1)
    threshold_low, threshold_high = np.percentile(thresholds, [2.5, 97.5])
    return CostThreshold(
        threshold=threshold,
        threshold_low=float(threshold_low),
        threshold_high=float(threshold_high),
        cost=float(costs.mean()),
        cost_low=float(cost_low),
        cost_high=float(cost_high),
    )


def threshold_for_cost(
    probabilities: np.ndarray, outcomes: np.ndarray, false_positive: float, false_negative: float
) -> float:
    """Return the threshold with the smallest cost on these rows.

    Among thresholds of equal cost it is the one nearest to false_positive / (false_positive + false_negative), the best
    threshold of calibrated probabilities (Elkan 2001, equation 2).

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        false_positive: Cost of a false positive; above 0.
        false_negative: Cost of a false negative; above 0.

    Returns:
        Probability from which a row is positive.
    """
    values, index = np.unique(probabilities, return_inverse=True)
    cases = np.bincount(index, outcomes == 1, minlength=len(values))
    others = np.bincount(index, outcomes == 0, minlength=len(values))
    # Cut k: rows from the k-th value on are positive. Cut 0: all rows, the last: none.
    missed = np.concatenate([[0], np.cumsum(cases)])
    flagged = np.concatenate([np.cumsum(others[::-1])[::-1], [0]])
    costs = false_negative * missed + false_positive * flagged
    best = np.flatnonzero(costs <= costs.min() * (1 + ROUNDING))
    # The next number of the same precision: float32 probabilities round a threshold to float32 when they are compared.
    lowest = np.concatenate([[0.0], np.nextafter(values, values.dtype.type(np.inf))])
    highest = np.concatenate([values, [np.inf]])
    calibrated = false_positive / (false_positive + false_negative)
    thresholds = np.clip(calibrated, lowest[best], highest[best])
    return float(thresholds[np.argmin(np.abs(thresholds - calibrated))])


def row_costs(
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    thresholds: float | np.ndarray,
    false_positive: float,
    false_negative: float,
) -> np.ndarray:
    """Compute the cost of the decision on each row; their mean is the cost per row.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        thresholds: Probability from which a row is positive, or one for each row, shape `(n,)`.
        false_positive: Cost of a false positive.
        false_negative: Cost of a false negative.

    Returns:
        Costs of shape `(n,)`; 0 for right decisions.
    """
    positive = probabilities >= thresholds
    return np.asarray(
        np.where(positive, false_positive * (outcomes == 0), false_negative * (outcomes == 1)), np.float64
    )
