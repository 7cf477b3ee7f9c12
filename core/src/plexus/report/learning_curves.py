"""Learning curves."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from plexus.report.colors import BLUE
from plexus.report.figure import save_figure
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plexus.codec import JsonObject
    from plexus.metric import Metric
    from plexus.task import AnyTask

FILE_NAME = "training.svg"
"""Name of the file in the report of a run."""
GREY = "#8a8f98"
TITLE_LETTERS = 38
"""Letters in a line of a title, which has half of the width of the figure."""


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
    metric = task.metric
    best = task.best_epoch([line[metric.name] for line in history if metric.name in line])
    figure = learning_curves(history, metric, best, validation)
    left, right = figure.axes
    curves = {"training loss": left.lines[0], f"{metric.label}, {validation}": right.lines[0]}
    save_figure(figure, file, curves=curves)


def learning_curves(
    history: "Sequence[JsonObject]", metric: "Metric", best: int | None, validation: str = "validation split"
) -> "Figure":
    """Draw loss and validation metric of each epoch.

    Args:
        history: The history of the training, at least one epoch.
        metric: The metric that ranks the epochs.
        best: Index among the evaluated epochs of the one to mark; None if no epoch was evaluated.
        validation: Predictions that the metric of an epoch is computed from: `validation split`.

    Returns:
        The figure: the loss on the left, the metric on the right.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    evaluated = [line for line in history if metric.name in line]
    epochs, values = [line["epoch"] + 1 for line in evaluated], [line[metric.name] for line in evaluated]
    figure = Figure(figsize=(8.5, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([line["epoch"] + 1 for line in history], [line["loss"] for line in history], ".-", color=GREY)
    left.set(title="Training loss", xlabel="epoch")
    right.plot(epochs, values, color=BLUE)
    title = fill(f"{metric.label}, {validation}", TITLE_LETTERS)
    if best is not None:
        right.plot(epochs[best], values[best], "o", color=BLUE)
        title += f":\n{number(values[best])} in epoch {epochs[best]}"
    right.set(title=title, xlabel="epoch")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.spines[["top", "right"]].set_visible(False)
    return figure
