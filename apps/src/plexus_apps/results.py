"""Results of a page as HTML, in the colors of the page."""

import re
import tempfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from plexus import InputError
from plexus.utils.formatting import number
from plexus_apps.report_figures import report_figures

STYLE = """<style>
.app-style, .app-message:not(:has(.app-note, .app-error)) { display: none !important }
.html-container { padding: 0 !important }
.app-note { font-size: 14px; color: var(--body-text-color-subdued) }
.app-error { font-size: 15px; padding: 6px 12px; border-left: 4px solid #c8372d; overflow-wrap: anywhere }
.app-text { font-size: 15px; overflow-wrap: anywhere }
.app-table + .app-text { margin-top: 8px }
.app-table { overflow: auto; max-height: 460px; border: 1px solid var(--border-color-primary); border-radius: 6px }
.app-table :is(table, thead, tbody, tr) { border: 0 !important; background: none !important }
.app-table table { width: 100%; margin: 0; border-collapse: collapse; font-size: 14px;
  font-variant-numeric: tabular-nums }
.app-table :is(th, td) { padding: 6px 10px !important; text-align: left; vertical-align: top;
  border: 0 solid var(--border-color-primary) !important; border-bottom-width: 1px !important }
.app-table th { position: sticky; top: 0; white-space: nowrap; font-weight: 600;
  background: var(--background-fill-secondary) }
.app-table td { overflow-wrap: break-word; max-width: 28rem }
.app-table .long { min-width: 15rem }
.app-table .number { text-align: right; white-space: nowrap }
.app-file button:has(input[type=file]) { padding-top: 34px !important }
button.app-button { padding: 4px 12px; border-radius: 6px; font-size: 14px; font-weight: 600; cursor: pointer;
  white-space: nowrap; background: var(--button-secondary-background-fill); color: var(--button-secondary-text-color) }
.app-caption { font-size: 14px; margin-bottom: 6px }
.app-page { width: 100%; height: 300px; border: 0; border-radius: 6px; color-scheme: light dark }
</style>"""
"""Style of the results of all pages."""
FIT_PAGES = """
const fit = frame => {
  const {height} = frame.contentDocument.documentElement.getBoundingClientRect();
  frame.style.height = `${Math.ceil(height)}px`;
};
document.addEventListener('load', event => {
  const frame = event.target;
  if (!frame.matches?.('iframe.app-page')) return;
  new ResizeObserver(() => fit(frame)).observe(frame.contentDocument.documentElement);
}, true);
"""
"""Makes the frames of `page_html` as high as their content, at each width."""
LONG_TEXT = 30
"""Characters from which a cell is wide."""
_FOLDERS = re.compile(r"""(?<![\w.:/])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:;,'"`()]+[/\\])+""")
"""The folders at the start of an absolute path; not the address of a web page."""


def note_html(text: str) -> str:
    """Return a line of text in the place of a result.

    Args:
        text: The text.

    Returns:
        HTML.
    """
    return f'<div class="app-note">{escape(text)}</div>'


def error_html(error: InputError) -> str:
    """Return an error as a line of the page, which the next result replaces.

    Args:
        error: The error.

    Returns:
        HTML, without folders of the server.
    """
    return f'<div class="app-error" role="alert"><b>Error:</b> {escape(without_folders(str(error)))}</div>'


def without_folders(text: str) -> str:
    """Shorten each absolute path in a text to its file name: a page shows no folders of the server.

    Args:
        text: The text.

    Returns:
        The text with file names.
    """
    return _FOLDERS.sub("", text)


def table_html(caption: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table that scrolls in itself; columns of numbers are aligned at the right.

    Args:
        caption: Caption above it.
        headers: Names of the columns.
        rows: The cells; None is an empty one. Floating-point numbers have four significant digits.

    Returns:
        HTML.
    """
    columns = [[row[place] for row in rows] for place in range(len(headers))]
    classes = [' class="number"' if _are_numbers(column) else "" for column in columns]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(headers, classes, strict=True))
    cells = (zip(row, classes, strict=True) for row in rows)
    body = "".join(f"<tr>{''.join(cell_html(_text(cell), kind) for cell, kind in row)}</tr>" for row in cells)
    title = escape(caption, quote=True)
    return (
        f'<div class="app-caption">{title}</div><div class="app-table" tabindex="0" role="region" aria-label="{title}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def cell_html(text: str, attributes: str = "") -> str:
    """Return a cell of a table, wide enough for a long text.

    Args:
        text: The text; it is escaped.
        attributes: Attributes of the element, with a space before each.

    Returns:
        HTML.
    """
    attributes = attributes or (' class="long"' if len(text) > LONG_TEXT else "")
    return f"<td{attributes}>{escape(text)}</td>"


def figure_html(draw: Callable[[Path], object], caption: str) -> str:
    """Return a figure as a vector graphic in the colors of the page.

    Args:
        draw: Writes the figure to a file, whose suffix is `.svg`.
        caption: Caption above it.

    Returns:
        HTML.
    """
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder) / "figure.svg")
        return report_figures(Path(folder), {"figure.svg": caption})


def page_html(page: str, title: str) -> str:
    """Return a page, such as an explanation, in a frame that is as high as its content.

    Args:
        page: The HTML document.
        title: Title of the frame, for screen readers.

    Returns:
        HTML.
    """
    return f'<iframe class="app-page" title="{escape(title)}" srcdoc="{escape(page)}"></iframe>'


def _are_numbers(column: Sequence[object]) -> bool:
    values = [value for value in column if value is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _text(value: object) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else str(value)
