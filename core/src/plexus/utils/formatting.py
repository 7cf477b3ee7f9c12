"""Formatting of numbers and tables for people."""

from collections.abc import Iterable
from html import escape


def short(value: float) -> str:
    """Format a number with three digits and an SI prefix.

    Args:
        value: The number, 0 or more.

    Returns:
        The text, such as `12.3 M`; a unit may follow.
    """
    for prefix in ("", "k", "M", "G", "T"):
        if value < 999.5:
            return f"{value:.3g} {prefix}"
        value /= 1000
    return f"{value:.3g} P"


def html_table(title: str, rows: Iterable[tuple[str, object]]) -> str:
    """Format names and values as an HTML table.

    Args:
        title: The caption.
        rows: Pairs of a name and a value; numbers are rounded to four decimals.

    Returns:
        The HTML.
    """
    cells = "".join(
        f"<tr><td style='text-align:left'>{escape(name)}</td><td>{escape(_rounded(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table><caption style='text-align:left'>{escape(title)}</caption>{cells}</table>"


def _rounded(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
