"""How a training went."""

from pathlib import Path
from typing import Any

from plexus.report.figure import save_figure


def draw_curves(history: list[dict[str, Any]], score: str, kept: int, file: Path) -> None:
    """Draw the loss and a score on the validation split, an epoch a point; mark the one that was kept."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [line["epoch"] + 1 for line in history]
    values = [line[score] for line in history]
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(epochs, [line["loss"] for line in history], color="#8a8f98")
    left.set(title="Training loss", xlabel="epoch")
    right.plot(epochs, values, color="#2a6fdb")
    right.plot(epochs[kept], values[kept], "o", color="#2a6fdb")
    right.annotate(f"{values[kept]:.4f}", (epochs[kept], values[kept]), xytext=(0, -14), textcoords="offset points")
    right.set(title=f"{score.replace('_', ' ').capitalize()} on the validation split", xlabel="epoch")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    save_figure(figure, file)
