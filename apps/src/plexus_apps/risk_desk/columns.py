"""Typical values, ranges and steps of the columns of a table."""

import math

from plexus_apps.risk_desk.table_codec import Column, Value
from plexus_apps.risk_desk.texts import rounded, shown_value

STEPS = (1.0, 0.5, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6)
"""Steps between the values of a numeric column, as far as range and median tell."""


def typical_value(column: Column) -> float | str:
    """Return the typical value of a column as people read it.

    Args:
        column: The column.

    Returns:
        The median, rounded to the digits that are shown, or the most frequent category. Of a column of dates without a
        time of day a date: the median of an even number of them may be a noon.
    """
    if column.kind == "numeric":
        return rounded(float(column.typical))
    if is_date_only(column):
        return column.shown(math.floor(column.centers[0]))
    return column.typical


def is_date_only(column: Column) -> bool:
    """Return whether a column holds dates without a time of day.

    Args:
        column: The column.

    Returns:
        Whether all dates of the training are at the same hour, and that is midnight.
    """
    return column.kind == "date" and "hour" not in column.parts and column.low % 1 == 0


def column_range(column: Column) -> str:
    """Return the range of a column in training.

    Args:
        column: The column.

    Returns:
        The smallest and the largest value; empty for categories.
    """
    if column.kind not in {"numeric", "date"}:
        return ""
    ends: list[Value] = [column.low, column.high]
    if column.kind == "date":
        ends = [column.shown(column.low), column.shown(column.high)]
    return "\N{EN DASH}".join(map(shown_value, ends))


def usual_range(column: Column, width: float) -> tuple[float, float]:
    """Return a range around the median that one outlier in the training does not move.

    Args:
        column: A column of numbers or dates.
        width: Half of the width, in interquartile ranges, above 0.

    Returns:
        Smallest and largest number, or day since 1970, within the range of the training.
    """
    center, scale = column.centers[0], column.scales[0]
    reach = width / scale if scale > 0 else 0.0
    return max(column.low, center - reach), min(column.high, center + reach)


def value_step(column: Column) -> float:
    """Return the step between the values of a numeric column, as far as its range and median tell.

    Args:
        column: The column.

    Returns:
        The first of `STEPS` of which the range's ends and twice the median are multiples, the median of an even number
        of rows being halfway between two values; else the last one.
    """
    numbers = (column.low, column.high, 2 * float(column.typical))
    return next((step for step in STEPS if all(_is_multiple(number, step) for number in numbers)), STEPS[-1])


def is_whole(column: Column) -> bool:
    """Return whether a numeric column seems to have whole numbers.

    Args:
        column: The column.

    Returns:
        Whether `value_step` is 1.
    """
    return value_step(column) == 1


def _is_multiple(number: float, step: float) -> bool:
    return math.isclose(number / step, round(number / step), rel_tol=1e-12, abs_tol=1e-6)
