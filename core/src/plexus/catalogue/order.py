"""Orders of a list of runs."""

import math
from collections.abc import Callable, Sequence

from plexus.catalogue.record import RunRecord
from plexus.errors import InputError


def _rank(record: RunRecord) -> float:
    """Return a number that is smaller for a better run; runs without a metric come last."""
    from plexus.plugins.registry import registry

    if record.value is None:
        return math.inf
    try:
        higher_is_better = registry().task(record.task).metric.higher_is_better
    except InputError:  # its plugin is not installed
        return math.inf
    return -record.value if higher_is_better else record.value


SORTED_BY: dict[str, Callable[[RunRecord], float]] = {
    "started": lambda record: -record.started.timestamp(),
    "metric": _rank,
    "seconds": lambda record: -record.seconds,
    "parameters": lambda record: -record.manifest.get("parameters", 0),
}
"""Keys by which runs are sorted: the last, best, longest or largest one first."""


def sort_runs(records: Sequence[RunRecord], by: str, reverse: bool = False) -> list[RunRecord]:
    """Sort runs.

    Args:
        records: The runs.
        by: The order, one of `SORTED_BY`; the metrics of different tasks are not comparable: they are grouped by task.
        reverse: Whether to reverse the order within each task, or of all runs.

    Returns:
        The runs, in that order.
    """
    key, sign = SORTED_BY[by], -1 if reverse else 1

    def place(record: RunRecord) -> tuple[str, bool, float]:
        value = key(record)
        return record.task if by == "metric" else "", math.isinf(value), sign * value

    return sorted(records, key=place)
