"""Drift between two tables, compared with what chance makes of two samples of the same cases."""

from typing import TYPE_CHECKING

import numpy as np

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
        after: The later table, with the same columns.
        seed: Random seed.

    Returns:
        Columns `column`, `psi`, `psi_by_chance` and `large`: whether the index is above `LARGE_DRIFT` and twice that by
        chance; the largest index first.
    """
    import polars as pl

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
