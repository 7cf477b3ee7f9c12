"""Tables in memory: Polars, pandas, NumPy, and lists of rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus.data.tables import plain_types

if TYPE_CHECKING:
    import polars as pl

EXPECTED = "expected a table of Polars or pandas, an array of shape (rows, columns), or a list of rows"


def to_frame(data: object) -> "pl.DataFrame":
    """Return a table in memory as a Polars table; pandas is not imported.

    Args:
        data: A table of Polars or pandas; an array of shape `(n, columns)`, whose columns are named `column_0`,
            `column_1`, …; a list of dictionaries, or of lists.

    Returns:
        The table, with whole numbers, numbers, truth values, texts, dates and times only.

    Raises:
        InputError: If it is nothing of these, is empty, or two of its columns have one name.
    """
    import polars as pl

    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        frame = data
    elif hasattr(data, "columns") and hasattr(data, "dtypes"):
        frame = _from_pandas(data)
    elif isinstance(data, Sequence) and len(data) and all(isinstance(row, Mapping) for row in data):
        names = dict.fromkeys(str(name) for row in data for name in row)
        frame = pl.DataFrame([to_series(name, [row.get(name) for row in data]) for name in names])
    else:
        frame = _from_array(data)
    if not len(frame):
        raise InputError(f"the table has no {'rows' if frame.width else 'columns'}")
    return plain_types(frame.with_columns(_as_texts(series) for series in frame))


def to_series(name: str, values: Sequence[Any]) -> "pl.Series":
    """Return a column of any values; of several types, they are text.

    Args:
        name: Name of the column.
        values: The values; None and NaN are missing.

    Returns:
        The column.
    """
    import polars as pl

    present = [None if value is None or value != value else value for value in values]
    kinds = {type(value) for value in present} - {type(None)}
    if len(kinds) < 2 or all(issubclass(kind, int | float | np.number) and kind is not bool for kind in kinds):
        return _as_texts(pl.Series(name, present, strict=False))
    return pl.Series(name, [None if value is None else str(value) for value in present], dtype=pl.String)


def _as_texts(series: "pl.Series") -> "pl.Series":
    """Return a column as texts if it holds objects that Polars has no type for, or integers that NumPy has none for."""
    import polars as pl

    if series.dtype == pl.Object:
        return pl.Series(series.name, [None if value is None else str(value) for value in series], dtype=pl.String)
    return series.cast(pl.String) if series.dtype in (pl.Int128, pl.UInt128) else series


def _from_pandas(table: Any) -> "pl.DataFrame":
    import polars as pl

    names = [str(name) for name in table.columns]
    _require_distinct(names)
    columns = []
    for place, name in enumerate(names):
        series = table.iloc[:, place]
        if series.dtype.kind in "biuf" and isinstance(series.dtype, np.dtype):
            columns.append(pl.Series(name, series.to_numpy(), nan_to_null=True))
        else:  # pandas' missing values are of three kinds
            columns.append(to_series(name, series.astype(object).where(series.notna(), None).tolist()))
    return pl.DataFrame(columns)


def _from_array(data: object) -> "pl.DataFrame":
    import polars as pl

    try:
        array = np.asarray(data)
    except (ValueError, TypeError) as error:
        raise InputError(f"{EXPECTED}, got rows of several lengths") from error
    if array.ndim != 2 or array.dtype.kind not in "biufUSOM":
        raise InputError(f"{EXPECTED}, got {type(data).__name__} of shape {array.shape} and type {array.dtype}")
    names = [f"column_{place}" for place in range(array.shape[1])]
    if array.dtype.kind == "O":
        return pl.DataFrame([to_series(name, array[:, place].tolist()) for place, name in enumerate(names)])
    return pl.DataFrame([pl.Series(name, array[:, place]) for place, name in enumerate(names)])


def _require_distinct(names: Iterable[str]) -> None:
    names = list(names)
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        places = [str(place + 1) for place, name in enumerate(names) if name == twice]
        raise InputError(f"the table has the column {twice!r} more than once (columns {', '.join(places)}): rename one")
