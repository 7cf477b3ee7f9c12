"""Metrics of labels and numbers that are predicted from tables."""

import numpy as np

from plexus.metric import Metric
from plexus.metrics.classification import CLASSIFICATION_METRICS, classification_metrics
from plexus.metrics.conformal_sets import label_set_metrics
from plexus.metrics.intervals import group_bootstrap_interval
from plexus.metrics.regression import REGRESSION_METRICS, regression_metrics

CLASS_METRICS = (
    Metric("accuracy"),
    *(metric for metric in CLASSIFICATION_METRICS if metric.name != "log_loss"),
    Metric("roc_auc", "Area under the ROC curve"),
    Metric("brier", "Brier score", higher_is_better=False),
    Metric("prior_log_loss", "Log loss of the frequencies of the labels", unit="nats", higher_is_better=False),
    Metric("set_coverage", "Share of label sets that hold the true label", higher_is_better=None),
    Metric("set_size", "Mean number of labels in a label set", higher_is_better=False),
    Metric("single_label", "Share of label sets with one label", higher_is_better=None),
)
"""Descriptions of the metrics other than log loss."""
NUMBER_METRICS = (
    *REGRESSION_METRICS,
    Metric("interval_coverage", "Share of intervals that hold the true number", higher_is_better=None),
    Metric("interval_width", "Mean width of the intervals", higher_is_better=False),
)
"""Descriptions of the metrics other than the root mean squared error."""


def class_metrics(
    probabilities: np.ndarray, classes: np.ndarray, groups: np.ndarray | None = None, sets: np.ndarray | None = None
) -> dict[str, float]:
    """Compute the metrics of predicted labels.

    Args:
        probabilities: Array of shape `(n, labels)` whose rows sum to 1.
        classes: True classes of shape `(n,)`.
        groups: Group of each row, resampled whole for the interval, shape `(n,)`; None: each row is one.
        sets: Label sets, Boolean of shape `(n, labels)`; None: there are none.

    Returns:
        The metrics of `CLASS_METRICS`, and `log_loss` with its 95 % interval; `roc_auc`, of each label against the rest
        on average, is NaN if a label does not occur.
    """
    metrics = classification_metrics(probabilities, classes)
    counts = np.bincount(classes)
    frequencies = counts[counts > 0] / len(classes)
    losses = -np.log(np.maximum(probabilities[np.arange(len(classes)), classes], 1e-15))
    errors = np.square(probabilities - np.eye(probabilities.shape[1])[classes]).sum(axis=1)
    low, high = _interval(losses, groups)
    metrics |= {"log_loss_low": low, "log_loss_high": high, "roc_auc": _roc_auc(probabilities, classes)}
    # Two labels have the same squared error: the score of binary outcomes is half of the sum.
    metrics["brier"] = float(errors.mean()) / (2 if probabilities.shape[1] == 2 else 1)
    metrics["prior_log_loss"] = float(0 - (frequencies * np.log(frequencies)).sum())  # of one label 0, not -0
    return metrics if sets is None else metrics | label_set_metrics(sets, classes)


def number_metrics(
    values: np.ndarray,
    targets: np.ndarray,
    groups: np.ndarray | None = None,
    bounds: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, float]:
    """Compute the metrics of predicted numbers.

    Args:
        values: Predicted numbers of shape `(n,)`.
        targets: True numbers of shape `(n,)`.
        groups: Group of each row, resampled whole for the interval, shape `(n,)`; None: each row is one.
        bounds: Lower and upper bounds of the intervals; None: there are none.

    Returns:
        The metrics of `NUMBER_METRICS`, and `rmse` with its 95 % interval.
    """
    low, high = np.sqrt(_interval(np.square(values - targets), groups))
    metrics = regression_metrics(values, targets) | {"rmse_low": float(low), "rmse_high": float(high)}
    if bounds is None:
        return metrics
    low, high = bounds
    covered = (low <= targets) & (targets <= high)
    return metrics | {"interval_coverage": float(covered.mean()), "interval_width": float(np.mean(high - low))}


def _interval(losses: np.ndarray, groups: np.ndarray | None) -> tuple[float, float]:
    low, high = group_bootstrap_interval(
        lambda rows: losses[rows].mean(), np.arange(len(losses)) if groups is None else groups
    )
    return float(low), float(high)


def _roc_auc(probabilities: np.ndarray, classes: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    if len(np.unique(classes)) < probabilities.shape[1]:
        return float("nan")
    scores = probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities
    return float(roc_auc_score(classes, scores, multi_class="ovr"))
