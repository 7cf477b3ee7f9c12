"""Times of transactions in seconds, from numbers and from dates in several formats."""

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from plexus import Findings, InputError
from plexus.utils.messages import note
from plexus_fraud.column_values import as_number, as_numbers
from plexus_fraud.row_findings import add_rows

if TYPE_CHECKING:
    import polars as pl

DAY = 86_400.0
DAY_FIRST = "%d/%m/%Y"
_DAYS, _CLOCKS = ("%Y-%m-%d", DAY_FIRST, "%m/%d/%Y"), (" %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", "")
DATE_FORMATS = tuple(day + clock for clock in _CLOCKS for day in _DAYS)
EXPECTED = "expected seconds, or dates like 2026-01-31 23:59:59"
SECOND_FORMAT = "times are in a second format"


def parse_times(series: "pl.Series", column: str, place: str, findings: Findings) -> tuple[np.ndarray, bool]:
    """Parse a column of times.

    Args:
        series: The column: numbers, dates, or dates as strings.
        column: Its name.
        place: Name of the table, for messages.
        findings: Receives the rows whose dates are in a second format.

    Returns:
        Seconds of shape `(n,)`, since 1970 for dates, NaN where a time cannot be parsed; and whether they are dates.

    Raises:
        InputError: If none of the times can be parsed.
    """
    import polars as pl

    if series.dtype.is_temporal():
        dates = series.cast(pl.Datetime("ms"))
    elif not series.dtype.is_numeric() and np.isnan(as_numbers(series)).mean() > 0.5:
        dates = _parse_dates(series, place, findings)
    else:
        return _require_times(as_numbers(series), series, column, place), False
    seconds = dates.dt.epoch("ms").cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000
    return _require_times(seconds, series, column, place), True


def parse_time(value: object, column: str) -> tuple[float, bool]:
    """Parse one time, as `parse_times` does.

    Args:
        value: A number, a date, or either as a string.
        column: Name of its column, for messages.

    Returns:
        Seconds, and whether it is a date.

    Raises:
        InputError: If it cannot be parsed.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp(), True
    seconds = as_number(value)
    if math.isfinite(seconds):
        return seconds, False
    for date_format in DATE_FORMATS:
        try:
            return datetime.strptime(str(value).strip(), date_format).replace(tzinfo=UTC).timestamp(), True
        except ValueError:
            continue
    raise InputError(f"column {column!r}: {value!r} is not a time; {EXPECTED}")


def _require_times(seconds: np.ndarray, series: "pl.Series", column: str, place: str) -> np.ndarray:
    if np.isnan(seconds).all():
        raise InputError(f"{place}: column {column!r} holds no times, its first value is {series[0]!r}; {EXPECTED}")
    return seconds


def _parse_dates(series: "pl.Series", place: str, findings: Findings) -> "pl.Series":
    """Parse dates in the format that fits most of them, and the rest in the format that fits most of the rest."""
    import polars as pl

    texts = series.str.strip_chars()
    for date_format in DATE_FORMATS:
        dates = texts.str.to_datetime(date_format, time_unit="ms", strict=False)
        if not dates.null_count():
            if date_format.startswith(DAY_FIRST):
                note(f"{place}: dates like {texts[0]} are read as day/month/year")
            return dates
    parsed = pl.Series([None] * len(texts), dtype=pl.Datetime("ms"))
    for attempt in range(2):
        candidates = [texts.str.to_datetime(date_format, time_unit="ms", strict=False) for date_format in DATE_FORMATS]
        missing = parsed.is_null()
        best = max(candidates, key=lambda dates: dates.filter(missing).count())
        if attempt:
            rows = np.flatnonzero((missing & best.is_not_null()).to_numpy()) + 1
            add_rows(findings, SECOND_FORMAT, place, rows)
        parsed = pl.select(pl.coalesce(parsed, best)).to_series()
        if not parsed.null_count():
            break
    return parsed
