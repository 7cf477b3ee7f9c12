"""Times in seconds, from numbers and from dates in the formats that files have."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.cells import parse_number, to_numbers
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl

DAY_FIRST = "%d/%m/%Y"
_DAYS, _CLOCKS = ("%Y-%m-%d", DAY_FIRST, "%m/%d/%Y"), (" %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", "")
_OTHER_DAYS = (
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%b-%y",
)
_OTHER_CLOCKS = (*_CLOCKS, " %I:%M:%S %p", " %I:%M %p")
DATE_FORMATS = (
    *(day + clock for clock in _CLOCKS for day in _DAYS),
    *(
        day + clock
        for clock in _OTHER_CLOCKS
        for day in (*_DAYS, *_OTHER_DAYS)
        if clock not in _CLOCKS or day not in _DAYS
    ),
)
"""Formats of dates, the preferred ones first."""
_ISO = re.compile(
    r"^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|z|UTC|[+-]\d\d:?(?:\d\d)?)?$",
    re.ASCII,
)
_ISO_COLUMN = (
    r"^(?<day>\d{4}-?\d\d-?\d\d)"
    r"(?:[T ](?<hour>\d\d):?(?<minute>\d\d)(?::?(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)?)?"
    r"\s*(?<zone>Z|z|UTC|[+-]\d\d:?(?:\d\d)?)?$"
)
_UNITS = ((1e17, 1e9, "nanoseconds"), (1e14, 1e6, "microseconds"), (1e11, 1e3, "milliseconds"))
"""Sizes from which a number is in smaller units than seconds: as seconds since 1970 it would be after the year 5000."""
_COMPACT = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 8: "%Y%m%d"}
_YEARS = range(1900, 2101)
FIRST_YEAR, LAST_TWO_DIGIT_YEAR = 1000, 2069
_EXCEL_DAYS, _EXCEL_EPOCH = (20_000, 80_000), 25_569
EXPECTED = (
    "expected seconds, or dates like 2026-01-31 23:59:59, 2026-01-31T23:59:59Z, 31.01.2026 23:59 or 20260131235959"
)


@dataclass(frozen=True)
class Times:
    """A column of times.

    Args:
        seconds: Seconds of shape `(n,)`, since 1970 for dates; NaN where a time cannot be parsed.
        is_date: Whether they are dates.
        form: How most of them are written: a format of `strptime`, `iso`, `excel`, a unit, or empty.
        other_rows: Rows in a second format, from 0, shape `(m,)`.

    Example:
        ```python
        parse_times(table["time"]).seconds
        ```
    """

    seconds: np.ndarray
    is_date: bool
    form: str
    other_rows: np.ndarray


def parse_times(series: "pl.Series", form: str = "", is_date: bool | None = None) -> Times:
    """Parse a column of times.

    Numbers are seconds. Larger ones than seconds since 1970 can be are milli-, micro- or nanoseconds; those of 12 or 14
    digits are YYYYMMDDHHMMSS. A column whose numbers are all valid as YYYYMMDD, or as Excel's days with a fraction, is
    that. Of a prediction, each time is parsed on its own, as `parse_time` does.

    Args:
        series: The column: numbers, dates, or either as text.
        form: The form that the table of the training had; empty if there is none.
        is_date: Whether the times of the training were dates; None in training.

    Returns:
        The times; all NaN if none can be parsed.
    """
    import polars as pl

    none = np.zeros(0, int)
    if series.dtype.is_temporal():
        return Times(_temporal_seconds(series), series.dtype in (pl.Date, pl.Datetime), "", none)
    numbers = to_numbers(series)
    if form or is_date is not None:
        return _parse_singly(series, numbers, form, bool(is_date))
    if series.dtype != pl.String or np.isnan(numbers).mean() <= 0.5:
        seconds, number_form = _number_seconds(numbers)
        return Times(seconds, number_form in {"excel", *_COMPACT.values()}, number_form, none)
    return _parse_texts(series.str.strip_chars())


def parse_time(value: object, form: str = "", is_date: bool | None = None) -> tuple[float, bool]:
    """Parse one time, as `parse_times` does.

    Args:
        value: A number, a date, or either as text.
        form: The form that the table of the training had.
        is_date: Whether the times of the training were dates; numbers of 8 digits are YYYYMMDD if so.

    Returns:
        Seconds, and whether it is a date; NaN if it cannot be parsed.
    """
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp(), True
    number = parse_number(value)
    if math.isfinite(number):
        return _number_time(number, form, is_date)
    if not isinstance(value, str):
        return math.nan, False
    text = value.strip()
    if math.isfinite(seconds := _iso_seconds(text)):
        return seconds, True
    for date_format in ((form,) if "%" in form else ()) + DATE_FORMATS:
        try:
            return datetime.strptime(text, date_format).replace(tzinfo=UTC).timestamp(), True
        except ValueError:
            continue
    return math.nan, False


def require_time(value: object, column: str, form: str = "", is_date: bool | None = None) -> tuple[float, bool]:
    """Parse one time, or raise an error that says what is expected.

    Args:
        value: As for `parse_time`.
        column: Name of its column, for the message.
        form: As for `parse_time`.
        is_date: As for `parse_time`.

    Returns:
        As of `parse_time`.

    Raises:
        InputError: If it cannot be parsed.
    """
    seconds, dated = parse_time(value, form, is_date)
    if not math.isfinite(seconds):
        raise InputError(f"column {column!r}: {value!r} is not a time; {EXPECTED}")
    return seconds, dated


def holds_times(series: "pl.Series") -> bool:
    """Return whether a column holds dates: by its type, or because most of its texts can be parsed.

    Args:
        series: The column.

    Returns:
        Whether it does; numbers are no dates here.
    """
    import polars as pl

    if series.dtype in (pl.Date, pl.Datetime):
        return True
    if series.dtype != pl.String:
        return False
    present = series.drop_nulls()[:1000]
    if not len(present) or not np.isnan(to_numbers(present)).all():
        return False
    return bool(np.isnan(_parse_texts(present.str.strip_chars()).seconds).mean() < 0.1)


def _temporal_seconds(series: "pl.Series") -> np.ndarray:
    import polars as pl

    if series.dtype == pl.Time:
        return series.cast(pl.Int64).cast(pl.Float64).fill_null(np.nan).to_numpy() / 1e9
    if series.dtype == pl.Duration:
        return series.dt.total_milliseconds().cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000
    times = series.cast(pl.Datetime("us")) if series.dtype == pl.Date else series
    return times.dt.epoch("ms").cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000


def _parse_singly(series: "pl.Series", numbers: np.ndarray, form: str, is_date: bool) -> Times:
    """Parse each time as `parse_time` does: the result does not depend on the other rows."""
    import polars as pl

    seconds = _number_times(numbers, form, is_date)
    if series.dtype != pl.String:
        return Times(seconds, is_date, form, np.zeros(0, int))
    texts = series.str.strip_chars()
    seconds = np.where(np.isnan(seconds), _iso_column(texts), seconds)
    if "%" in form:
        seconds = np.where(np.isnan(seconds), _format_seconds(texts, form), seconds)
    others = np.flatnonzero(np.isnan(seconds) & ~texts.is_null().to_numpy())
    seconds[others] = [parse_time(text, form, is_date)[0] for text in texts[others].to_list()]
    return Times(seconds, is_date, form, others[~np.isnan(seconds[others])])


def _number_times(numbers: np.ndarray, form: str, is_date: bool) -> np.ndarray:
    """Convert numbers as `_number_time` does, those that may be dates one by one."""
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    sizes = np.abs(numbers)
    divisor = np.select([sizes >= size for size, _, _ in _UNITS], [divisor for _, divisor, _ in _UNITS], 1.0)
    seconds: np.ndarray = numbers / divisor
    digits = np.floor(np.log10(np.maximum(sizes, 1))) + 1
    dates = np.isin(digits, list(_COMPACT)) | ((sizes <= _EXCEL_DAYS[1]) & (form == "excel"))
    seconds[dates] = [_number_time(number, form, is_date)[0] for number in numbers[dates].tolist()]
    return seconds


def _number_time(number: float, form: str, is_date: bool | None) -> tuple[float, bool]:
    if form == "excel" and _EXCEL_DAYS[0] <= number <= _EXCEL_DAYS[1]:
        return round((number - _EXCEL_EPOCH) * 86_400), True
    compact = _compact_date(number, {12, 14} | ({8} if is_date else set()))
    return (compact, True) if compact is not None else (_unit_seconds(number), False)


def _number_seconds(numbers: np.ndarray) -> tuple[np.ndarray, str]:
    present = numbers[np.isfinite(numbers)]
    if not len(present):
        return np.where(np.isfinite(numbers), numbers, np.nan), ""
    typical = float(np.median(np.abs(present)))
    digits = len(str(int(typical)))
    if digits in _COMPACT:
        dates = [_compact_date(number, {digits}) for number in numbers.tolist()]
        valid = np.array([np.nan if seconds is None else seconds for seconds in dates], float)
        if not np.isnan(valid[np.isfinite(numbers)]).any():
            return valid, _COMPACT[digits]
    low, high = _EXCEL_DAYS
    if low <= present.min() and present.max() <= high and (present % 1 != 0).any():
        return np.round((numbers - _EXCEL_EPOCH) * 86_400), "excel"
    divisor, unit = next(((divisor, unit) for size, divisor, unit in _UNITS if typical >= size), (1.0, ""))
    return np.where(np.isfinite(numbers), numbers / divisor, np.nan), unit


def _unit_seconds(number: float) -> float:
    return number / next((divisor for size, divisor, _ in _UNITS if abs(number) >= size), 1.0)


def _compact_date(number: float, lengths: "set[int]") -> float | None:
    if not math.isfinite(number) or number < 0 or number % 1:
        return None
    digits = str(int(number))
    if len(digits) not in lengths or int(digits[:4]) not in _YEARS:
        return None
    try:
        return datetime.strptime(digits, _COMPACT[len(digits)]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _parse_texts(texts: "pl.Series") -> Times:
    """Parse dates in the format that fits most of them, and the rest in the format that fits most of the rest."""
    import polars as pl

    sample, best = texts.drop_nulls(), ("", 0)
    for date_format in DATE_FORMATS:
        count = _count(sample, date_format)
        if count == len(sample):
            return Times(_format_seconds(texts, date_format), True, date_format, np.zeros(0, int))
        best = max(best, (date_format, count), key=lambda pair: pair[1])
    iso = _iso_column(texts)
    fits = int((~np.isnan(iso)).sum())
    seconds, main = (iso, "iso") if fits > best[1] else (_format_seconds(texts, best[0]) if best[0] else iso, best[0])
    rest = np.isnan(seconds) & ~texts.is_null().to_numpy()
    if not rest.any():
        return Times(seconds, True, main, np.zeros(0, int))
    remaining = texts.filter(pl.Series(rest))
    counts = [(date_format, _count(remaining, date_format)) for date_format in DATE_FORMATS]
    second = max(counts, key=lambda pair: pair[1])
    other = _iso_column(texts) if fits and not second[1] else _format_seconds(texts, second[0])
    filled = rest & ~np.isnan(other)
    return Times(np.where(filled, other, seconds), True, main, np.flatnonzero(filled))


def _count(texts: "pl.Series", date_format: str) -> int:
    sample = texts[:1000]
    count = _parse_format(sample, date_format).count()
    return _parse_format(texts, date_format).count() if count and len(sample) < len(texts) else count


def _parse_format(texts: "pl.Series", date_format: str) -> "pl.Series":
    """Parse dates; years of two digits as `strptime` does: 69 to 99 are 1969 to 1999 (POSIX)."""
    dates = texts.str.to_datetime(date_format, time_unit="ms", strict=False)
    if "%y" in date_format:
        return dates.zip_with((dates.dt.year() < LAST_TWO_DIGIT_YEAR).fill_null(True), dates.dt.offset_by("-100y"))
    return dates.set((dates.dt.year() < FIRST_YEAR).fill_null(False), None)


def _format_seconds(texts: "pl.Series", date_format: str) -> np.ndarray:
    import polars as pl

    dates = _parse_format(texts, date_format)
    return dates.dt.epoch("ms").cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000


def _iso_column(texts: "pl.Series") -> np.ndarray:
    import polars as pl

    parts = texts.str.extract_groups(_ISO_COLUMN).struct.unnest()
    days = (
        parts["day"].str.replace_all("-", "").str.to_date("%Y%m%d", strict=False).cast(pl.Datetime("ms")).dt.epoch("ms")
    )
    hour, minute, second = (
        parts[name].cast(pl.Float64).fill_null(0).to_numpy() for name in ("hour", "minute", "second")
    )
    fraction = ("0." + parts["fraction"].fill_null("0")).cast(pl.Float64).to_numpy()
    zone = parts["zone"].str.replace(":", "")
    sign = np.where(zone.str.starts_with("-").fill_null(False).to_numpy(), -1, 1)
    offset = zone.str.extract(r"^[+-](\d\d)", 1).cast(pl.Float64).fill_null(0).to_numpy() * 3600
    offset = offset + zone.str.extract(r"^[+-]\d\d(\d\d)", 1).cast(pl.Float64).fill_null(0).to_numpy() * 60
    clock = hour * 3600 + minute * 60 + second + fraction
    seconds = days.cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000 + clock - sign * offset
    return np.where((hour < 24) & (minute < 60) & (second < 60), seconds, np.nan)


def _iso_seconds(text: str) -> float:
    """Parse ISO 8601 without a table library, which would take longer than the network."""
    match = _ISO.match(text)
    if match is None:
        return math.nan
    fraction, zone = match[7], match[8]
    year, month, day, hour, minute, second = (int(match[group] or 0) for group in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return math.nan
    offset = 0
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        offset = (int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60) * (-1 if zone[0] == "-" else 1)
    return moment.timestamp() + float(f"0.{fraction or 0}") - offset
