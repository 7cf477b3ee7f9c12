"""Bands of the values of a column, for tables that compare groups."""

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError

if TYPE_CHECKING:
    import polars as pl

MAX_VALUES = 10
"""Most different values of a numeric column that are groups of their own; with more, its quartiles are the groups."""


def value_bands(series: "pl.Series") -> "pl.Series":
    """Return the quartile of each number, if there are many different ones; other columns as they are.

    Args:
        series: The column.

    Returns:
        The column, or texts such as `above 60`; null where a number is missing or infinite.
    """
    import polars as pl

    if not series.dtype.is_numeric() or series.n_unique() <= MAX_VALUES:
        return series
    numbers = series.cast(pl.Float64)
    numbers = numbers.set(~numbers.is_finite().fill_null(False), None)
    edges = np.unique(np.quantile(numbers.drop_nulls(), [0.25, 0.5, 0.75])).tolist()
    names = [f"up to {edges[0]:g}", *(f"{low:g} to {high:g}" for low, high in pairwise(edges)), f"above {edges[-1]:g}"]
    values = [None if value is None else names[bisect_left(edges, value)] for value in numbers.to_list()]
    return pl.Series(series.name, values, dtype=pl.String)


def require_few_groups(series: "pl.Series", most: int, option: str) -> None:
    """Check that a column has few groups, before a model is trained.

    Args:
        series: The column, or its bands.
        most: Largest number of groups.
        option: The option that names the column, for the message: `--protected`.

    Raises:
        InputError: If it has more.
    """
    count = series.n_unique()
    if count > most:
        raise InputError(
            f"{option} {series.name}: expected at most {most} groups, found {count:,} in the test rows; group its "
            "values into ranges"
        )
