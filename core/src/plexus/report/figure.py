"""Output of matplotlib figures."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#010203"
"""Color that `as_inline_svg` replaces by the text color of the page, in light and in dark mode."""
_drawing = threading.Lock()
"""Matplotlib's settings and the filters of warnings are global: threads draw one figure at a time."""


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
    return _svg(figure, "path")


def as_inline_svg(figure: "Figure") -> str:
    """Return a figure as an `<svg>` element as wide as the page allows, whose texts are texts of the page.

    Args:
        figure: The figure; what has the color `INK` gets the text color of the page.

    Returns:
        The element; text in it is escaped.
    """
    svg = _svg(figure, "none")
    return svg.replace(INK, "currentColor").replace("<svg ", '<svg style="width:100%;height:auto" ', 1)


def _svg(figure: "Figure", text_as: Literal["path", "none"]) -> str:
    """Return a figure with texts as shapes (`path`), or as texts in a font of the page (`none`)."""
    stream = io.StringIO()
    with _plain_text(figure, text_as):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()[stream.getvalue().index("<svg") :]


@contextmanager
def _plain_text(figure: "Figure", text_as: Literal["path", "none"] = "path") -> Iterator[None]:
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
    settings = mpl.rc_context({"text.parse_math": False, "svg.fonttype": text_as})
    with _drawing, settings, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield
