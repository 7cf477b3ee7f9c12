"""Times of transactions in seconds, and what is reported of them."""

import re
from typing import TYPE_CHECKING

import numpy as np

from plexus import Findings, InputError
from plexus.data.findings import Counted
from plexus.data.times import EXPECTED, Times, parse_times
from plexus.utils.messages import note
from plexus_fraud.row_findings import add_rows

if TYPE_CHECKING:
    import polars as pl

DAY = 86_400.0
SECOND_FORMAT = Counted("time is in a second format", "times are in a second format")
_FORMS = {
    "excel": "days of Excel",
    "%Y%m%d%H%M%S": "YYYYMMDDHHMMSS",
    "%Y%m%d%H%M": "YYYYMMDDHHMM",
    "%Y%m%d": "YYYYMMDD",
}
_DAY_FIRST = re.compile("%d[/-]%m")
_UNITS = {"milliseconds", "microseconds", "nanoseconds"}


def read_times(
    series: "pl.Series",
    place: str,
    findings: Findings,
    rows: np.ndarray,
    form: str = "",
    is_date: bool | None = None,
) -> Times:
    """Parse a column of times, and report how they are written.

    Args:
        series: The column: numbers, dates, or either as strings.
        place: Name of the table, for messages.
        findings: Receives the rows whose dates are in a second format.
        rows: Number of each row in the file, for messages, shape `(n,)`.
        form: The form of the training's times, which is tried first.
        is_date: Whether the training's times were dates; None in training.

    Returns:
        The times.

    Raises:
        InputError: In training, if none of the times can be parsed.
    """
    times = parse_times(series, form, is_date)
    if is_date is None and np.isnan(times.seconds).all():
        raise InputError(
            f"{place}: column {series.name!r} holds no times, its first value is {str(series[0])[:80]!r}; {EXPECTED}"
        )
    if is_date is None:
        _announce(series, times, place)
    add_rows(findings, SECOND_FORMAT, place, rows[times.other_rows])
    return times


def _announce(series: "pl.Series", times: Times, place: str) -> None:
    """Print how the times are read, if other readings are possible."""
    usual = np.setdiff1d(np.flatnonzero(~np.isnan(times.seconds)), times.other_rows)
    example = series[int(usual[0])]
    if _DAY_FIRST.match(times.form):
        note(f"{place}: dates like {example} are read as day/month/year")
    elif times.form in _UNITS:
        note(f"{place}: times like {example} are read as {times.form} since 1970")
    elif times.form in _FORMS:
        note(f"{place}: times like {example} are read as {_FORMS[times.form]}")
