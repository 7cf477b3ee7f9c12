"""One look for every picture."""

from pathlib import Path
from typing import Any


def save_figure(figure: Any, file: Path) -> None:
    """Write a matplotlib figure as PNG, its axes without a frame."""
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=120)
