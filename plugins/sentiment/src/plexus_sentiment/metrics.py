"""Descriptions of the metrics of a text classifier."""

from plexus import Metric
from plexus.metrics.classification import CLASSIFICATION_METRICS

OTHER_METRICS = (
    *CLASSIFICATION_METRICS,
    Metric("ngrams_accuracy", "Accuracy of the n-gram models alone"),
    Metric("nets_accuracy", "Accuracy of the networks alone"),
    Metric("negated_accuracy", "Accuracy on texts with a negation"),
    Metric("short_accuracy", "Accuracy on the shorter half of the texts"),
    Metric("long_accuracy", "Accuracy on the longer half of the texts"),
    Metric("accuracy_without_unlabelled", "Accuracy without unlabelled texts"),
    Metric("mae", "Mean absolute error of the label", higher_is_better=False),
    Metric("median_mae", "Mean absolute error of always predicting the median", higher_is_better=False),
)
"""Descriptions of the metrics other than accuracy."""
