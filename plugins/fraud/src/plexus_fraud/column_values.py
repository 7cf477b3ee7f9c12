"""Values of a table's columns as ids and as numbers."""

import math
import re
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from plexus import InputError
from plexus.data.cells import finite_numbers, parse_number

if TYPE_CHECKING:
    import polars as pl

_WHOLE = r"^([+-]?[0-9]+)\.0+$"
"""A whole number that a program wrote as a floating-point number."""
Column: TypeAlias = "pl.Series | list[object]"
"""A column of a table, or the values of a few transactions."""


def as_ids(column: Column) -> np.ndarray:
    """Convert values to ids.

    Args:
        column: The values.

    Returns:
        Strings of shape `(n,)`: whole numbers without a decimal point, missing values as the empty string.

    Raises:
        InputError: If a value is an object or a list.
    """
    if isinstance(column, list):
        return np.array([_as_id(value) for value in column], object)
    if column.dtype.is_float() and bool((column.drop_nulls().drop_nans() % 1 == 0).all()):
        column = column.cast(int, strict=False)
    texts = column.cast(str, strict=False).fill_null("").str.strip_chars()
    return texts.str.replace(_WHOLE, "$1").to_numpy()


def as_numbers(column: Column) -> np.ndarray:
    """Convert values to numbers.

    Args:
        column: The values.

    Returns:
        Numbers of shape `(n,)`, NaN where a value is missing, infinite or no number.
    """
    return np.array([as_number(value) for value in column]) if isinstance(column, list) else finite_numbers(column)[0]


def as_number(value: object) -> float:
    """Convert a value to a number.

    Args:
        value: The value.

    Returns:
        The number, NaN if the value is missing, infinite or no number.
    """
    number = parse_number(value)
    return number if math.isfinite(number) else math.nan


def _as_id(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, dict | list):
        raise InputError(f"expected a number or a text as an identifier, got {str(value)[:80]!r}")
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    return re.sub(_WHOLE, r"\1", text)
