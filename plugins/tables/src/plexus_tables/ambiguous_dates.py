"""Dates such as 01/05/2025, of which nothing in their column tells whether the day or the month is first."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from plexus.data.times import parse_times

if TYPE_CHECKING:
    import polars as pl

MONTHS = 12
_TWO_NUMBERS = r"^\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b"


class AmbiguousDate(NamedTuple):
    """The first date of a column that may be day/month or month/day.

    Attributes:
        row: Its row, counted from 0.
        date: The date that it was read as, YYYY-MM-DD.
        order: The order that was used: `day/month` or `month/day`.

    Example:
        ```python
        AmbiguousDate(2, "2025-05-01", "day/month")  # 01/05/2025
        ```
    """

    row: int
    date: str
    order: str


def find_ambiguous_date(series: "pl.Series") -> AmbiguousDate | None:
    """Find the first date whose order is not known.

    Args:
        series: The column of dates.

    Returns:
        The date; None if there is no such date, or if other dates of the column, such as 31/05/2025, all have the same
        order, which is the one that is used for all.
    """
    import polars as pl

    if series.dtype != pl.String:
        return None
    parts = series.str.extract_groups(_TWO_NUMBERS).struct.unnest().cast(pl.Int64)
    first, second = (parts[name].fill_null(0).to_numpy() for name in parts.columns)
    day_first, month_first = first > MONTHS, second > MONTHS
    either = (first > 0) & ~day_first & ~month_first & (first != second)
    if not either.any() or day_first.any() != month_first.any():
        return None
    seconds = parse_times(series).seconds
    rows = np.flatnonzero(either & ~np.isnan(seconds))
    if not len(rows):
        return None
    row = int(rows[0])
    day = datetime.fromtimestamp(float(seconds[row]), UTC).date()
    return AmbiguousDate(row, day.isoformat(), "day/month" if day.month == second[row] else "month/day")
