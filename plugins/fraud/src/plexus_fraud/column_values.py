"""Values of a table's columns as ids and as numbers."""

import math
from typing import TYPE_CHECKING, SupportsFloat, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import polars as pl

Column: TypeAlias = "pl.Series | list[object]"
"""A column of a table, or the values of a few transactions."""


def as_ids(column: Column) -> np.ndarray:
    """Convert values to ids.

    Args:
        column: The values.

    Returns:
        Strings of shape `(n,)`: whole numbers without a decimal point, missing values as the empty string.
    """
    if isinstance(column, list):
        return np.array([_as_id(value) for value in column], object)
    if column.dtype.is_float() and bool((column.drop_nulls().drop_nans() % 1 == 0).all()):
        column = column.cast(int, strict=False)
    return column.cast(str, strict=False).fill_null("").str.strip_chars().to_numpy()


def as_numbers(column: Column) -> np.ndarray:
    """Convert values to numbers.

    Args:
        column: The values.

    Returns:
        Numbers of shape `(n,)`, NaN where a value is missing or no number.
    """
    if isinstance(column, list):
        return np.array([as_number(value) for value in column])
    import polars as pl

    numbers = column.str.strip_chars().cast(pl.Float64, strict=False) if column.dtype == pl.String else column
    return numbers.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


def as_number(value: object) -> float:
    """Convert a value to a number.

    Args:
        value: The value.

    Returns:
        The number, NaN if the value is missing or no number.
    """
    if not isinstance(value, float | int | str) and not isinstance(value, SupportsFloat):  # a protocol takes longer
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _as_id(value: object) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
