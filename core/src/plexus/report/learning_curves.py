"""Learning curves."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.report.colors import BLUE
from plexus.report.figure import save_figure
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.task import AnyTask


def draw_learning_curves(
    history: "Sequence[JsonObject]", task: "AnyTask", file: Path, validation: str = "validation split"
) -> None:
    """Draw loss and validation metric of each epoch, and mark the epoch whose weights were kept.

    Args:
        history: The history of the training.
        task: The task.
        file: PNG or SVG file to write.
        validation: Predictions that the metric of an epoch is computed from: `validation split`.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    metric = task.metric.name
    evaluated = [line for line in history if metric in line]
    epochs, values = [line["epoch"] + 1 for line in evaluated], [line[metric] for line in evaluated]
    best = task.best_epoch(values)
    figure = Figure(figsize=(8.5, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([line["epoch"] + 1 for line in history], [line["loss"] for line in history], ".-", color="#8a8f98")
    left.set(title="Training loss", xlabel="epoch")
    right.plot(epochs, values, color=BLUE)
    right.plot(epochs[best], values[best], "o", color=BLUE)
    right.set(
        title=f"{task.metric.label}, {validation}:\n{number(values[best])} in epoch {epochs[best]}", xlabel="epoch"
    )
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    save_figure(figure, file)
