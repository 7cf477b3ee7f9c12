"""What reviews cost, and what they save."""

from pathlib import Path

import numpy as np

BLUE, RED = "#2a6fdb", "#c8372d"
POINTS = 400


def draw_costs(costs: np.ndarray, chosen: int, to: Path) -> None:
    """Draw the expected cost by the number of reviews `(n + 1,)`, and the number that is chosen."""
    from matplotlib.figure import Figure

    most = min(max(4 * chosen, 50), len(costs) - 1)
    shown = np.unique(np.linspace(0, most, POINTS).astype(int))
    figure = Figure(figsize=(7, 2.9), layout="constrained")
    axes = figure.subplots()
    axes.plot(shown, costs[shown], color=BLUE)
    axes.scatter([chosen], [costs[chosen]], color=RED, zorder=3, label=f"{chosen:,} reviewed")
    axes.set(xlabel="transactions reviewed", ylabel="expected cost", ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(to, dpi=100)
