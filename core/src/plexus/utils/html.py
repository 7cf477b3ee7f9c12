"""HTML pages from the templates of `plexus/templates`."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from plexus.report.figure import read_inline_svg, svg_width
from plexus.utils.files import data_url
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parents[1] / "templates"
SCRIPTS = Path(__file__).parents[1] / "studio" / "static"


@dataclass(frozen=True)
class Figure:
    """A figure that is part of a page, so that the page needs no other file.

    Args:
        caption: Caption.
        url: The image as a data URL; None for an HTML document.
        document: The HTML document that is shown in a frame; None for an image.
        table: Rows of cells, the names of the columns first; empty for an image.
        width: Width of a vector graphic in pixels; None for others.
        curves: SVG element of curves whose values the page reads out; None for others.

    Example:
        ```python
        render("gallery.html", figures=[Figure.read(Path("confusion.svg"), "Confusion matrix")])
        ```
    """

    caption: str
    url: str | None = None
    document: str | None = None
    table: Sequence[Sequence[str]] = ()
    width: float | None = None
    curves: "Markup | None" = None

    @classmethod
    def read(cls, file: Path, caption: str) -> Self:
        """Read a figure from a file.

        Args:
            file: An image, an HTML document, or a table as CSV.
            caption: Caption.

        Returns:
            The figure.
        """
        if file.suffix == ".html":
            return cls(caption, document=file.read_text(encoding="utf-8"))
        if file.suffix == ".csv":
            with file.open(encoding="utf-8", newline="") as stream:
                return cls(caption, table=list(csv.reader(stream)))
        width = svg_width(file) if file.suffix == ".svg" else None
        return cls(caption, url=data_url(file), width=width, curves=_read_curves(file, caption) if width else None)


def _read_curves(file: Path, caption: str) -> "Markup | None":
    from markupsafe import Markup, escape

    svg = read_inline_svg(file)
    if not svg.startswith("<svg") or " data-curves=" not in svg[: svg.index(">")]:
        return None
    # matplotlib escapes the text in its SVG
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(caption)}" ', 1))  # noqa: S704


def render(template: str, **values: object) -> str:
    """Render a page; values are escaped.

    Args:
        template: File name of the template.
        **values: Values of the template's variables.

    Returns:
        The page.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, SCRIPTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment
