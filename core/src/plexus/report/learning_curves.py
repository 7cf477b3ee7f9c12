"""How a training went."""

from pathlib import Path
from typing import Any

from plexus.report.figure import save_figure
from plexus.task import Task


def draw_learning_curves(history: list[dict[str, Any]], task: Task, file: Path) -> None:
    """Draw the loss and the score on the validation split, an epoch a point; mark the one that was kept."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    score = task.metric.name
    measured = [line for line in history if score in line]
    epochs, values = [line["epoch"] + 1 for line in measured], [line[score] for line in measured]
    kept = task.best_epoch(values)
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([line["epoch"] + 1 for line in history], [line["loss"] for line in history], ".-", color="#8a8f98")
    left.set(title="Training loss", xlabel="epoch")
    right.plot(epochs, values, color="#2a6fdb")
    right.plot(epochs[kept], values[kept], "o", color="#2a6fdb")
    right.annotate(f"{values[kept]:.4f}", (epochs[kept], values[kept]), xytext=(0, -14), textcoords="offset points")
    right.set(title=f"{score.replace('_', ' ').capitalize()} on the validation split", xlabel="epoch")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    save_figure(figure, file)
