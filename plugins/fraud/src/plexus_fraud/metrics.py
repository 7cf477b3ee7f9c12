"""Metrics of a ranking of transactions, and of the cost that reviews save."""

import numpy as np

from plexus import Metric
from plexus.metrics.calibration import expected_calibration_error
from plexus.metrics.intervals import bootstrap_interval

ALERT_SHARE, CARDS_PER_DAY = 0.01, 100
OTHER_METRICS = (
    Metric("roc_auc", "Area under the ROC curve"),
    Metric("recall_at_1_percent", "Recall among the 1 % with the highest probability"),
    Metric("ece", "Expected calibration error", higher_is_better=False),
    Metric("prior_average_precision", "Average precision of a random ranking"),
    Metric("amount_average_precision", "Average precision of a ranking by amount"),
    Metric("cost_saved", "Cost saved, as a share of the cost without reviews"),
    Metric("flagged_share", "Share of transactions that are flagged", higher_is_better=None),
    Metric("largest_psi", "Largest drift of a feature (population stability index)", higher_is_better=False),
    Metric("unusual_average_precision", "Average precision of the anomaly score"),
    Metric("card_precision_at_100", "Precision among the 100 riskiest cards of a day"),
)
"""Descriptions of the metrics other than the one that ranks models."""


def average_precision(scores: np.ndarray, fraud: np.ndarray) -> float:
    """Compute the mean of the precision at each fraud, in descending order of the scores.

    `sklearn.metrics.average_precision_score` sums in another order, and the interval computes it 200 times, which takes
    half as long again. A test compares the two.

    Args:
        scores: Scores of shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.

    Returns:
        The average precision; transactions of equal score count as one step.
    """
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(fraud[order])
    steps = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    frauds = np.diff(hits[steps], prepend=0)
    return float(np.sum(frauds * hits[steps] / (steps + 1)) / max(hits[-1], 1))


def average_precision_interval(scores: np.ndarray, fraud: np.ndarray) -> tuple[float, float]:
    """Compute the 95 % bootstrap interval of the average precision, stratified by fraud.

    Args:
        scores: Scores of shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.

    Returns:
        Lower and upper bound.
    """
    frauds, others = np.flatnonzero(fraud == 1), np.flatnonzero(fraud == 0)
    # Transactions that rank below all frauds do not matter, and are most of them.
    others = others[scores[others] >= scores[frauds].min()]
    return bootstrap_interval(lambda rows: average_precision(scores[rows], fraud[rows]), [frauds, others])


def roc_auc(scores: np.ndarray, fraud: np.ndarray) -> float:
    """Compute the probability that a fraud scores above another transaction (Hanley & McNeil 1982).

    Args:
        scores: Scores of shape `(n,)`; ties count one half.
        fraud: 1 or 0, shape `(n,)`.

    Returns:
        The area under the ROC curve; 0 if there is one class only.
    """
    from scipy.stats import rankdata

    positives = fraud.sum()
    above = rankdata(scores)[fraud == 1].sum() - positives * (positives + 1) / 2
    return float(above / max(positives * (len(fraud) - positives), 1))


def recall_at(scores: np.ndarray, fraud: np.ndarray, share: float = ALERT_SHARE) -> float:
    """Compute the recall among the highest scores.

    Args:
        scores: Scores of shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.
        share: Share of the transactions that are flagged.

    Returns:
        The share of the frauds among them.
    """
    alerts = np.argsort(-scores, kind="stable")[: max(round(share * len(scores)), 1)]
    return float(fraud[alerts].sum() / fraud.sum())


def card_precision(scores: np.ndarray, fraud: np.ndarray, days: np.ndarray, customers: np.ndarray) -> float:
    """Compute the mean over days of the precision among the 100 customers with the highest scores of a day.

    A customer whose fraud was found is not counted on a later day (Le Borgne et al. 2022, chapter 4, "Card Precision
    top-k").

    Args:
        scores: Scores of shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.
        days: Days of shape `(n,)`.
        customers: Ids of shape `(n,)`.

    Returns:
        The mean of the share of these customers that have a fraud that day.
    """
    precisions: list[float] = []
    detected: set[str] = set()
    for day in np.unique(days):
        rows = np.flatnonzero(days == day)
        # A customer's score is that of the first, highest transaction; a later one may be the fraud.
        has_fraud: dict[str, bool] = {}
        for row in rows[np.argsort(-scores[rows], kind="stable")].tolist():
            if customers[row] not in detected:
                has_fraud[customers[row]] = has_fraud.get(customers[row], False) or fraud[row] == 1
        alerts = list(has_fraud.items())[:CARDS_PER_DAY]
        precisions.append(sum(is_fraud for _, is_fraud in alerts) / CARDS_PER_DAY)
        detected |= {customer for customer, is_fraud in alerts if is_fraud}
    return float(np.mean(precisions))


def cost_saved(flagged: np.ndarray, fraud: np.ndarray, losses: np.ndarray, cost_review: float) -> float:
    """Compute the share of the cost of all frauds that reviewing the flagged transactions saves.

    Args:
        flagged: Boolean array of shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.
        losses: Costs of missed frauds, shape `(n,)`.
        cost_review: Cost of a review.

    Returns:
        The share; below 0 if reviews cost more than they save.
    """
    total = float(losses[fraud == 1].sum())
    cost = float(losses[(fraud == 1) & ~flagged].sum()) + cost_review * float(flagged.sum())
    return (total - cost) / max(total, 1e-9)


def ranking_metrics(probabilities: np.ndarray, fraud: np.ndarray, amounts: np.ndarray) -> dict[str, float]:
    """Compute the metrics that depend on probabilities, labels and amounts alone.

    Args:
        probabilities: Probabilities of fraud, shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.
        amounts: Amounts, NaN where one is missing, shape `(n,)`.

    Returns:
        The metrics, and the average precision of a random ranking (`prior_…`) and of one by amount (`amount_…`).
    """
    low, high = average_precision_interval(probabilities, fraud)
    both = np.stack([1 - probabilities, probabilities], axis=1)
    return {
        "average_precision": average_precision(probabilities, fraud),
        "average_precision_low": low,
        "average_precision_high": high,
        "roc_auc": roc_auc(probabilities, fraud),
        "recall_at_1_percent": recall_at(probabilities, fraud),
        "ece": expected_calibration_error(both, fraud.astype(int)),
        "prior_average_precision": float(fraud.mean()),
        "amount_average_precision": average_precision(np.nan_to_num(amounts), fraud),
    }
