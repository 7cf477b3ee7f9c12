"""Output of matplotlib figures."""

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#010203"
"""Color that a vector graphic replaces by the text color of the page, in light and in dark mode; so is black."""
_DARK, _WHITE = (INK, "#000000"), "#ffffff"
_PAGE_TEXT, _PAGE_BACKGROUND = "currentColor", "var(--page, var(--background-fill-primary, #fff))"
_OWN_FILE, _INLINE = '<svg class="plexus-figure"', '<svg style="width:100%;height:auto;fill:currentColor"'
_STYLE = """<style>
.plexus-figure { color: #1c2430; fill: currentColor; --page: #fff }
@media (prefers-color-scheme: dark) { .plexus-figure { color: #e4e8ef; --page: #12161d } }
</style>"""
"""The colors of `templates/page.html`, of a figure that is a file of its own."""
PIXELS_PER_POINT = 4 / 3
_SVG_WIDTH = re.compile(r'<svg [^>]*width="([\d.]+)pt"')
_SVG_SETTINGS: dict[str, Any] = {"format": "svg", "transparent": True, "metadata": {"Date": None}}
_drawing = threading.Lock()
"""Matplotlib's settings and the filters of warnings are global: threads draw one figure at a time."""


def save_figure(figure: "Figure", file: Path, dpi: int = 120) -> None:
    """Write a figure, its axes without a frame.

    Args:
        figure: The figure.
        file: File to write: PNG, or SVG in the colors of the reader's light or dark mode, black and white among them.
        dpi: Pixels per inch.
    """
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    is_svg = file.suffix == ".svg"
    with _plain_text(figure):
        figure.savefig(file, dpi=dpi, **(_SVG_SETTINGS if is_svg else {}))
    if is_svg:
        svg = _in_page_colors(file.read_text(encoding="utf-8")).replace("<svg ", f"{_OWN_FILE} ", 1)
        end = svg.index(">") + 1
        file.write_text(f"{svg[:end]}{_STYLE}{svg[end:]}", encoding="utf-8")


def as_inline_svg(figure: "Figure") -> str:
    """Return a figure as an `<svg>` element as wide as the page allows, with the texts and colors of the page.

    Args:
        figure: The figure; black and `INK` become the text color of the page, white its background.

    Returns:
        The element; text in it is escaped.
    """
    stream = io.StringIO()
    with _plain_text(figure):
        figure.savefig(stream, **_SVG_SETTINGS)
    return _in_page_colors(stream.getvalue()).replace("<svg ", f"{_INLINE} ", 1)


def read_inline_svg(file: Path) -> str:
    """Read a figure that `save_figure` wrote as SVG, for a page with its own light and dark mode.

    Args:
        file: The file.

    Returns:
        The element, as of `as_inline_svg`.
    """
    return file.read_text(encoding="utf-8").replace(_STYLE, "", 1).replace(_OWN_FILE, _INLINE, 1)


def svg_width(file: Path) -> float | None:
    """Return the width of a vector graphic.

    Args:
        file: The file, as SVG.

    Returns:
        Pixels of CSS; None if the file has no width in points, which Matplotlib writes.
    """
    match = _SVG_WIDTH.search(file.read_text(encoding="utf-8"))
    return PIXELS_PER_POINT * float(match[1]) if match else None


def _in_page_colors(svg: str) -> str:
    """Return an `<svg>` element whose black and white are the colors of the page."""
    svg = svg[svg.index("<svg") :]
    for color in _DARK:
        svg = svg.replace(color, _PAGE_TEXT)
    return svg.replace(_WHITE, _PAGE_BACKGROUND)


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
    settings = mpl.rc_context({"text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "plexus"})
    with _drawing, settings, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield
