"""Descriptions of the metrics of translation."""

from plexus import Metric

OTHER_METRICS = (
    Metric("chrf", "chrF2"),
    Metric("exact", "Share of exact translations"),
    Metric("bleu_low", "BLEU, lower bound of the 95 % interval"),
    Metric("bleu_high", "BLEU, upper bound of the 95 % interval"),
    Metric("bleu_1_5", "BLEU of sources of 1 to 5 words"),
    Metric("bleu_6_10", "BLEU of sources of 6 to 10 words"),
    Metric("bleu_over_10", "BLEU of sources of more than 10 words"),
    Metric("empty", "Share of empty translations", higher_is_better=False),
    Metric("copied", "Share of copied sources", higher_is_better=False),
    Metric("repeating", "Share of repeating translations", higher_is_better=False),
    Metric("copy_bleu", "BLEU of the sources as translations", higher_is_better=None),
    Metric("confidence_error", "Expected calibration error of the confidence", higher_is_better=False),
)
"""Descriptions of the metrics other than BLEU."""
