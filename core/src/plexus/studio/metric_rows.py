"""Metrics as rows of a table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plexus.report.intervals import metric_names
from plexus.studio.site import Site
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def metric_rows(
    site: Site,
    task: str,
    scores: Mapping[str, float],
    ranking: str,
    intervals: Mapping[str, tuple[float, float] | None],
) -> "list[JsonObject]":
    """Format metrics.

    Args:
        site: The site.
        task: Id of the task.
        scores: The metrics by name.
        ranking: Name of the metric that ranks models.
        intervals: The 95 % interval of each metric; None if it is not known.

    Returns:
        `label`, `value`, `interval`, `direction` and `ranks` of each metric.
    """
    described = site.find_task(task)
    return [
        {
            "label": site.metric_label(task, name),
            "value": number(scores[name]),
            "interval": "" if (bounds := intervals[name]) is None else f"{number(bounds[0])} to {number(bounds[1])}",
            "direction": "" if described is None else described.describe_metric(name).direction,
            "ranks": name == ranking,
        }
        for name in metric_names(scores)
    ]
