"""Drift between two tables, compared with what chance makes of two samples of the same cases."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus.metrics.drift import LARGE_DRIFT, table_drift

if TYPE_CHECKING:
    import polars as pl

SHUFFLES = 20
"""Random splits whose mean is the index expected by chance."""


def drift_table(before: "pl.DataFrame", after: "pl.DataFrame", seed: int = 0) -> "pl.DataFrame":
    """Compute the population stability index of each column, and the one expected without drift.

    Two samples of the same cases differ: with `b` bins the index is about `(b - 1) (1 / n + 1 / m)` for `n` and `m`
    rows (Yurdakul & Naranjo, Statistical properties of the population stability index), and more with empty bins. So
    it is the mean of `SHUFFLES` random splits of all rows into tables of these sizes.

    Args:
        before: The earlier table, such as the training rows.
        after: The later table, with at least the columns of the earlier one. A column that is numeric, or one of dates,
            in one table alone is compared as text.
        seed: Random seed.

    Returns:
        Columns `column`, `psi`, `psi_by_chance` and `large`: whether the index is above `LARGE_DRIFT` and twice that by
        chance; the largest index first.
    """
    import polars as pl

    before, after = _with_types_of_each_other(before, after)
    drift = table_drift(before, after)
    rows = pl.concat([before, after], how="vertical_relaxed")
    generator, total = np.random.default_rng(seed), dict.fromkeys(drift, 0.0)
    for _ in range(SHUFFLES):
        order = generator.permutation(rows.height)
        for name, value in table_drift(rows[order[: before.height]], rows[order[before.height :]]).items():
            total[name] += value / SHUFFLES
    table = pl.DataFrame(
        {"column": list(drift), "psi": list(drift.values()), "psi_by_chance": list(map(total.get, drift))}
    )
    return table.with_columns(large=(pl.col("psi") > LARGE_DRIFT) & (pl.col("psi") > 2 * pl.col("psi_by_chance")))


def _with_types_of_each_other(before: "pl.DataFrame", after: "pl.DataFrame") -> "tuple[pl.DataFrame, pl.DataFrame]":
    """Return both tables with the columns of the first one, numeric or text in both; dates as numbers."""
    import polars as pl

    if missing := [name for name in before.columns if name not in after.columns]:
        raise InputError(f"drift: the later table has no column {missing[0]!r}; add it")
    after = after.select(before.columns)
    types: dict[str, type[pl.Datetime | pl.String]] = {}
    for name in before.columns:
        both = before[name].dtype, after[name].dtype
        if all(dtype.is_temporal() for dtype in both):
            types[name] = pl.Datetime
        elif not all(dtype.is_numeric() for dtype in both):
            types[name] = pl.String
    dates = [name for name, dtype in types.items() if dtype == pl.Datetime]
    casts = [pl.col(name).cast(dtype) for name, dtype in types.items()]
    before, after = (table.with_columns(casts).with_columns(pl.col(dates).dt.epoch("s")) for table in (before, after))
    return before, after
