"""The figures of a run's report on a page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from plexus.data.image_files import open_image
from plexus.report.figure import PIXELS_PER_POINT, read_inline_svg, svg_width
from plexus.utils.files import data_url

WIDE, WIDE_PLOT = 1000, 800
"""Width from which an image and a plot have a row of their own, in pixels."""
COLUMN = 480
"""Width of the columns of figures on a wide page in pixels: a plot that needs more has a row of its own."""
SMALLEST_TEXT = 12
"""Of a plot, in pixels: where the page is narrower, it scrolls."""
LEARNING_CURVES = {"training.svg": "Learning curves"}
"""Caption of the figure that every training writes."""
_TEXT_SIZE = re.compile(r"font(?:-size)?: [^;\"]*?([\d.]+)px")
_STYLE = """<style>
.report-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 18px }
.report-figures figure { margin: 0; min-width: 0 }
.report-figures figure.wide { grid-column: 1 / -1 }
.report-figures figcaption { font-size: 14px; margin-bottom: 6px }
.report-figures figure > div { overflow-x: auto; border-radius: 6px }
.report-figures :is(img, figure > div > div) { display: block; width: 100%; margin: 0 auto }
.report-figures figure.wide img { min-width: 680px }
</style>"""


def report_figures(folder: Path, captions: Mapping[str, str], first: Sequence[str] = ()) -> str:
    """Return the figures of a report as HTML, plots in the reader's light or dark mode.

    Args:
        folder: The folder `report` of a run.
        captions: Captions by name of the file; images without one are left out.
        first: Names of files that come first.

    Returns:
        HTML; empty if there are no figures.
    """
    names = [name for name in dict.fromkeys([*first, *captions]) if name in captions and (folder / name).is_file()]
    items = "".join(_figures_html(folder, names, captions))
    return f'{_STYLE}<div class="report-figures">{items}</div>' if items else ""


def _figures_html(folder: Path, names: Sequence[str], captions: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        if name.endswith((".png", ".svg")):
            caption, (picture, is_wide) = escape(captions[name], quote=True), _picture(folder / name)
            wide = ' class="wide"' if is_wide else ""
            yield (
                f"<figure{wide}><figcaption>{caption}</figcaption>"
                f'<div tabindex="0" role="img" aria-label="{caption}">{picture}</div></figure>'
            )


def _picture(file: Path) -> tuple[str, bool]:
    """Return a figure as HTML, and whether it has a row of its own."""
    if file.suffix == ".svg":
        width = svg_width(file) or WIDE_PLOT
        least = _readable_width(file, width)
        style = f"min-width:{least:.0f}px;max-width:{max(width, least):.0f}px"
        return f'<div style="{style}">{read_inline_svg(file)}</div>', width >= WIDE_PLOT or least > COLUMN
    with open_image(file, ["PNG"]) as image:
        size = image.width
    return f'<img style="max-width:{size}px" src="{data_url(file)}" alt="">', size >= WIDE


def _readable_width(file: Path, width: float) -> float:
    """Return the width at which the smallest text of a plot has `SMALLEST_TEXT` pixels."""
    sizes = [PIXELS_PER_POINT * float(size) for size in _TEXT_SIZE.findall(file.read_text(encoding="utf-8"))]
    return width * SMALLEST_TEXT / min(sizes) if sizes else 0
