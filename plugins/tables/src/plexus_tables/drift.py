"""Drift between two tables, compared with what chance makes of two samples of the same cases."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.drift import LARGE_DRIFT, bin_drift, column_bins, table_drift

if TYPE_CHECKING:
    import polars as pl

    from plexus.data.table_rows import TableRows
    from plexus_tables.table_encoder import TableEncoder

SHUFFLES = 20
"""Random splits whose mean is the index expected by chance."""


def drift_table(before: "pl.DataFrame", after: "pl.DataFrame", seed: int = 0) -> "pl.DataFrame":
    """Compute the population stability index of each column, and the one expected without drift.

    Two samples of the same cases differ: with `b` bins the index is about `(b - 1) (1 / n + 1 / m)` for `n` and `m`
    rows (Yurdakul & Naranjo, Statistical properties of the population stability index), and more with empty bins. So
    it is the mean of `SHUFFLES` random splits of the bins of all rows into tables of these sizes.

    Args:
        before: The earlier table, such as the training rows.
        after: The later table, with the same columns.
        seed: Random seed.

    Returns:
        Columns `column`, `psi`, `psi_by_chance` and `large`: whether the index is above `LARGE_DRIFT` and twice that
        by chance; the largest index first.
    """
    import polars as pl

    drift, by_chance, generator = table_drift(before, after), [], np.random.default_rng(seed)
    for name in drift:
        bins = np.concatenate(column_bins(before[name], after[name]))
        splits = (np.split(generator.permutation(bins), [before.height]) for _ in range(SHUFFLES))
        by_chance.append(np.mean([bin_drift(*split) for split in splits]))
    table = pl.DataFrame({"column": list(drift), "psi": list(drift.values()), "psi_by_chance": by_chance})
    return table.with_columns(large=(pl.col("psi") > LARGE_DRIFT) & (pl.col("psi") > 2 * pl.col("psi_by_chance")))


def readings_table(encoder: "TableEncoder", rows: "TableRows") -> "pl.DataFrame":
    """Return the values of rows as a model reads them, so that those of two tables are comparable.

    Args:
        encoder: The encoder of the columns.
        rows: The rows.

    Returns:
        A column of float64 for each column of numbers, ranks or dates (days since 1970), NaN where a value is missing
        or cannot be read; a column of texts for each categorical one: the places of the categories.

    Raises:
        InputError: If a column is missing.
    """
    import polars as pl

    readings = encoder.read(rows)
    values = {True: iter(readings.places.T), False: iter(readings.numbers.T)}
    columns = {column.name: next(values[column.kind == "categorical"]) for column in encoder.columns}
    categorical = [column.name for column in encoder.columns if column.kind == "categorical"]
    return pl.DataFrame(columns).with_columns(pl.col(categorical).cast(pl.String))
