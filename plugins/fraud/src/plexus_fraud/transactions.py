"""A table of transactions in one form: in the order of time, ids as texts, numbers as numbers."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus.utils.messages import note
from plexus_fraud.roles import Roles

if TYPE_CHECKING:
    import polars as pl

    from plexus.data.findings import Findings

DAY = 86_400.0
DAY_FIRST = "%d/%m/%Y"
_DAYS, _CLOCKS = ("%Y-%m-%d", DAY_FIRST, "%m/%d/%Y"), (" %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", "")
DATED = tuple(day + clock for clock in _CLOCKS for day in _DAYS)
"""Forms of dates."""
NO_TIME = "times cannot be read; these transactions were left out"
ORDER = "transactions go back in time; they were put in order"
TWICE = "transactions stand there twice; each was kept once"
NEGATIVE = "amounts are below 0; taken as they are"
OTHER_FORM = "times are written in a second form; read so"


@dataclass
class Transactions:
    """Transactions in the order of their times.

    Args:
        frame: all columns, as read: a table, or of a few transactions lists.
        time: in seconds `(n,)`, since 1970 if the column is of dates; None if there is none.
        dated: whether the days of the week are known.
        fraud: 1 or 0, NaN if not known `(n,)`.
        rows: the place of each in the file, from 1.
    """

    frame: Any
    time: np.ndarray | None
    dated: bool
    fraud: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def ids(self, name: str) -> np.ndarray:
        """A column's ids as texts `(n,)`, the empty text where there is none."""
        return as_ids(self.frame[name])

    def numbers(self, name: str) -> np.ndarray:
        """A column's numbers `(n,)`, NaN where there is none."""
        return as_numbers(self.frame[name])


def read_transactions(
    table: "pl.DataFrame", roles: Roles, positive: str, where: str, findings: "Findings"
) -> Transactions:
    """Put a table in order.

    Args:
        positive: the label's value that means fraud; a table to be answered for need not have the label.
        findings: gets what was repaired or left out, with the rows.

    Raises:
        InputError: a column is missing, or none of the times can be read.
    """
    for column in (roles.time, roles.amount, roles.customer, roles.terminal):
        if column is not None and column not in table.columns:
            raise InputError(f"{where} lacks the column {column!r}; it has {', '.join(table.columns)}")
    rows = np.arange(1, len(table) + 1)
    fraud = np.full(len(table), np.nan)
    if roles.label in table.columns:
        names = as_ids(table[roles.label])
        fraud = np.where(names == "", np.nan, (names == positive).astype(float))
    time, dated, bad = _times(table, roles, where, findings)
    if roles.amount is not None:
        below = as_numbers(table[roles.amount]) < 0
        note_rows(findings, NEGATIVE, where, rows[below])
    kept = ~bad
    note_rows(findings, NO_TIME, where, rows[bad])
    if time is not None:
        backwards = np.flatnonzero(np.diff(time[kept]) < 0) + 1
        note_rows(findings, ORDER, where, rows[kept][backwards])
    order = np.flatnonzero(kept)
    if time is not None:
        order = order[np.argsort(time[order], kind="stable")]
    return Transactions(table[order], None if time is None else time[order], dated, fraud[order], rows[order])


def without_repeats(given: Transactions, where: str, findings: "Findings") -> Transactions:
    """Each transaction once: those that are alike in every column are one."""
    first = given.frame.to_struct().is_first_distinct().to_numpy()
    note_rows(findings, TWICE, where, given.rows[~first])
    return take(given, np.flatnonzero(first))


def take(given: Transactions, rows: np.ndarray) -> Transactions:
    """Some of the transactions."""
    time = None if given.time is None else given.time[rows]
    return Transactions(given.frame[rows], time, given.dated, given.fraud[rows], given.rows[rows])


def as_ids(series: "pl.Series | list[Any]") -> np.ndarray:
    """Values as texts, whole numbers without a point, nothing as the empty text."""
    if isinstance(series, list):
        return np.array([_as_id(value) for value in series], object)
    if series.dtype.is_float() and bool((series.drop_nulls().drop_nans() % 1 == 0).all()):
        series = series.cast(int, strict=False)
    return series.cast(str, strict=False).fill_null("").str.strip_chars().to_numpy()


def as_numbers(series: "pl.Series | list[Any]") -> np.ndarray:
    """Values as numbers; NaN where there is none."""
    if isinstance(series, list):
        return np.array([as_number(value) for value in series])
    import polars as pl

    numbers = series.str.strip_chars().cast(pl.Float64, strict=False) if series.dtype == pl.String else series
    return numbers.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


def _as_id(value: Any) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def as_number(value: Any) -> float:
    """A value as a number; NaN if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _times(
    table: "pl.DataFrame", roles: Roles, where: str, findings: "Findings"
) -> tuple[np.ndarray | None, bool, np.ndarray]:
    """Seconds, whether they are dates, and where they cannot be read."""
    import polars as pl

    if roles.time is None:
        return None, False, np.zeros(len(table), bool)
    series = table[roles.time]
    if series.dtype.is_temporal():
        dates = series.cast(pl.Datetime("ms"))
    elif not series.dtype.is_numeric() and np.isnan(as_numbers(series)).mean() > 0.5:
        dates = _dates(series, where, findings)
    else:
        seconds = as_numbers(series)
        return seconds, False, _readable(~np.isnan(seconds), roles.time, series, where)
    seconds = dates.dt.epoch("ms").cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000
    return seconds, True, _readable(~np.isnan(seconds), roles.time, series, where)


def _readable(good: np.ndarray, column: str, series: "pl.Series", where: str) -> np.ndarray:
    if not good.any():
        raise InputError(
            f"{where}: column {column!r} holds no times: {series[0]!r}; seconds, or dates as 2026-01-31 23:59:59"
        )
    return ~good


def _dates(series: "pl.Series", where: str, findings: "Findings") -> "pl.Series":
    """Dates in the form that reads most of them; what is left, in the form that reads most of that."""
    import polars as pl

    texts = series.str.strip_chars()
    for form in DATED:
        dates = texts.str.to_datetime(form, time_unit="ms", strict=False)
        if not dates.null_count():
            if form.startswith(DAY_FIRST):
                note(f"{where}: dates like {texts[0]} are read as day/month/year")
            return dates
    found = pl.Series([None] * len(texts), dtype=pl.Datetime("ms"))
    for attempt in range(2):
        tried = [texts.str.to_datetime(form, time_unit="ms", strict=False) for form in DATED]
        best = max(tried, key=lambda dates: dates.filter(found.is_null()).count())
        more = (found.is_null() & best.is_not_null()).to_numpy()
        if attempt:
            note_rows(findings, OTHER_FORM, where, np.flatnonzero(more) + 1)
        found = pl.select(pl.coalesce(found, best)).to_series()
        if not found.null_count():
            break
    return found


def note_rows(findings: "Findings", what: str, where: str, rows: np.ndarray) -> None:
    """Count these rows, from 1, among what was found."""
    for row in rows.tolist():
        findings.add(what, f"{where}, row {row}")
