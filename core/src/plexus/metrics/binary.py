"""Metrics of the probability of a binary outcome."""

import numpy as np

from plexus.errors import InputError
from plexus.metrics.intervals import group_bootstrap_interval
from plexus.metrics.operating_points import OperatingPoints


def check_binary(probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """Check predictions of a binary outcome.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`; both occur.
        groups: Group of each row, such as its patient, shape `(n,)`; None: each row is a group.

    Returns:
        The groups as numbers, shape `(n,)`.

    Raises:
        InputError: If shapes differ, a value is out of range, a group is missing, or there is one outcome only.
    """
    rows = np.arange(len(probabilities)) if groups is None else np.asarray(groups)
    for name, values in (("outcomes", outcomes), ("groups", rows)):
        if values.shape != probabilities.shape or probabilities.ndim != 1:
            raise InputError(f"{name}: expected one for each probability, {len(probabilities):,}, got {len(values):,}")
    _check_values(
        "probability: expected a number from 0 to 1", (probabilities >= 0) & (probabilities <= 1), probabilities
    )
    _check_values("outcome: expected 0 or 1", (outcomes == 0) | (outcomes == 1), outcomes)
    _check_values("group: expected the id of a group", _present(rows), rows)
    positives = int(np.sum(outcomes == 1))
    if positives in (0, len(outcomes)):
        raise InputError(
            f"outcomes: expected rows with and without the outcome, got {positives:,} with it of {len(outcomes):,}; "
            "pass more data"
        )
    return rows if groups is None else np.unique(rows.astype(str), return_inverse=True)[1]


def binary_metrics(probabilities: np.ndarray, outcomes: np.ndarray) -> dict[str, float]:
    """Compute the metrics of the probabilities of a binary outcome that need no threshold, by scikit-learn.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, both of which occur, shape `(n,)`.

    Returns:
        `roc_auc`, `average_precision`, `brier` (the Brier score: the mean squared error of the probability) and
        `log_loss` in nats.
    """
    from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

    return {
        "roc_auc": float(roc_auc_score(outcomes, probabilities)),
        "average_precision": float(average_precision_score(outcomes, probabilities)),
        "brier": float(brier_score_loss(outcomes, probabilities)),
        "log_loss": float(log_loss(outcomes, probabilities, labels=[0, 1])),
    }


def sensitivity_and_specificity(
    probabilities: np.ndarray, outcomes: np.ndarray, threshold: float
) -> tuple[float, float]:
    """Compute sensitivity and specificity of a threshold.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        threshold: Probability from which a row is positive.

    Returns:
        The share of positive rows among those with outcome 1, and of negative rows among those with outcome 0; NaN if
        there are none.
    """
    positive, cases = probabilities >= threshold, outcomes == 1
    return _mean(positive[cases]), _mean(~positive[~cases])


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """Compute the positive and the negative predictive value at a prevalence, by Bayes' theorem.

    Args:
        sensitivity: Share of those with the outcome that are positive, from 0 to 1.
        specificity: Share of those without the outcome that are negative, from 0 to 1.
        prevalence: Share of the population that has the outcome, from 0 to 1.

    Returns:
        PPV: the probability of the outcome after a positive result; NPV: that of no outcome after a negative result;
        NaN if no result is positive or negative.
    """
    true_positive, false_positive = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    true_negative, false_negative = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    return _share(true_positive, false_positive), _share(true_negative, false_negative)


def roc_auc(probabilities: np.ndarray, outcomes: np.ndarray) -> float:
    """Compute the area under the ROC curve, as `binary_metrics` does, for resamples.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.

    Returns:
        The area, from 0 to 1; NaN if there is one outcome only, as in some resamples.
    """
    if not 0 < outcomes.sum() < len(outcomes):
        return np.nan
    return OperatingPoints.compute(probabilities, outcomes).roc_auc


def roc_auc_interval(probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Compute the 95 % bootstrap interval of the area under the ROC curve, whole groups resampled.

    A perfect ranking is perfect in each resample, too. Its lower bound is that of Clopper & Pearson (1934) for m
    correct comparisons out of m, where m is the number of pairs of a row with and one without the outcome that
    share no group.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, both of which occur, shape `(n,)`.
        groups: Group of each row, shape `(n,)`.

    Returns:
        Lower and upper bound.
    """
    low, high = group_bootstrap_interval(lambda rows: roc_auc(probabilities[rows], outcomes[rows]), groups)
    if roc_auc(probabilities, outcomes) == 1:
        low = 0.025 ** (1 / _separate_pairs(outcomes, groups))
    return float(low), float(high)


def _separate_pairs(outcomes: np.ndarray, groups: np.ndarray) -> int:
    """Return a number of disjoint pairs of groups, one with the outcome and one without; at least 1."""
    positive, negative = np.unique(groups[outcomes == 1]), np.unique(groups[outcomes == 0])
    total = len(np.unique(groups))
    return max(min(len(positive), len(negative), total // 2), 1)


def _check_values(expected: str, valid: np.ndarray, values: np.ndarray) -> None:
    if not valid.all():
        row = int(np.argmin(valid))
        raise InputError(f"row {row + 1:,}, {expected}, got {values[row]}; correct the value or leave the row out")


def _present(values: np.ndarray) -> np.ndarray:
    """Return which values are neither None, NaN nor empty."""
    return np.array([value is not None and value == value and value != "" for value in values.tolist()], bool)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _share(part: float, others: float) -> float:
    return part / (part + others) if part + others > 0 else np.nan
