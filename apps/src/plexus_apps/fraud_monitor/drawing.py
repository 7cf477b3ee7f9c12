"""The figure of expected costs."""

from pathlib import Path

import numpy as np

from plexus.report.colors import BLUE, RED

MAX_POINTS, MIN_REVIEWS = 400, 50
TEXT_SIZE = 12
"""In points: on a phone the figure is not wider than the page, and its text has 12 pixels."""


def draw_costs(costs: np.ndarray, reviews: int, file: Path) -> None:
    """Draw the expected cost by the number of reviews.

    Args:
        costs: Expected cost of 0, 1, … reviews, shape `(n + 1,)`.
        reviews: The number of reviews to mark.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    last = min(max(4 * reviews, MIN_REVIEWS), len(costs) - 1)
    shown = np.unique(np.linspace(0, last, MAX_POINTS).astype(int))
    figure = Figure(figsize=(4.5, 2.9), layout="constrained")
    axes = figure.subplots()
    axes.plot(shown, costs[shown], color=BLUE)
    axes.scatter([reviews], [costs[reviews]], color=RED, zorder=3, label=f"{reviews:,} reviewed")
    axes.set_xlabel("Transactions reviewed", fontsize=TEXT_SIZE)
    axes.set_ylabel("Expected cost", fontsize=TEXT_SIZE)
    axes.set_ylim(0, None)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=TEXT_SIZE)
    axes.tick_params(labelsize=TEXT_SIZE)
    save_figure(figure, file, dpi=100)
