"""Cells of tables as numbers: one rule for files, requests and databases, whoever asks."""

import math
import re
from typing import TYPE_CHECKING, Literal, SupportsFloat

import numpy as np

from plexus.data.number_format import has_decimal_comma

if TYPE_CHECKING:
    import polars as pl

MISSING = ["", "?", "na", "n/a", "nan", "null", "none"]
"""Texts that stand for a missing number, in lower case."""
MIN_IDENTIFIER = 10**15
"""Whole numbers of so many digits identify something; as floating-point numbers they would merge."""

TRUTH = {"true": 1.0, "false": 0.0}

NumberStyle = Literal["plain", "english", "european"]
"""How numbers are written: 1234.5; 1,234.50; or 1.234,50. Currency signs, % and blanks are allowed in the last two."""
STYLES: tuple[NumberStyle, ...] = ("plain", "english", "european")

_PLAIN = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:inf|infinity)"
_BLANK_GROUPS = r" '\u2019\u00a0\u202f"
_PATTERNS: dict[NumberStyle, str] = {
    "plain": rf"(?i)^(?:{_PLAIN})$",
    "english": rf"(?i)^(?:{_PLAIN}|[+-]?[1-9][0-9]{{0,2}}(?:[,{_BLANK_GROUPS}][0-9]{{3}})+(?:\.[0-9]+)?)$",
    "european": rf"^[+-]?(?:[0-9]+(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?|[1-9][0-9]{{0,2}}(?:[.{_BLANK_GROUPS}][0-9]{{3}})+"
    r"(?:,[0-9]+)?)$",
}
_COMPILED = {style: re.compile(pattern) for style, pattern in _PATTERNS.items()}
_CODES = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN NOK NZD PLN RON RUB SEK SGD THB TRY USD ZAR"
_CURRENCY = rf"(?:(?:\b[A-Z]{{1,2}})?\$|[€£¥₹₽₺₩₪฿₫₴₦]|\b(?:{'|'.join(_CODES.split())}|kr|zł|Kč|Ft|lei)\b)"
"""Signs, codes (ISO 4217) and abbreviations of currencies, before or after an amount."""
_SIGN_FIRST = re.compile(rf"^([+-]?)\s*{_CURRENCY}\s*([+-]?)", re.IGNORECASE)
_SIGN_LAST = re.compile(rf"\s*{_CURRENCY}$", re.IGNORECASE)
_GROUPS: dict[NumberStyle, str] = {"english": rf"[,{_BLANK_GROUPS}]", "european": rf"[.{_BLANK_GROUPS}]"}


def parse_number(value: object) -> float:
    """Convert one cell to a number.

    A text may have blanks around it, a decimal comma, separators of thousands, a currency sign or %: `" 812,50"`,
    `"$1,234.50"` and `"12 %"` are 812.5, 1234.5 and 0.12. `"1,234"` is read as 1234 and `"1.234"` as 1.234; the other
    way round if the data have a decimal comma (`plexus.data.number_format`).

    Truth values are 1 and 0, also as texts (`"true"`).

    Args:
        value: A number, a text, or any other value.

    Returns:
        The number, NaN if the value is missing or no number.
    """
    if isinstance(value, str):
        return _parse_text(value)
    if not isinstance(value, float | int) and not isinstance(value, SupportsFloat):  # a protocol takes longer
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def missing(series: "pl.Series") -> "pl.Series":
    """Return where a column has no value: null, NaN, empty, or one of `MISSING`.

    Args:
        series: The column.

    Returns:
        A Boolean column.
    """
    import polars as pl

    if series.dtype == pl.String:
        return series.is_null() | series.str.strip_chars().str.to_lowercase().is_in(MISSING).fill_null(True)
    return (series.is_null() | series.is_nan()).fill_null(True) if series.dtype.is_float() else series.is_null()


def to_numbers(series: "pl.Series", style: NumberStyle | None = None) -> np.ndarray:
    """Convert a column to numbers, texts by the same rules as `parse_number`.

    Args:
        series: The column.
        style: How its numbers are written; by default each is read on its own.

    Returns:
        Numbers of shape `(n,)`, NaN where a value is missing or no number; times are no numbers.
    """
    import polars as pl

    if series.dtype == pl.String:
        numbers = _text_numbers(series, _styles()[0] if style is None else style)
        for other in _styles()[1:] if style is None else ():
            if numbers.null_count():
                numbers = numbers.fill_null(_text_numbers(series, other))
        if numbers.null_count():
            truth = series.str.strip_chars().str.to_lowercase()
            numbers = numbers.fill_null(truth.replace_strict(TRUTH, default=None, return_dtype=pl.Float64))
        return numbers.fill_null(np.nan).to_numpy().astype(float)
    if series.dtype.is_temporal() or series.dtype.is_nested():
        return np.full(len(series), np.nan)
    return series.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().astype(float)


def finite_numbers(series: "pl.Series") -> tuple[np.ndarray, np.ndarray]:
    """Convert a column to finite numbers.

    Args:
        series: The column.

    Returns:
        Numbers of shape `(n,)`, NaN where there is none, and a mask of the values that are present but not finite
        numbers.
    """
    numbers = to_numbers(series).copy()
    finite = np.isfinite(numbers)
    numbers[~finite] = np.nan
    return numbers, ~finite & ~missing(series).to_numpy()


def holds_identifiers(series: "pl.Series") -> bool:
    """Return whether the whole numbers of a column are identifiers: they have 16 digits or more.

    Args:
        series: The column.

    Returns:
        Whether one of its whole numbers has 16 digits or more.
    """
    import polars as pl

    if series.dtype == pl.String:
        return bool(series.str.strip_chars().str.contains(r"^[+-]?\d{16,}$").any())
    # As floating-point numbers: narrow integers cannot be compared with so large a number.
    return series.dtype.is_integer() and bool((series.cast(pl.Float64).abs() >= MIN_IDENTIFIER).any())


def matches(series: "pl.Series", style: NumberStyle) -> "pl.Series":
    """Return which texts are numbers in a style.

    Args:
        series: A column of texts without blanks around them.
        style: The style.

    Returns:
        A Boolean column; False where a text is null.
    """
    texts = series if style == "plain" else _bare(series)
    return texts.str.contains(_PATTERNS[style]).fill_null(False)


def _styles() -> tuple[NumberStyle, ...]:
    """Return the styles in the order in which they are tried."""
    return ("european", "plain", "english") if has_decimal_comma() else STYLES


def _text_numbers(series: "pl.Series", style: NumberStyle) -> "pl.Series":
    import polars as pl

    texts = series.str.strip_chars()
    if style == "plain":
        return texts.cast(pl.Float64, strict=False).fill_nan(None)
    percent = texts.str.ends_with("%").fill_null(False)
    numerals = _bare(texts)
    numerals = numerals.set(~matches(texts, style), None)
    numerals = numerals.str.replace_all(_GROUPS[style], "").str.replace(",", ".", literal=True)
    numbers = numerals.cast(pl.Float64, strict=False)
    return numbers.zip_with(~percent, numbers / 100)


def _bare(texts: "pl.Series") -> "pl.Series":
    """Return texts without currency signs and %."""
    bare = texts.str.replace("^\u2212", "-").str.replace(r"\s*%$", "")
    bare = bare.str.replace(rf"(?i)^([+-]?)\s*{_CURRENCY}\s*([+-]?)", "${1}${2}")
    return bare.str.replace(rf"(?i)\s*{_CURRENCY}$", "")


def _parse_text(text: str) -> float:
    bare = text.strip().replace("\u2212", "-")
    if bare.lower() in TRUTH:
        return TRUTH[bare.lower()]
    amount = _SIGN_LAST.sub("", _SIGN_FIRST.sub(r"\1\2", bare.removesuffix("%").rstrip()))
    scale = 100 if bare.endswith("%") else 1
    for style in _styles():
        if style == "plain":
            if _COMPILED["plain"].match(bare):
                return float(bare)
        elif _COMPILED[style].match(amount):
            return float(re.sub(_GROUPS[style], "", amount).replace(",", ".")) / scale
    return math.nan
