"""Contents of the comparison of runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plexus.catalogue.comparison import MetricComparison, compare_metrics, differing_options
from plexus.catalogue.record import RunRecord
from plexus.errors import InputError
from plexus.studio.run_curves import run_curves
from plexus.studio.run_rows import option_text, run_row
from plexus.studio.site import Site
from plexus.utils.formatting import number
from plexus.utils.option_names import label_of

if TYPE_CHECKING:
    from plexus.codec import JsonObject

VERDICTS = {True: "significant difference", False: "no significant difference", None: "no confidence interval"}
"""Whether a metric differs from that of the first run."""


def comparison_values(site: Site, records: Sequence[RunRecord]) -> "JsonObject":
    """Return the values of the page that compares runs.

    Args:
        site: The site.
        records: The runs, two or more; the first one is compared with the others.

    Returns:
        Values of the template by name; of runs that are not finished, or of several tasks, there are no metrics.
    """
    try:
        metrics, error = compare_metrics(records), ""
    except InputError as reason:
        metrics, error = [], f"no metrics to compare: {reason}"
    return {
        "runs": [run_row(site, record) for record in records],
        "options": {
            label_of(name): [option_text(value) for value in values]
            for name, values in differing_options(records).items()
        },
        "metrics": [_row(site, records[0].task, metric) for metric in metrics],
        "error": error,
        "curves": run_curves(site, records),
    }


def _row(site: Site, task: str, metric: MetricComparison) -> "JsonObject":
    cells = []
    for place, (value, interval, differs) in enumerate(
        zip(metric.values, metric.intervals, metric.differs, strict=True)
    ):
        cells.append(
            {
                "value": "none" if value is None else number(value),
                "interval": "" if interval is None else f"{number(interval[0])} to {number(interval[1])}",
                "verdict": VERDICTS[differs] if place else "",
                "differs": bool(place and differs),
            }
        )
    return {"label": site.metric_label(task, metric.name), "cells": cells}
