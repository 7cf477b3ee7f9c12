"""Warnings about values that differ from those of the training."""

from collections.abc import Mapping, Sequence

import numpy as np

from plexus.data.cells import missing
from plexus.data.table_rows import TableRows
from plexus_tables.column_encoder import MISSING, NEW, ColumnEncoder
from plexus_tables.readings import Readings, categories_as_written

NO_VALUE = "no column has a value that can be read"


class RangeWarnings:
    """Compares rows with the ranges and categories of the training, by column; only cells that differ become texts.

    Args:
        columns: Encoders of the columns that are features.

    Example:
        ```python
        RangeWarnings(encoder.columns).of_rows(rows, encoder.read(rows))
        ```
    """

    def __init__(self, columns: Sequence[ColumnEncoder]) -> None:
        self._columns = list(columns)
        is_categorical = np.array([column.kind == "categorical" for column in columns], bool)
        self._numeric, self._categorical = np.flatnonzero(~is_categorical), np.flatnonzero(is_categorical)
        self._low = np.array([column.low for column in columns])[self._numeric]
        self._high = np.array([column.high for column in columns])[self._numeric]

    def of_rows(self, rows: TableRows | Sequence[Mapping[str, object]], readings: Readings) -> list[tuple[str, ...]]:
        """Return how rows differ from the training data.

        Args:
            rows: The rows.
            readings: Their values, as of `TableEncoder.read`.

        Returns:
            Of each row one text per value that is outside the range of the training, a new category, or unreadable, in
            the order of the columns; or that it has no value at all.
        """
        is_empty = np.isnan(readings.numbers).all(axis=1) & (readings.places == MISSING).all(axis=1)
        warnings: list[tuple[str, ...]] = [(NO_VALUE,) if empty else () for empty in is_empty.tolist()]
        differing = self._differing(rows, readings)
        if not differing.any():
            return warnings
        values = np.empty(differing.shape)
        values[:, self._numeric], values[:, self._categorical] = readings
        for index in np.flatnonzero(differing.any(axis=0)).tolist():
            column, places = self._columns[index], np.flatnonzero(differing[:, index]).tolist()
            cells = _cells(rows, column, places)
            for place, cell, value in zip(places, cells, values[places, index].tolist(), strict=True):
                text = column.warning(cell, value)
                if text:
                    warnings[place] += (text,)
        return warnings

    def _differing(self, rows: TableRows | Sequence[Mapping[str, object]], readings: Readings) -> np.ndarray:
        """Return which values may differ, shape `(n, columns)`; in dictionaries missing ones are among them."""
        numbers = readings.numbers
        outside = ~((numbers >= self._low) & (numbers <= self._high))
        if isinstance(rows, TableRows):
            for place in np.flatnonzero(np.isnan(numbers).any(axis=0)).tolist():
                outside[:, place] &= ~missing(rows.frame[self._columns[self._numeric[place]].name]).to_numpy()
        differing = np.empty((len(rows), len(self._columns)), bool)
        differing[:, self._numeric], differing[:, self._categorical] = outside, readings.places == NEW
        return differing


def _cells(
    rows: TableRows | Sequence[Mapping[str, object]], column: ColumnEncoder, places: Sequence[int]
) -> Sequence[object]:
    if not isinstance(rows, TableRows):
        return [rows[place][column.name] for place in places]
    series = categories_as_written(rows, column.name) if column.kind == "categorical" else rows.frame[column.name]
    return series[places].to_list()
