"""Cells as texts: one form for a category, however a file, a database or a request has it."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.cells import MISSING

if TYPE_CHECKING:
    import polars as pl

_WHOLE = r"^([+-]?[0-9]+)\.0+$"
"""A whole number that a program wrote as a floating-point number."""
_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Characters that `strip_chars` of Polars removes; Python's `strip` removes four control characters, too."""
_COMPILED = re.compile(_WHOLE)
_MISSING = [text for text in MISSING if text != "none"]
"""Texts that stand for a missing category or label: "none" is one of its own, as in none, mild, severe."""


def absent(series: "pl.Series") -> "pl.Series":
    """Return where a column of categories or labels has no value.

    Args:
        series: The column.

    Returns:
        A Boolean column: null, NaN, empty, or a text such as NA that stands for a missing value.
    """
    import polars as pl

    if series.dtype == pl.String:
        return series.is_null() | series.str.strip_chars().str.to_lowercase().is_in(_MISSING).fill_null(True)
    return (series.is_null() | series.is_nan()).fill_null(True) if series.dtype.is_float() else series.is_null()


def to_texts(series: "pl.Series") -> "pl.Series":
    """Return a column as texts.

    Args:
        series: The column.

    Returns:
        Texts without blanks around them; whole numbers without a decimal point, null where a value is missing.
    """
    import polars as pl

    without = absent(series)
    if series.dtype.is_float():
        whole = series.cast(pl.Int64, strict=False)
        if bool((series.filter(~without) % 1 == 0).all()):
            series = whole
    texts = series.cast(pl.String, strict=False).str.strip_chars()
    if series.dtype == pl.String or series.dtype.is_float():
        texts = texts.str.replace(_WHOLE, "$1")
    return texts.set(without, None) if without.any() else texts


def to_text(value: object) -> str | None:
    """Return one cell as text, as `to_texts` does.

    Args:
        value: The cell.

    Returns:
        The text; None if the value is missing.
    """
    if not isinstance(value, str):
        if value is None or is_missing(value):
            return None
        if isinstance(value, bool | np.bool_):
            return "true" if value else "false"
    text = str(value).strip(_BLANKS)
    if text.lower() in _MISSING:
        return None
    return _COMPILED.sub(r"\1", text) if text.endswith("0") else text


def is_missing(value: object) -> bool:
    """Return whether a cell is NaN, NaT or NA.

    Args:
        value: The cell, which is no text.

    Returns:
        Whether it does not equal itself, or is `pandas.NA`, which cannot be compared.
    """
    try:
        return bool(value != value)
    except TypeError:
        return True
    except ValueError:  # an array
        return False


def plain_value(value: object) -> object:
    """Return a cell of NumPy and pandas as the standard library has it, as tables of these cells do.

    Args:
        value: The cell.

    Returns:
        A `datetime` of NumPy's times, the seconds of durations, None of NaN, NaT and NA; anything else as it is.
    """
    if is_missing(value):
        return None
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[us]").item()
    if isinstance(value, np.timedelta64):
        value = value.astype("timedelta64[us]").item()
    return value.total_seconds() if isinstance(value, timedelta) else value
