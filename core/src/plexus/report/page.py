"""The report of a run: one HTML file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.metric import Metric
from plexus.report.figure import as_inline_svg
from plexus.report.gradient_norms import draw_gradient_norms
from plexus.report.intervals import confidence_interval, metric_names
from plexus.report.learning_curves import FILE_NAME
from plexus.report.model_card import training_command
from plexus.report.page_figure import PageFigure
from plexus.report.training_cost import cost_rows
from plexus.training.state import TrainingState
from plexus.utils.files import write_whole
from plexus.utils.html import render

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.task import AnyTask

FIGURES = {".png", ".gif", ".html", ".svg"}
"""Suffixes of files that the page shows; of tables, `.csv`, it shows those that have a caption."""
BEST_EPOCH_NOTE = "The dot marks the epoch whose weights are in the bundle"
GRADIENT_CAPTION = "Norm of each layer's gradient by epoch; a row per layer, from the input down to the output"


@dataclass(frozen=True)
class MetricRow:
    """A row of the table of metrics.

    Args:
        metric: The metric.
        value: Its value.
        interval: Its 95 % confidence interval; None if it is not known.

    Example:
        ```python
        MetricRow(Metric("accuracy"), 0.97, (0.95, 0.98))
        ```
    """

    metric: Metric
    value: float
    interval: tuple[float, float] | None


def write_page(
    task: "AnyTask", folder: Path, state: TrainingState, manifest: "JsonObject", training_note: str = ""
) -> Path:
    """Write `report.html` in the folder of a run, with the figures of its folder `report`.

    Args:
        task: The task.
        folder: Folder of the run.
        state: Progress of the training.
        manifest: Manifest of the bundle.
        training_note: Which part of the model the training belongs to; empty for the whole model.

    Returns:
        The file.
    """
    metrics = {row.metric.name: row for row in _metric_rows(task, manifest)}
    score, baseline = metrics[manifest["score"]], metrics.get(manifest["baseline"])
    data = manifest["data"]
    curves = folder / "report" / FILE_NAME
    name, (title, _, details) = Path(data["name"]).name or data["name"], manifest["summary"].partition(": ")
    page = render(
        "report.html",
        title=f"{title}: {name}",
        details=details[:1].upper() + details[1:],
        date=f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC",
        manifest=manifest,
        score=score,
        baseline=baseline,
        beats_baseline=baseline is not None and task.metric.is_better(score.value, than=baseline.value),
        is_uncertain=baseline is not None
        and score.interval is not None
        and score.interval[0] <= baseline.value <= score.interval[1],
        metrics=list(metrics.values()),
        task_figures=list(_task_figures(folder / "report", task.figure_captions)),
        learning_curves=PageFigure.read(curves, ". ".join(filter(None, [training_note, BEST_EPOCH_NOTE])))
        if curves.exists()
        else None,
        training_note=training_note,
        warnings=state.warnings,
        gradients=_gradient_figure(state.history),
        data={
            "data": data["name"],
            "licence": data["licence"],
            "examples": ", ".join(f"{count:,} {split}" for split, count in data["examples"].items()),
            "fingerprint": data["fingerprint"],
        },
        cost=cost_rows(state, manifest),
        command=training_command(manifest, task.options),
        versions=", ".join(f"{name} {version}" for name, version in manifest["versions"].items()),
    )
    file = folder / "report.html"
    write_whole(file, page)
    return file


def _gradient_figure(history: "Sequence[JsonObject]") -> PageFigure | None:
    epochs = [line for line in history if line.get("gradients")]
    return PageFigure.plot(as_inline_svg(draw_gradient_norms(epochs)), GRADIENT_CAPTION) if epochs else None


def _metric_rows(task: "AnyTask", manifest: "JsonObject") -> Iterator[MetricRow]:
    metrics, examples = manifest["scores"], manifest["data"]["examples"]["test"]
    for name in metric_names(metrics):
        yield MetricRow(task.describe_metric(name), metrics[name], confidence_interval(name, metrics, examples))


def _task_figures(folder: Path, captions: Mapping[str, str]) -> Iterator[PageFigure]:
    for file in sorted(folder.iterdir()):
        is_shown = file.suffix in FIGURES or (file.suffix == ".csv" and file.name in captions)
        if is_shown and file.name != FILE_NAME:
            yield PageFigure.read(file, captions.get(file.name, file.stem.replace("_", " ").capitalize()))
