"""Cells and names as texts."""

import math

from plexus_apps.risk_desk.table_codec import Value

MAX_TEXT = 40
"""Characters of a name or category in a figure."""
SMALLEST, LARGEST = 1e-4, 1e12
"""Sizes of numbers that are not written in scientific notation: from the first, below the second."""
DIGITS = 6
"""Significant digits of a cell; digits before the point are never dropped."""
MIN_GROUPED = 10_000
"""Cells below are written without commas: they may be years."""


def cell_text(number: float) -> str:
    """Return a number of a table as text: with more digits than `plexus.utils.formatting.number` gives a result.

    Args:
        number: The number.

    Returns:
        `705.055`, `30.07`, `415,680`, `1950`; below `SMALLEST` and from `LARGEST` in scientific notation.
    """
    if not math.isfinite(number) or (number and not SMALLEST <= abs(number) < LARGEST):
        return f"{number:.{DIGITS}g}"
    shown = rounded(number)
    text = f"{shown:{',' if abs(shown) >= MIN_GROUPED else ''}.{_decimals(number)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(number: float) -> float:
    """Round a number as `cell_text` shows it.

    Args:
        number: The number.

    Returns:
        The number, without the error of binary fractions: 705.055 for 705.0550000000001.
    """
    return round(number, _decimals(number)) + 0.0  # + 0.0 turns -0.0 into 0.0


def shown_value(value: Value) -> str:
    """Return a cell as text.

    Args:
        value: The cell.

    Returns:
        The text, at most `MAX_TEXT` characters.
    """
    if value is None:
        return "missing"
    return shortened(value) if isinstance(value, str) else cell_text(value)


def shortened(text: str) -> str:
    """Return the beginning of a text.

    Args:
        text: The text.

    Returns:
        At most `MAX_TEXT` characters.
    """
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def _decimals(number: float) -> int:
    """Return the digits after the point that make up the significant ones; 0 or more."""
    if not number or not math.isfinite(number):
        return 0
    return max(0, DIGITS - 1 - math.floor(math.log10(abs(number))))
