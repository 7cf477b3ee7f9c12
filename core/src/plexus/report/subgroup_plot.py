"""Forest plot of the metrics of subgroups."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.report.colors import BLUE, GREY, RED
from plexus.report.figure import save_figure

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

MAX_ROWS, MAX_LETTERS = 40, 32
PANELS = {
    "roc_auc": "AUC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "observed_expected": "Observed / expected",
}


def draw_subgroups(table: "pl.DataFrame", file: Path) -> None:
    """Draw AUC, sensitivity, specificity and observed to expected outcomes of subgroups, with 95 % intervals.

    Args:
        table: The result of `plexus.metrics.subgroups.subgroup_table`; its first 40 rows are drawn.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    shown = table.head(MAX_ROWS)
    places = -np.arange(len(shown))
    figure = Figure(figsize=(10, 0.32 * len(shown) + 1.2), layout="constrained")
    panels = figure.subplots(1, len(PANELS), sharey=True)
    for axes, (name, title) in zip(panels, PANELS.items(), strict=True):
        _draw_panel(axes, shown, places, name)
        axes.set_title(title, fontsize=10)
    panels[0].set_yticks(places, [_label(row) for row in shown.iter_rows(named=True)], fontsize=9)
    save_figure(figure, file)


def _draw_panel(axes: "Axes", table: "pl.DataFrame", places: np.ndarray, name: str) -> None:
    values, low, high = (table[f"{name}{bound}"].to_numpy().astype(float) for bound in ("", "_low", "_high"))
    for place in places[np.isnan(values)].tolist():
        axes.text(0.5, place, "too few", transform=axes.get_yaxis_transform(), ha="center", va="center", fontsize=9)
    drawn = ~np.isnan(values)
    axes.hlines(places[drawn], low[drawn], high[drawn], color=BLUE, linewidth=1.5)
    axes.scatter(values[drawn], places[drawn], color=BLUE, s=22, zorder=3)
    if drawn[0]:
        axes.axvline(values[0], color=RED, linewidth=1, linestyle=":")
    if name == "observed_expected":
        axes.axvline(1, color=GREY, linewidth=1)
    else:
        axes.set_xlim(right=1.01)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(axis="x", labelsize=9)
    axes.set_ylim(places[-1] - 0.6, 0.6)


def _label(row: dict[str, object]) -> str:
    name = f"{row['column']} {row['value']}".strip()
    return f"{name[:MAX_LETTERS]} (cases: {row['cases']:,} of {row['rows']:,})"
