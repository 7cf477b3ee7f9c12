"""Training rows that are similar to a row."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from plexus.codec import JsonObject
from plexus_tables.cell_texts import to_text, to_texts
from plexus_tables.column_encoder import ColumnEncoder
from plexus_tables.json_cells import json_number

if TYPE_CHECKING:
    import polars as pl

MAX_ROWS, MAX_CELLS = 5000, 500_000
"""Training rows that a bundle holds at most, and their cells."""
USUAL_RANGE = (0.01, 0.99)
"""Quantiles of a column between which differences are counted in full: one outlier would make all others small."""


class SimilarRow(NamedTuple):
    """A training row that is similar to another one.

    Attributes:
        distance: Gower's distance, from 0 (equal) to 1.
        target: Its label or number.
        values: Its cells by column: numbers, categories and dates as the column has them; None where one is missing.

    Example:
        ```python
        SimilarRow(0.04, "good", {"duration": 24.0, "purpose": "car"})
        ```
    """

    distance: float
    target: str | float
    values: dict[str, float | str | None]


class SimilarRows:
    """A sample of the training rows, among which the nearest ones to a row are found by Gower's distance.

    The distance is the mean over the columns of the difference divided by the column's range for numbers, ranks and
    dates, and of 0 for equal and 1 for different categories; a column in which one of both rows has a missing value is
    left out (Gower 1971, Biometrics 27:857, equation 1 and section 2). The range is that between the quantiles
    `USUAL_RANGE` of the sample, and larger differences count as 1. scikit-learn has no such distance, and prediction
    imports NumPy alone.

    Args:
        columns: Encoders of the columns that are features.
        count: Number of rows that `nearest` returns.
        numbers: Of each column that is no categorical one, a number, rank or day since 1970 per row; None where one is
            missing.
        texts: Of each categorical column, a category per row; None where one is missing.
        targets: One label or number per row.

    Example:
        ```python
        rows = SimilarRows.sample(frame, labels, encoder.columns, count=5, seed=0)
        rows.nearest({"duration": 48, "purpose": "car"})[0].distance
        ```
    """

    def __init__(
        self,
        columns: Sequence[ColumnEncoder],
        count: int,
        numbers: Mapping[str, Sequence[float | None]],
        texts: Mapping[str, Sequence[str | None]],
        targets: Sequence[str | float],
    ) -> None:
        self.columns, self.count, self.targets = list(columns), count, list(targets)
        self._numbers = {name: np.array(values, float) for name, values in numbers.items()}  # None becomes NaN
        self._texts = {name: np.array([text or "" for text in values], object) for name, values in texts.items()}
        self._ranges = {name: _usual_range(values) for name, values in self._numbers.items()}

    @classmethod
    def sample(
        cls,
        frame: "pl.DataFrame",
        targets: Sequence[str | float],
        columns: Sequence[ColumnEncoder],
        count: int,
        seed: int,
    ) -> Self:
        """Draw training rows at random: all if they are at most `MAX_ROWS`, with at most `MAX_CELLS` cells.

        Args:
            frame: The training rows, with the columns and any others, of which nothing is kept.
            targets: One label or number per row.
            columns: Encoders of the columns that are features.
            count: Number of rows that `nearest` returns.
            seed: Random seed.

        Returns:
            The rows, in the order of the table.
        """
        size = min(len(frame), MAX_ROWS, max(MAX_CELLS // len(columns), 1))
        rows = np.sort(np.random.default_rng(seed).choice(len(frame), size, replace=False))
        chosen = frame[rows]
        numbers = {
            column.name: column.column_numbers(chosen[column.name]).tolist()
            for column in columns
            if column.kind != "categorical"
        }
        texts = {
            column.name: to_texts(chosen[column.name]).to_list() for column in columns if column.kind == "categorical"
        }
        return cls(columns, count, numbers, texts, [targets[row] for row in rows.tolist()])

    def __len__(self) -> int:
        return len(self.targets)

    def nearest(self, row: Mapping[str, object]) -> list[SimilarRow]:
        """Return the training rows that are most similar to a row.

        Args:
            row: Values by column, as for a prediction.

        Returns:
            At most `count` rows, the nearest first; of equally near ones those with values in more columns are first.
            Rows without a column in which both have a value are left out.
        """
        distances, compared = self._distances(row)
        nearest = np.lexsort((-compared, distances))[: self.count].tolist()  # NaN is last
        return [
            SimilarRow(float(distances[place]), self.targets[place], self._cells(place))
            for place in nearest
            if not np.isnan(distances[place])
        ]

    def to_json(self) -> JsonObject:
        """Return the arguments but the columns as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "count": self.count,
            "numbers": {name: _without_nan(values) for name, values in self._numbers.items()},
            "texts": {name: [text or None for text in values.tolist()] for name, values in self._texts.items()},
            "targets": self.targets,
        }

    @classmethod
    def from_json(cls, state: JsonObject, columns: Sequence[ColumnEncoder]) -> Self:
        """Create the rows from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.
            columns: Encoders of the columns that are features.

        Returns:
            The rows.
        """
        return cls(columns, **state)

    def _distances(self, row: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
        """Return Gower's distance to each row, NaN where no column has a value in both, and how many have one."""
        sums, counts = np.zeros(len(self)), np.zeros(len(self))
        with np.errstate(over="ignore", invalid="ignore"):  # numbers of a bundle may be as large as float64 has them
            for column in self.columns:
                differences = self._differences(column, row[column.name])
                present = ~np.isnan(differences)
                sums[present] += differences[present]
                counts += present
            return sums / counts, counts

    def _differences(self, column: ColumnEncoder, value: object) -> np.ndarray:
        """Return the difference in one column to each row, from 0 to 1; NaN where a value is missing."""
        if column.kind == "categorical":
            texts, text = self._texts[column.name], to_text(value) or ""
            return np.where((texts == "") | (not text), np.nan, texts != text)
        differences = np.abs(self._numbers[column.name] - column.number(value)) / self._ranges[column.name]
        return np.asarray(np.minimum(differences, 1))

    def _cells(self, place: int) -> dict[str, float | str | None]:
        """Return the cells of a row, numbers and dates as the column has them."""
        cells: dict[str, float | str | None] = {}
        for column in self.columns:
            if column.kind == "categorical":
                cells[column.name] = self._texts[column.name][place] or None
            else:
                cells[column.name] = json_number(column, float(self._numbers[column.name][place]))
        return cells


def _usual_range(numbers: np.ndarray) -> float:
    """Return the range between the quantiles `USUAL_RANGE`; if it is 0 that of all numbers, above 0."""
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        return 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = np.quantile(present, USUAL_RANGE)
        width = float(high - low or present.max() - present.min())
    return width if width > 0 else float(np.finfo(float).tiny)


def _without_nan(numbers: np.ndarray) -> list[float | None]:
    return [None if np.isnan(number) else number for number in numbers.tolist()]
