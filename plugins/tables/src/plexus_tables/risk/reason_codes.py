"""Reasons for a rejection, in words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from plexus_tables.risk.number_text import number_text

if TYPE_CHECKING:
    import polars as pl

MAX_REASONS = 4
"""A statement of reasons need not name more than four (12 CFR 1002, supplement I, comment 9(b)(2)-1)."""

Value = float | str | None


def typical_values(table: "pl.DataFrame") -> dict[str, Value]:
    """Return the typical value of each column.

    Args:
        table: Training rows.

    Returns:
        The median of each numeric column and the most frequent value of each other one; None without values.
    """
    return {column.name: _typical(column) for column in _plain(table)}


def reason_codes(
    table: "pl.DataFrame", attributions: np.ndarray, typical: Mapping[str, Value]
) -> list[tuple[str, ...]]:
    """Name the columns that raise the risk of each row most.

    Args:
        table: The rows, with raw values.
        attributions: By how much each column raises the log-odds of bad, in the order of the columns of the table,
            shape `(n, columns)`.
        typical: Typical value of each column, from `typical_values`.

    Returns:
        Per row at most four reasons, the strongest first: `duration: 48 (above the typical 18)`,
        `purpose: car (typical: tv)`, `savings: missing (typical: 120)`. None for columns that do not raise the risk.
    """
    reasons = []
    for row, strengths in zip(_plain(table).iter_rows(), attributions, strict=True):
        strongest = [i for i in np.argsort(-strengths, kind="stable")[:MAX_REASONS] if strengths[i] > 0]
        names = [table.columns[i] for i in strongest]
        reasons.append(tuple(_reason(name, row[i], typical[name]) for i, name in zip(strongest, names, strict=True)))
    return reasons


def _plain(table: "pl.DataFrame") -> "pl.DataFrame":
    """Make numeric columns floats, with null for NaN, and all others texts."""
    import polars as pl

    numbers = pl.selectors.numeric().cast(pl.Float64).fill_nan(None)
    return table.with_columns(numbers, (~pl.selectors.numeric()).cast(pl.String))


def _typical(column: "pl.Series") -> Value:
    import polars as pl

    present = column.drop_nulls()
    if present.is_empty():
        return None
    if column.dtype == pl.Float64:
        return float(np.median(present.to_numpy()))
    counts = present.value_counts(name="count").sort("count", column.name, descending=[True, False])
    return str(counts[column.name][0])


def _reason(name: str, value: Value, typical: Value) -> str:
    if value == typical:
        return f"{name}: {_text(value)} (typical)"
    if isinstance(value, float) and isinstance(typical, float):
        return f"{name}: {_text(value)} ({'above' if value > typical else 'below'} the typical {_text(typical)})"
    return f"{name}: {_text(value)} (typical: {_text(typical)})"


def _text(value: Value) -> str:
    return "missing" if value is None else number_text(value) if isinstance(value, float) else value
