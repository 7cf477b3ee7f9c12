"""Numbers for people."""

from collections.abc import Iterable


def short(value: float) -> str:
    """Format a number with three digits and an SI prefix.

    Args:
        value: The number, at least 0.

    Returns:
        The number, a space and the prefix, for a unit to follow: `12.3 M`.
    """
    for prefix in ("", "k", "M", "G", "T"):
        if value < 999.5:
            return f"{value:.3g} {prefix}"
        value /= 1000
    return f"{value:.3g} P"


def html_table(title: str, rows: Iterable[tuple[str, object]]) -> str:
    """Format an HTML table for notebooks.

    Args:
        title: Title of the table.
        rows: Pairs of a name and a value; floats are rounded to four decimals.

    Returns:
        The table.
    """
    from plexus.utils.html import render

    return render("table.html", title=title, rows=[(name, _round(value)) for name, value in rows])


def _round(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
