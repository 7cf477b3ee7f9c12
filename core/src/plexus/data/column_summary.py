"""Statistics of the columns of a table, for people."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl

BINS = 24
"""Bins of a histogram."""
MAX_VALUES = 8
"""Most frequent values that are listed."""
MAX_LENGTH = 60
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class ColumnSummary:
    """Statistics of one column.

    Args:
        name: Name of the column.
        type: `number`, `date`, `boolean` or `text`.
        rows: Number of rows.
        missing: Rows without a value: null, NaN, or an empty text.
        distinct: Number of different values.
        lowest: Lowest value of numbers and dates; empty for others.
        middle: Median of numbers and dates; empty for others.
        highest: Highest value of numbers and dates; empty for others.
        bins: Rows in each bin of equal width from `lowest` to `highest`; empty for columns with `values`.
        values: The most frequent values and their rows, the most frequent first.

    Example:
        ```python
        summary = summarize_column(pl.Series("age", [31, 47, None]))
        summary.missing, summary.lowest  # (1, "31")
        ```
    """

    name: str
    type: str
    rows: int
    missing: int
    distinct: int
    lowest: str = ""
    middle: str = ""
    highest: str = ""
    bins: tuple[int, ...] = ()
    values: tuple[tuple[str, int], ...] = ()

    @property
    def missing_share(self) -> float:
        """Share of the rows without a value, from 0 to 1."""
        return self.missing / self.rows if self.rows else 0.0


def summarize_column(series: "pl.Series") -> ColumnSummary:
    """Compute the statistics of a column.

    Args:
        series: The column.

    Returns:
        Its statistics.
    """
    kind, values = _type_of(series), _present(series)
    facts: dict[str, Any] = {
        "name": series.name,
        "type": kind,
        "rows": len(series),
        "missing": len(series) - len(values),
    }
    distinct = values.n_unique() if len(values) else 0
    if kind in {"text", "boolean"} or (kind == "number" and distinct <= MAX_VALUES):
        return ColumnSummary(**facts, distinct=distinct, values=_frequent(values))
    if not len(values):
        return ColumnSummary(**facts, distinct=0)
    numbers = values.to_physical().cast(float).to_numpy()
    return ColumnSummary(
        **facts,
        distinct=distinct,
        lowest=_text(values.min()),
        middle=_text(values.median()),
        highest=_text(values.max()),
        bins=tuple(int(count) for count in np.histogram(numbers, BINS)[0]),
    )


def summarize_table(frame: "pl.DataFrame") -> list[ColumnSummary]:
    """Compute the statistics of all columns.

    Args:
        frame: The table.

    Returns:
        The statistics in the order of the columns.
    """
    return [summarize_column(series) for series in frame]


def _type_of(series: "pl.Series") -> str:
    import polars as pl

    if series.dtype.is_numeric():
        return "number"
    if series.dtype == pl.Boolean:
        return "boolean"
    return "date" if series.dtype in (pl.Date, pl.Datetime) else "text"


def _present(series: "pl.Series") -> "pl.Series":
    """Return the values that are not missing; of numbers, those that are finite."""
    import polars as pl

    values = series.drop_nulls()
    if series.dtype.is_float():
        return values.filter(values.is_finite())
    if series.dtype == pl.String:
        return values.filter(values.str.strip_chars() != "")
    return values


def _frequent(values: "pl.Series") -> tuple[tuple[str, int], ...]:
    import polars as pl

    is_nested = values.dtype.is_nested()
    texts = values.map_elements(str, pl.String) if is_nested else values.cast(pl.String, strict=False)
    counts = texts.value_counts(sort=True).head(MAX_VALUES)
    return tuple((_shortened(str(value)), int(count)) for value, count in counts.rows())


def _text(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else _shortened(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"
