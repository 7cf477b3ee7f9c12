"""Metrics of classification."""

import numpy as np

from plexus.metric import Metric
from plexus.metrics.calibration import expected_calibration_error

CLASSIFICATION_METRICS = (
    Metric("macro_f1", "Macro F1"),
    Metric("log_loss", unit="nats", higher_is_better=False),
    Metric("ece", "Expected calibration error", higher_is_better=False),
    Metric("majority_accuracy", "Accuracy of the most frequent label"),
)
"""Descriptions of the metrics other than accuracy."""


def classification_metrics(probabilities: np.ndarray, classes: np.ndarray) -> dict[str, float]:
    """Compute the metrics of a classifier.

    Args:
        probabilities: Array of shape `(n, classes)` whose rows sum to 1.
        classes: True classes of shape `(n,)`.

    Returns:
        `accuracy`, `macro_f1` over the classes that are predicted or true, `log_loss`, `ece` (expected calibration
        error), and `majority_accuracy`, the accuracy of always predicting the most frequent class.
    """
    from sklearn.metrics import accuracy_score, f1_score, log_loss

    predicted = probabilities.argmax(axis=1)
    return {
        "accuracy": float(accuracy_score(classes, predicted)),
        "macro_f1": float(f1_score(classes, predicted, average="macro")),
        "log_loss": float(log_loss(classes, probabilities, labels=np.arange(probabilities.shape[1]))),
        "ece": expected_calibration_error(probabilities, classes),
        "majority_accuracy": float(np.bincount(classes).max() / len(classes)),
    }
