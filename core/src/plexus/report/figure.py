"""Output of matplotlib figures."""

import io
import json
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexus.utils.formatting import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

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
SMALLEST_TEXT = 12
"""Size that each text of a figure has at least on a page, in pixels of CSS: where the page is narrower, it scrolls."""
_SVG_WIDTH = re.compile(r'<svg [^>]*width="([\d.]+)pt"')
_TEXT_SIZE = re.compile(r"font(?:-size)?: [^;\"]*?([\d.]+)px")
_SVG_SETTINGS: dict[str, Any] = {"format": "svg", "transparent": True, "metadata": {"Date": None}}
_drawing = threading.Lock()
"""Matplotlib's settings and the filters of warnings are global: threads draw one figure at a time."""


def save_figure(figure: "Figure", file: Path, dpi: int = 120, curves: "Mapping[str, Line2D] | None" = None) -> None:
    """Write a figure, its axes without a frame.

    Args:
        figure: The figure.
        file: File to write: PNG, or SVG in the colors of the reader's light or dark mode, black and white among them.
        dpi: Pixels per inch; of SVG that of the images in it.
        curves: Curves over the same x axis, by name, whose values a page reads out from the SVG; see `curve_data`.
    """
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    is_svg = file.suffix == ".svg"
    with _plain_text(figure):
        figure.savefig(file, dpi=dpi, **(_SVG_SETTINGS if is_svg else {}))
    if is_svg:
        svg = _in_page_colors(file.read_text(encoding="utf-8")).replace("<svg ", f"{_OWN_FILE} ", 1)
        if curves:
            svg = svg.replace(_OWN_FILE, f'{_OWN_FILE} data-curves="{escape(_figure_curves(figure, curves))}"', 1)
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


def curve_data(x_label: str, series: "Mapping[str, list[tuple[float, float, float, float]]]") -> str:
    """Describe curves for the script `curves.js`, which reads out their values; a chart library has 100 KB or more.

    Args:
        x_label: Label of the x axis.
        series: Points of each curve by its name: x, y, and their places in units of the SVG.

    Returns:
        JSON for the attribute `data-curves` of the SVG, not escaped.
    """
    points = {
        name: [(float(f"{x:.6g}"), number(y), round(left, 1), round(top, 1)) for x, y, left, top in values]
        for name, values in series.items()
    }
    return json.dumps({"x": x_label, "series": [{"name": name, "points": each} for name, each in points.items()]})


def _figure_curves(figure: "Figure", curves: "Mapping[str, Line2D]") -> str:
    """Describe curves of a figure that was drawn: only then its layout is known."""
    import numpy as np

    series, points = {}, 72 / figure.dpi
    for name, line in curves.items():
        values = np.asarray(line.get_xydata(), float)
        values = values[np.isfinite(values).all(axis=1)]
        left, bottom = (line.get_transform().transform(values) * points).T
        top = 72 * figure.get_figheight() - bottom
        series[name] = list(zip(*values.T.tolist(), left.tolist(), top.tolist(), strict=True))
    x_label = next(line.axes.get_xlabel() for line in curves.values() if line.axes)
    return curve_data(x_label, series)


def svg_width(svg: str) -> float | None:
    """Return the width of a vector graphic.

    Args:
        svg: The text of the file, or its `<svg>` element.

    Returns:
        Pixels of CSS; None if the element has no width in points, which Matplotlib writes.
    """
    match = _SVG_WIDTH.search(svg)
    return PIXELS_PER_POINT * float(match[1]) if match else None


def readable_width(svg: str) -> float:
    """Return the width at which the smallest text of a vector graphic has `SMALLEST_TEXT` pixels.

    Args:
        svg: The text of the file, or its `<svg>` element.

    Returns:
        Pixels of CSS; 0 if the graphic has no text, or no width in points.
    """
    sizes = [PIXELS_PER_POINT * float(size) for size in _TEXT_SIZE.findall(svg)]
    return (svg_width(svg) or 0) * SMALLEST_TEXT / min(sizes) if sizes else 0


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
