"""Comparison of runs: the options that differ, and whether metrics differ by more than noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plexus.catalogue.record import RunRecord
from plexus.errors import InputError
from plexus.report.intervals import metric_names

NORMAL_95 = 1.96


@dataclass(frozen=True)
class MetricComparison:
    """A metric of several runs.

    Args:
        name: Name of the metric.
        values: Its value of each run; None where a run does not have it.
        intervals: The 95 % interval of each value; None where it is not known.
        differs: For each run, whether its value differs from that of the first run by more than noise; None where that
            is not known.

    Example:
        ```python
        MetricComparison("accuracy", (0.91, 0.95), ((0.90, 0.92), (0.94, 0.96)), (False, True))
        ```
    """

    name: str
    values: tuple[float | None, ...]
    intervals: tuple[tuple[float, float] | None, ...]
    differs: tuple[bool | None, ...]


def differing_options(records: Sequence[RunRecord]) -> dict[str, list[object]]:
    """Return the options that are not the same in all runs.

    Args:
        records: The runs.

    Returns:
        Values by option, one per run; None where a run does not have the option.
    """
    names = dict.fromkeys(name for record in records for name in record.options)
    values = {name: [record.options.get(name) for record in records] for name in names}
    return {name: each for name, each in values.items() if any(value != each[0] for value in each)}


def compare_metrics(records: Sequence[RunRecord]) -> list[MetricComparison]:
    """Compare the metrics of finished runs of one task.

    A difference is more than noise if it is larger than 1.96 standard errors of the difference of two independent
    estimates. Runs that were tested on the same examples differ by less noise, so that this errs on the safe side.

    Args:
        records: The runs.

    Returns:
        Each metric, in the order of the first run.

    Raises:
        InputError: If a run is not finished, or the tasks differ.
    """
    for record in records:
        if record.status != "finished":
            raise InputError(f"{record.folder} is not finished: it has no metrics on a test split")
        if record.task != records[0].task:
            tasks = f"{records[0].task} and {record.task}"
            raise InputError(f"{record.folder}: expected runs of one task, found {tasks}")
    names = dict.fromkeys(name for record in records for name in metric_names(record.scores))
    return [_compare(name, records) for name in names]


def _compare(name: str, records: Sequence[RunRecord]) -> MetricComparison:
    values = tuple(record.scores.get(name) for record in records)
    intervals = tuple(record.interval(name) for record in records)
    differs = tuple(
        _differs(values[0], intervals[0], value, interval) if number else False
        for number, (value, interval) in enumerate(zip(values, intervals, strict=True))
    )
    return MetricComparison(name, values, intervals, differs)


def _differs(
    first: float | None,
    first_interval: tuple[float, float] | None,
    second: float | None,
    second_interval: tuple[float, float] | None,
) -> bool | None:
    if first is None or second is None or first_interval is None or second_interval is None:
        return None
    errors = [(high - low) / (2 * NORMAL_95) for low, high in (first_interval, second_interval)]
    return abs(first - second) > NORMAL_95 * math.hypot(*errors)
