"""Output of matplotlib figures."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_figure(figure: "Figure", file: Path, dpi: int = 120) -> None:
    """Write a figure as PNG, its axes without a frame.

    Args:
        figure: The figure.
        file: File to write.
        dpi: Pixels per inch.
    """
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    with _plain_text(figure):
        figure.savefig(file, dpi=dpi)


def as_svg(figure: "Figure") -> str:
    """Return a figure as an `<svg>` element.

    Args:
        figure: The figure.

    Returns:
        The element; text in it is escaped.
    """
    stream = io.StringIO()
    with _plain_text(figure):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()[stream.getvalue().index("<svg") :]


@contextmanager
def _plain_text(figure: "Figure") -> Iterator[None]:
    """Draw labels as they are: dollar signs begin no formula; a letter that the font lacks is drawn as a box."""
    import matplotlib as mpl
    from matplotlib.text import Text
    from matplotlib.ticker import LogFormatter, NullFormatter, StrMethodFormatter

    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if isinstance(axis.get_major_formatter(), LogFormatter):  # its numbers are formulas
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    # Ticks are made when the figure is drawn.
    with mpl.rc_context({"text.parse_math": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield
