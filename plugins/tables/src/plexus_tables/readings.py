"""The values of rows as numbers and places of categories."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from plexus.data.table_rows import TableRows


class Readings(NamedTuple):
    """The values of rows as a `TableEncoder` reads them, before they are scaled.

    Attributes:
        numbers: Numbers, ranks and days since 1970, NaN where there is none, shape `(n, numeric columns)`.
        places: Places of categories as of `ColumnEncoder.place`, shape `(n, categorical columns)`, int16.

    Example:
        ```python
        readings = encoder.read([{"age": 41, "color": "red"}])
        readings.numbers  # array([[41.]])
        ```
    """

    numbers: np.ndarray
    places: np.ndarray


def categories_as_written(rows: "TableRows", name: str) -> "pl.Series":
    """Return a column of categories; if a reader took it for numbers, the cells of the file: 1.10 is not 1.1.

    Args:
        rows: The rows.
        name: Name of the column.

    Returns:
        The column.
    """
    series = rows.frame[name]
    is_number = series.dtype.is_numeric() and rows.written is not rows.frame and name in rows.written.columns
    return rows.written[name] if is_number else series
