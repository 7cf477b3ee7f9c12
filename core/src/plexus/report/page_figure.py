"""Figures that are part of a page: of the report of a run, of the page of the demos, and of the apps."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from plexus.report.figure import read_inline_svg, readable_width, svg_width
from plexus.utils.files import data_url
from plexus.utils.html import render

if TYPE_CHECKING:
    from markupsafe import Markup

WIDE_IMAGE, WIDE_PLOT = 1000, 800
"""Width from which an image and a plot have a row of their own, in pixels."""
COLUMN = 490
"""Width of the columns of figures on a wide page in pixels: a plot that needs more has a row of its own."""


@dataclass(frozen=True)
class PageFigure:
    """A figure that is part of a page, so that the page needs no other file.

    Args:
        caption: Caption.
        url: An image as a data URL; None for others.
        svg: A plot, as an `<svg>` element in the colors of the page; None for others.
        document: An HTML document that is shown in a frame; None for others.
        table: Rows of cells, the names of the columns first; empty for others.
        width: Natural width of an image or plot in pixels of CSS; None if it is not known.

    Example:
        ```python
        figures_html([PageFigure.read(Path("confusion.svg"), "Confusion matrix")])
        ```
    """

    caption: str
    url: str | None = None
    svg: "Markup | None" = None
    document: str | None = None
    table: Sequence[Sequence[str]] = ()
    width: float | None = None

    @classmethod
    def read(cls, file: Path, caption: str) -> Self:
        """Read a figure from a file.

        Args:
            file: An image, an HTML document, or a table as CSV.
            caption: Caption.

        Returns:
            The figure; an SVG of `plexus.report.figure.save_figure` has the colors of the page.
        """
        if file.suffix == ".html":
            return cls(caption, document=file.read_text(encoding="utf-8"))
        if file.suffix == ".csv":
            with file.open(encoding="utf-8", newline="") as stream:
                return cls(caption, table=list(csv.reader(stream)))
        if file.suffix == ".svg" and (svg := read_inline_svg(file)).startswith("<svg style="):
            return cls.plot(svg, caption)
        return cls(caption, url=data_url(file), width=_image_width(file))

    @classmethod
    def plot(cls, svg: str, caption: str) -> Self:
        """Take a plot that Matplotlib has drawn.

        Args:
            svg: The element, of `plexus.report.figure.as_inline_svg` or `read_inline_svg`.
            caption: Caption.

        Returns:
            The figure.
        """
        from markupsafe import Markup

        # matplotlib escapes the text in its SVG
        return cls(caption, svg=Markup(svg), width=svg_width(svg))  # noqa: S704

    @property
    def has_curves(self) -> bool:
        """Whether a page with the script `curves.js` reads out the values of the figure."""
        return self.svg is not None and " data-curves=" in self.svg[: self.svg.index(">")]

    @property
    def least_width(self) -> int:
        """Width of a plot in pixels at which all its texts are readable: where the page is narrower, it scrolls."""
        width = 0 if self.svg is None else readable_width(self.svg)
        return math.floor(width + 1) if width else 0  # more by a part of a pixel: browsers round the height down

    @property
    def greatest_width(self) -> int:
        """Width of a plot on a wide page, in pixels."""
        return max(round(self.width or WIDE_PLOT), self.least_width)

    @property
    def is_wide(self) -> bool:
        """Whether the figure has a row of its own."""
        if self.svg is None:
            return (self.width or 0) >= WIDE_IMAGE
        return self.greatest_width >= WIDE_PLOT or self.least_width > COLUMN


def figures_html(figures: Sequence[PageFigure]) -> str:
    """Return figures with their style as HTML, for a page that is not of `plexus.utils.html.render`.

    Args:
        figures: The figures.

    Returns:
        HTML; empty if there are no figures.
    """
    return render("report_figures.html", items=figures) if figures else ""


def _image_width(file: Path) -> float | None:
    from PIL import UnidentifiedImageError

    from plexus.data.image_files import open_image

    try:
        with open_image(file, ["PNG"]) as image:
            return image.width
    except UnidentifiedImageError:
        return None
