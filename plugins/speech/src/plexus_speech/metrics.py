"""Descriptions of the metrics of a word recognizer."""

from plexus import Metric
from plexus.metrics.classification import CLASSIFICATION_METRICS

OTHER_METRICS = (
    *CLASSIFICATION_METRICS,
    Metric("unknown_auroc", "Area under the ROC curve of unknown words"),
    Metric("refused", "Share of known words that are rejected", higher_is_better=False),
)
"""Descriptions of the metrics other than accuracy."""
