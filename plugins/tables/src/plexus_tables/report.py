"""Figures of all tasks of tables."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus.data.spreadsheets import write_spreadsheet
from plexus.report.colors import BLUE, GREY
from plexus.report.figure import save_figure
from plexus_tables.comparison import Comparison

LOSS_FIGURE = {
    "models.svg": "Log loss of all models out of fold, compared with the one in use; bars are 95 % intervals"
}
"""Caption of the comparison of models by their log loss."""


def write_comparison(comparison: Sequence[Comparison], loss: str, folder: Path) -> None:
    """Write `models.svg` and `models.csv`: the out-of-fold losses of all models.

    Args:
        comparison: The models, the one in use first.
        loss: Name of the loss.
        folder: Folder to write to.
    """
    import polars as pl
    from matplotlib.figure import Figure

    write_spreadsheet(pl.DataFrame([row.to_json() for row in comparison]), folder / "models.csv")
    shown = list(comparison)[::-1]
    differences = np.array([row.difference for row in shown])
    margins = np.array([[row.difference - row.low, row.high - row.difference] for row in shown]).T
    figure = Figure(figsize=(6, 0.45 * len(shown) + 1.3), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color=GREY, linewidth=1)
    names = [f"{row.model} ({row.loss:.4f})" for row in shown]
    axes.errorbar(differences, names, xerr=margins, fmt="o", color=BLUE, ecolor=GREY)
    axes.set(title=f"{loss} out of fold", xlabel=f"Difference from {comparison[0].model}, the model in use")
    save_figure(figure, folder / "models.svg")


def draw_predictions(values: np.ndarray, targets: np.ndarray, file: Path) -> None:
    """Draw predicted and true numbers.

    Args:
        values: Predicted numbers of shape `(n,)`.
        targets: True numbers of shape `(n,)`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    limits = [min(values.min(), targets.min()), max(values.max(), targets.max())]
    axes.plot(limits, limits, color=GREY, linewidth=1)
    axes.scatter(targets, values, s=12, alpha=0.5, color=BLUE, linewidths=0, rasterized=True)
    axes.set(title="Test split", xlabel="True value", ylabel="Predicted value")
    save_figure(figure, file)
