"""Numbers of texts that are ranges, such as `1 to 7`, `more than 30` and `3 years`."""

import math
import re
from collections.abc import Sequence

from plexus.data.cells import parse_number

MIN_NUMBERS, MIN_SHARE = 3, 0.6
"""Different numbers, and share of the texts that have one, from which the texts of a column are ordered."""
ZERO_WORDS = ("none", "new", "never", "zero")
DAYS_OF_UNITS = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}
_NUMBER = r"[$€£]?\s?(\d[\d.,]*)"
_RANGE = re.compile(
    rf"(?P<above>more than|over|above|at least|>=?|≥)?(?P<below>less than|under|below|up to|at most|<=?|≤)?\s*{_NUMBER}"
    rf"(?:\s*(?:to|-|\u2013)\s*{_NUMBER})?\s*(?P<open>\+|and more|or more)?\s*(?P<unit>[^\W\d]+)?",
    re.IGNORECASE,
)


def range_unit(text: str) -> str | None:
    """Return the unit of a text that is a number or a range.

    Args:
        text: The text, such as `2 to 3 years`.

    Returns:
        The unit in the singular, empty if there is none; None if the text is no range.
    """
    match = _RANGE.fullmatch(text.strip())
    return None if match is None else _singular(match["unit"])


def range_number(text: str, unit: str) -> float | None:
    """Return the number in the middle of a range.

    An open range counts as its bound times 0.5 or 1.5, and times of different units are compared in days.

    Args:
        text: The text.
        unit: Unit of a text that has none.

    Returns:
        The number; None if the text is no range.
    """
    if text.strip().lower() in ZERO_WORDS:
        return 0.0
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return None
    low, high = (parse_number(part) for part in (match[3], match[4] or match[3]))
    middle = (low + high) / 2
    if math.isnan(middle):
        return None
    if match["above"] or match["open"]:
        middle *= 1.5
    elif match["below"]:
        middle *= 0.5
    return middle * DAYS_OF_UNITS.get(_singular(match["unit"]) or unit, 1.0)


def shared_unit(texts: Sequence[str]) -> str | None:
    """Return the unit of the texts of a column whose texts are ranges, so that they have an order.

    Args:
        texts: The different texts of a column, without the empty one.

    Returns:
        The unit of texts that have none, empty if no text has one; None if too few texts are ranges, if units cannot be
        compared, or if two texts have the same number.
    """
    units = {unit for text in texts if (unit := range_unit(text))}
    if len(units) > 1 and not units <= DAYS_OF_UNITS.keys():
        return None
    unit = units.pop() if len(units) == 1 else ""
    if not any(math.isnan(parse_number(text)) for text in texts):  # identifiers such as 007
        return None
    numbers = [number for text in texts if (number := range_number(text, unit)) is not None]
    if len(numbers) < max(MIN_NUMBERS, MIN_SHARE * len(texts)) or len(set(numbers)) < len(numbers):
        return None
    return unit


def _singular(unit: str | None) -> str:
    return (unit or "").lower().removesuffix("s")
