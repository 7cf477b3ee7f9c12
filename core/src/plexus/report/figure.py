"""One look for every picture."""

import io
from pathlib import Path
from typing import Any


def save_figure(figure: Any, file: Path) -> None:
    """Write a matplotlib figure as PNG, its axes without a frame."""
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=120)


def as_svg(figure: Any) -> str:
    """A matplotlib figure as an `<svg>` element, sharp at any size."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
