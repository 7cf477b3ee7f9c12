"""The table of a model's metrics in the terminal: each in words, with interval, baseline and direction."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.metric import Metric
from plexus.utils.formatting import number
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from rich.table import Table

    from plexus.codec import JsonObject
    from plexus.task import AnyTask

_BOUNDS = (("_low", "lower bound"), ("_high", "upper bound"))
_HEADINGS = "value", "95 % interval", "baseline", "better"
UNDEFINED = "undefined"
"""Value of a metric that the data does not define, such as the area under the ROC curve of a single label."""


def result_lines(task: "AnyTask", result: "JsonObject") -> Iterator["str | Table"]:
    """Arrange the metrics of a training that has written its bundle.

    Args:
        task: The task.
        result: The result of the training, with `bundle` and `scores`.

    Yields:
        The size of the test split, and the table of metrics.
    """
    from plexus.inference.manifest import read_manifest  # not needed to parse the arguments

    examples = read_manifest(Path(result["bundle"]))["data"]["examples"]["test"]
    yield f"metrics on the test split, {examples:,} examples:"
    yield metric_table(task, result["scores"], examples)


def metric_table(task: "AnyTask | None", metrics: Mapping[str, float], examples: int | None = None) -> "Table":
    """Arrange the metrics of a model, for `plexus.cli.output.write_lines`.

    Args:
        task: The task, which describes the metrics; None if there is no task.
        metrics: The metrics by name.
        examples: Examples that they were computed from; None if it is not known.

    Returns:
        A row per metric: its label, value, 95 % interval, baseline, and which values are better. Bounds of an interval
        and baselines are cells of their metric, not rows. A column that all rows leave empty is omitted. The metric
        that ranks the models is marked with an asterisk.
    """
    from rich.table import Table

    described = {name: task.describe_metric(name) if task else Metric(name, higher_is_better=None) for name in metrics}
    baselines = {metric.baseline for metric in described.values()}
    names = [name for name in metrics if not _has_metric(name, metrics) and name not in baselines]
    cells = {name: _cells(described[name], metrics, examples) for name in names}
    shown = [index for index, heading in enumerate(_HEADINGS) if any(row[index] for row in cells.values())]
    ranking = task.metric.name if task else None
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("metric (* ranks the models)" if ranking in names else "metric")
    for index in shown:
        table.add_column(_HEADINGS[index], justify="right" if _HEADINGS[index] in {"value", "baseline"} else "left")
    for name, row in cells.items():
        ranks = name == ranking
        label = printable(_label(task, described[name])) + (" *" if ranks else "")
        table.add_row(label, *(row[index] for index in shown), style="bold green" if ranks else None)
    return table


def _cells(metric: Metric, metrics: Mapping[str, float], examples: int | None) -> tuple[str, str, str, str]:
    from plexus.report.intervals import confidence_interval  # with NumPy

    name = metric.name
    has_bounds = all(name + suffix in metrics for suffix, _ in _BOUNDS)
    interval = confidence_interval(name, metrics, examples or 0) if examples or has_bounds else None
    baseline = metrics.get(metric.baseline) if metric.baseline else None
    return (
        _shown(metrics[name]),
        "" if interval is None or not all(map(math.isfinite, interval)) else " to ".join(map(_shown, interval)),
        "" if baseline is None else _shown(baseline),
        metric.direction,
    )


def _shown(value: float) -> str:
    return number(value) if math.isfinite(value) else UNDEFINED


def _has_metric(name: str, metrics: Mapping[str, float]) -> bool:
    """Return whether a name is one of two bounds of the interval of another metric."""
    stems = [name.removesuffix(suffix) for suffix, _ in _BOUNDS if name.endswith(suffix)]
    return any({stem, *(stem + suffix for suffix, _ in _BOUNDS)} <= metrics.keys() for stem in stems)


def _label(task: "AnyTask | None", metric: Metric) -> str:
    """Return the label of a metric, or of a bound whose interval is not complete."""
    for suffix, bound in _BOUNDS:
        if task and metric.name.endswith(suffix):
            described = task.describe_metric(metric.name.removesuffix(suffix))
            if described.title or described.unit:  # of a metric that is described
                return f"{described.label}, {bound}"
    return metric.label
