"""Numbers and names for people."""

import re
from collections.abc import Iterable

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line separators, marks that reverse the direction of writing, and halves of characters."""


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


def printable(text: str) -> str:
    """Escape what a terminal would interpret or could not print, so that a text is one line.

    Args:
        text: A text that may hold names of files, which are bytes in any encoding.

    Returns:
        The text; control characters are escaped as in Python (`\\n`), bytes of a name that is not UTF-8 as `\\xff`.
    """
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as `os.fsdecode` keeps it
        return f"\\x{code - 0xDC00:02x}"
    return match[0].encode("unicode_escape").decode()


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
