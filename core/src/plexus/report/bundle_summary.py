"""What a notebook shows of a bundle: its metrics, a figure of its results, and a link to its report."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus.report.intervals import confidence_interval, metric_names
from plexus.utils.html import Figure, render

if TYPE_CHECKING:
    from plexus.bundle import Bundle

LEARNING_CURVES = "training.png"
MAX_FIGURE_BYTES = 1 << 21
"""Largest figure that is part of a notebook."""


def bundle_summary(bundle: "Bundle") -> str:
    """Return a summary of a bundle as HTML.

    Args:
        bundle: The bundle.

    Returns:
        The table of metrics with 95 % intervals; of a bundle that was trained here also a figure of its results and a
        link to its report.
    """
    metrics, task = bundle.metrics, bundle.task
    examples = bundle.manifest["data"]["examples"]["test"]
    rows = [
        (task.describe_metric(name), metrics[name], confidence_interval(name, metrics, examples))
        for name in metric_names(metrics)
    ]
    return render(
        "bundle.html",
        title=f"{task.id}, {bundle.folder}",
        examples=examples,
        rows=rows,
        ranking=task.metric.name,
        figure=_figure(bundle),
        report=None if bundle.report is None else bundle.report.resolve().as_uri(),
    )


def _figure(bundle: "Bundle") -> Figure | None:
    """Return the first figure of the task's report, or the learning curves."""
    if bundle.report is None:
        return None
    captions = bundle.task.figure_captions
    names = [*(name for name in captions if Path(name).suffix == ".png"), LEARNING_CURVES]
    for file in (bundle.report.parent / "report" / name for name in names):
        if file.is_file() and file.stat().st_size <= MAX_FIGURE_BYTES:
            return Figure.read(file, captions.get(file.name, "Learning curves"))
    return None
