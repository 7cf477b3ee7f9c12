"""Confidence intervals of metrics."""

from collections.abc import Mapping

from plexus.metrics.intervals import wilson_interval

PROPORTIONS = ("accuracy", "majority_accuracy")
"""Metrics that are proportions of all examples of a split. Others, such as `short_accuracy`, are of a part of unknown
size."""


def confidence_interval(name: str, metrics: Mapping[str, float], examples: int) -> tuple[float, float] | None:
    """Return the 95 % confidence interval of a metric.

    Args:
        name: Name of the metric.
        metrics: All metrics; `NAME_low` and `NAME_high` are an interval that the task computed.
        examples: Number of examples of the split.

    Returns:
        Lower and upper bound: the task's own, or Wilson's for a proportion; None if the interval is not known.
    """
    if f"{name}_low" in metrics and f"{name}_high" in metrics:
        return metrics[f"{name}_low"], metrics[f"{name}_high"]
    return wilson_interval(metrics[name], examples) if name in PROPORTIONS else None


def metric_names(metrics: Mapping[str, float]) -> list[str]:
    """Return the names of metrics, without the bounds of intervals.

    Args:
        metrics: The metrics.

    Returns:
        The names, in order.
    """
    return [name for name in metrics if name.removesuffix("_low").removesuffix("_high") not in metrics.keys() - {name}]
