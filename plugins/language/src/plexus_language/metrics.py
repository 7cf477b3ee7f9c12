"""Names and descriptions of the metrics of translation."""

from collections.abc import Sequence
from dataclasses import replace

from plexus import Metric

BOUNDS = ("_low", "_high")
"""Ends of the names of the bounds of a 95 % interval."""

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


def direction_metric(name: str, direction: tuple[str, str]) -> str:
    """Return the name of a metric of one direction.

    Args:
        name: The name of the metric: `bleu`, `bleu_low`.
        direction: Codes of the source and the target language.

    Returns:
        `bleu_en_fr`, `bleu_en_fr_low`.
    """
    bound = next((each for each in BOUNDS if name.endswith(each)), "")
    return "_".join((name.removesuffix(bound), *direction)) + bound


def describe_direction_metric(name: str, metrics: Sequence[Metric]) -> Metric | None:
    """Describe a metric of one direction.

    Args:
        name: The name of the metric: `bleu_en_fr`.
        metrics: Descriptions of the metrics of all directions, none of which has this name.

    Returns:
        The description, whose title has the languages: `BLEU, en to fr`; None if it is no such metric.
    """
    for metric in sorted(metrics, key=lambda each: -len(each.name)):
        languages = name.removeprefix(f"{metric.name}_").split("_")
        if name.startswith(f"{metric.name}_") and len(languages) == 2:
            return replace(metric, name=name, title=f"{metric.title}, {' to '.join(languages)}", baseline=None)
    return None
