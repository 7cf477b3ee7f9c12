"""How a training went."""

from pathlib import Path
from typing import Any

from plexus.report.figure import save_figure
from plexus.score import Score


def draw_curves(history: list[dict[str, Any]], score: Score, file: Path) -> None:
    """Draw the loss and the task's score on the validation split, an epoch a point, and mark the best."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [line["epoch"] + 1 for line in history]
    values = [line[score.name] for line in history]
    best = score.best(values)
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(epochs, [line["loss"] for line in history], color="#8a8f98")
    left.set(title="Training loss", xlabel="epoch")
    right.plot(epochs, values, color="#2a6fdb")
    right.plot(epochs[best], values[best], "o", color="#2a6fdb")
    right.annotate(f"{values[best]:.4f}", (epochs[best], values[best]), xytext=(0, -14), textcoords="offset points")
    right.set(title=f"{score.name.replace('_', ' ').capitalize()} on the validation split", xlabel="epoch")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    save_figure(figure, file)
