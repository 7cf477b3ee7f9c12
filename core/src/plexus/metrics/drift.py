"""Drift: how far the distribution of a column is from that of a reference, such as training."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus.codec import JsonObject
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl

BINS = 10
MIN_FRACTION = 1e-4
"""Stands for an empty bin: the index takes logarithms."""
LARGE_DRIFT = 0.25
"""Population stability index above which drift is large (Siddiqi 2006, Credit Risk Scorecards, chapter 10)."""
MAX_CATEGORIES = 20
"""The most frequent categories have a bin each, all others share one: rare categories differ between any two tables."""


@dataclass(frozen=True)
class ReferenceDistribution:
    """The distribution of a feature in training.

    Args:
        edges: Edges between the bins: deciles, fewer where many values are equal.
        fractions: Fraction of the values in each bin.

    Example:
        ```python
        ReferenceDistribution.fit(train_amounts).stability_index(amounts)
        ```
    """

    edges: tuple[float, ...]
    fractions: tuple[float, ...]

    @classmethod
    def fit(cls, values: np.ndarray) -> Self:
        """Fit the bins to values.

        Args:
            values: Values of shape `(n,)`.

        Returns:
            The distribution.
        """
        edges = _decile_edges(values)
        return cls(tuple(edges.tolist()), tuple(_bin_fractions(edges, values).tolist()))

    def stability_index(self, values: np.ndarray) -> float:
        """Compute the population stability index of later values.

        Args:
            values: Values of shape `(n,)`.

        Returns:
            The index: 0 for equal distributions; from 0.25 drift is large.
        """
        return _stability_index(np.array(self.fractions), self.bin_fractions(values))

    def bin_fractions(self, values: np.ndarray) -> np.ndarray:
        """Compute the fraction of later values in each bin.

        Args:
            values: Values of shape `(n,)`.

        Returns:
            Fractions in the order of `fractions`, at least 0.0001.
        """
        return _bin_fractions(np.array(self.edges), values)

    def to_json(self) -> JsonObject:
        """Return the arguments as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return asdict(self)

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a distribution from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The distribution.
        """
        return cls(tuple(state["edges"]), tuple(state["fractions"]))


def table_drift(reference: "pl.DataFrame", table: "pl.DataFrame") -> dict[str, float]:
    """Compute the population stability index of each column between two tables (Siddiqi 2006, chapter 10).

    A column that is numeric in both tables has the deciles of the reference as bins; another has a bin per category,
    the rare and new ones in one. Missing values (null, NaN, infinity) have a bin of their own.

    Args:
        reference: The earlier table, such as the training rows.
        table: The later table, with at least the columns of the reference.

    Returns:
        The index by column, the largest first: 0 for equal distributions; from 0.25 drift is large.

    Raises:
        InputError: If a table has no rows, or a column is missing.
    """
    absent = [name for name in reference.columns if name not in table.columns]
    if absent:
        raise InputError(f"drift: expected the columns of the reference, found no column {absent[0]!r}; add it")
    if reference.is_empty() or table.is_empty():
        which = "reference" if reference.is_empty() else "later table"
        raise InputError(f"drift: expected at least one row in the {which}, found none; choose another table")
    drift = {name: bin_drift(*column_bins(reference[name], table[name])) for name in reference.columns}
    return dict(sorted(drift.items(), key=lambda item: -item[1]))


def column_bins(reference: "pl.Series", column: "pl.Series") -> tuple[np.ndarray, np.ndarray]:
    """Return the bins of two columns, as `table_drift` makes them.

    Args:
        reference: The earlier column.
        column: The later column.

    Returns:
        The bin of each value of the earlier and of the later column, counted from 0.
    """
    is_numeric = reference.dtype.is_numeric() and column.dtype.is_numeric()
    return (_numeric_bins if is_numeric else _category_bins)(reference, column)


def bin_drift(before: np.ndarray, after: np.ndarray) -> float:
    """Compute the population stability index of two columns from their bins.

    Args:
        before: Bin of each value of the earlier column, counted from 0.
        after: Bin of each value of the later column.

    Returns:
        The index.
    """
    bins = max(before.max(), after.max()) + 1
    return _stability_index(_fractions(before, bins), _fractions(after, bins))


def _numeric_bins(reference: "pl.Series", column: "pl.Series") -> tuple[np.ndarray, np.ndarray]:
    import polars as pl

    before, after = (series.cast(pl.Float64).to_numpy() for series in (reference, column))
    present = before[np.isfinite(before)]
    edges = _decile_edges(present) if len(present) else np.empty(0)
    missing = len(edges) + 1
    before, after = (
        np.where(np.isfinite(values), np.searchsorted(edges, values), missing) for values in (before, after)
    )
    return before, after


def _category_bins(reference: "pl.Series", column: "pl.Series") -> tuple[np.ndarray, np.ndarray]:
    import polars as pl

    before, after = (series.cast(pl.String) for series in (reference, column))
    counts = before.drop_nulls().value_counts(name="count").sort("count", before.name, descending=[True, False])
    frequent = counts[before.name].head(MAX_CATEGORIES)
    other, missing = len(frequent), len(frequent) + 1
    codes = []
    for series in (before, after):
        places = series.replace_strict(frequent, range(other), default=other, return_dtype=pl.Int64)
        codes.append(np.where(series.is_null(), missing, places))
    return codes[0], codes[1]


def _decile_edges(values: np.ndarray) -> np.ndarray:
    return np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))


def _bin_fractions(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _fractions(np.searchsorted(edges, values, side="left"), len(edges) + 1)


def _fractions(bin_of_row: np.ndarray, bins: int) -> np.ndarray:
    return np.asarray(np.maximum(np.bincount(bin_of_row, minlength=bins) / len(bin_of_row), MIN_FRACTION))


def _stability_index(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.sum((after - before) * np.log(after / before)))
