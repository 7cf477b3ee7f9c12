"""Summary of a bundle for notebooks: its metrics, a figure of its results, and a link to its report."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.report.intervals import confidence_interval, metric_names
from plexus.report.learning_curves import FILE_NAME
from plexus.utils.files import data_url
from plexus.utils.html import render

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.task import AnyTask

FIGURES = {".png", ".svg"}
MAX_FIGURE_BYTES = 1 << 21
"""Largest figure that is part of a notebook."""


def bundle_summary(task: "AnyTask", manifest: "JsonObject", folder: Path, report: Path | None) -> str:
    """Return a summary of a bundle as HTML.

    Args:
        task: The task.
        manifest: The content of `bundle.json`.
        folder: The bundle's folder.
        report: The page about the training; None if it is not known.

    Returns:
        The table of metrics with 95 % intervals; of a bundle that was trained here also a figure of its results and a
        link to its report.
    """
    metrics, examples = manifest["scores"], manifest["data"]["examples"]["test"]
    rows = [
        (task.describe_metric(name), metrics[name], confidence_interval(name, metrics, examples))
        for name in metric_names(metrics)
    ]
    return render(
        "bundle.html",
        title=f"{task.id}, {folder}",
        examples=examples,
        rows=rows,
        ranking=task.metric.name,
        figure=None if report is None else _figure(task.figure_captions, report.parent / "report"),
        report=None if report is None else report.resolve().as_uri(),
    )


def _figure(captions: Mapping[str, str], folder: Path) -> dict[str, str] | None:
    """Return `url` and `caption` of the first figure of the task's report, or of the learning curves."""
    names = [*(name for name in captions if Path(name).suffix in FIGURES), FILE_NAME]
    for file in (folder / name for name in names):
        if file.is_file() and file.stat().st_size <= MAX_FIGURE_BYTES:
            return {"url": data_url(file), "caption": captions.get(file.name, "Learning curves")}
    return None
