"""Descriptions of the metrics of a transcription."""

from plexus import Metric

OTHER_METRICS = (
    Metric("cer", "Character error rate", higher_is_better=False),
    Metric("greedy_wer", "Word error rate of greedy decoding", higher_is_better=False),
    Metric("right_texts", "Share of exact transcripts"),
    Metric("empty_wer", "Word error rate of empty transcripts", higher_is_better=False),
)
"""Descriptions of the metrics other than the word error rate."""
