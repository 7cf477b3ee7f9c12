"""Formats the metrics of a model for the terminal: one line each, with its key, value, title and direction."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plexus.utils.formatting import number

if TYPE_CHECKING:
    from plexus.task import AnyTask


def metric_lines(task: "AnyTask", metrics: Mapping[str, float]) -> Iterator[str]:
    """Format the metrics of a model.

    Args:
        task: The task, which describes the metrics.
        metrics: The metrics by name.

    Yields:
        One line per metric: its key, value, title and direction. The metric that ranks the models is marked. A metric
        that the data does not define, such as the area under the ROC curve of a single label, has no value.
    """
    width = max(map(len, metrics), default=0)
    for name, value in metrics.items():
        direction = task.describe_metric(name).direction
        better = f", {direction} is better" if direction else ""
        ranks = "  <- ranks the models" if name == task.metric.name else ""
        shown = number(value) if math.isfinite(value) else "undefined"
        yield f"{name:{width}}  {shown:>10}  {_label(task, name)}{better}{ranks}"


def _label(task: "AnyTask", name: str) -> str:
    """Return the title of a metric, or of a bound of its interval."""
    for suffix, bound in (("_low", "lower bound"), ("_high", "upper bound")):
        metric = task.describe_metric(name.removesuffix(suffix))
        if name.endswith(suffix) and (metric.title or metric.unit):  # of a metric that is described
            return f"{metric.label}, {bound}"
    return task.describe_metric(name).label
