"""Encoding of the rows of a table as arrays."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import InputError
from plexus.codec import Arrays, JsonObject
from plexus.data.table_rows import TableRows
from plexus.errors import UnreadableInputsError
from plexus_tables.column_encoder import MISSING, ColumnEncoder
from plexus_tables.column_fitting import fit_columns
from plexus_tables.column_kinds import Kind
from plexus_tables.feature_layout import FeatureLayout
from plexus_tables.options import TableOptions
from plexus_tables.range_warnings import RangeWarnings
from plexus_tables.readings import Readings, categories_as_written
from plexus_tables.table_notes import TableNotes

if TYPE_CHECKING:
    import polars as pl

MAX_SCALED = 1e6
"""Scaled numbers are clipped to it before the smooth clipping: there is no difference in float32, and no overflow."""
CLIP = 3.0
"""Bound of smooth clipping (Holzmüller et al. 2024, arXiv:2407.04491, section 3)."""


class TableEncoder:
    """Encodes rows as `numbers`, `indicators` and `codes`; an array without features is left out.

    - `numbers`, float32 `(n, c)`: numbers, ranks and parts of dates, robustly scaled and smoothly clipped, in (-3, 3);
      a missing one is the median of training, 0.
    - `indicators`, float32 `(n, k)`: first the categories, one feature each, two categories as one feature of -1 (the
      more frequent one) and 1; then the flags of missing values. A missing, rare or new category is 0 in all.
    - `codes`, int32 `(n, m)`: categories of columns with more than `MAX_ONE_HOT`, counted from 1; 0 for a missing, rare
      or new one.

    Args:
        columns: Encoders of the columns that are features.
        other_columns: Names of columns that were in the training data but are no features.

    Example:
        ```python
        encoder = TableEncoder.fit(rows.frame, {"age": "numeric", "color": "categorical"}, options)
        encoder.encode([{"age": 41, "color": "red"}])["numbers"].shape  # (1, 1)
        ```
    """

    def __init__(self, columns: Sequence[ColumnEncoder], other_columns: Sequence[str] = ()) -> None:
        self.columns, self.other_columns = list(columns), list(other_columns)
        self._layout = FeatureLayout(self.columns)
        self._notes = TableNotes(self.columns, self.other_columns)
        self._warnings = RangeWarnings(self.columns)
        self._numeric = [(column.number, column.name) for column in self._layout.numeric]
        self._categorical = [(column.place, column.name) for column in self._layout.categorical]
        self._names = frozenset(self.names)

    @classmethod
    def fit(cls, frame: "pl.DataFrame", kinds: Mapping[str, Kind], options: TableOptions) -> Self:
        """Fit an encoder on the training rows.

        Args:
            frame: The training rows, with the columns of `kinds` and any others.
            kinds: Kinds of the columns that are features.
            options: The options: `ordinal`, `increasing`, `decreasing`.

        Returns:
            The encoder.

        Raises:
            InputError: If no column is a feature, or a column cannot have a monotone effect.
        """
        if not kinds:
            raise InputError(
                f"none of the columns {', '.join(frame.columns)} can be a feature; name those to use with --keep"
            )
        return cls(fit_columns(frame, kinds, options), [name for name in frame.columns if name not in kinds])

    @property
    def names(self) -> list[str]:
        """Names of the columns that are features, which rows have to have."""
        return [column.name for column in self.columns]

    @property
    def feature_columns(self) -> dict[str, np.ndarray]:
        """For each array, the index in `columns` of each feature's column, shape `(features,)`."""
        return self._layout.feature_columns

    @property
    def feature_names(self) -> dict[str, list[str]]:
        """For each array, the names of the features."""
        return self._layout.feature_names

    @property
    def code_sizes(self) -> list[int]:
        """For each feature in `codes`, the number of codes, 0 included."""
        return self._layout.code_sizes

    @cached_property
    def monotone(self) -> dict[int, int]:
        """The features in `numbers` with a monotone effect.

        Returns:
            1 (never decreasing) or -1 (never increasing) by index of the feature.
        """
        columns = [self.columns[index] for index in self.feature_columns.get("numbers", [])]
        return {feature: column.direction for feature, column in enumerate(columns) if column.direction}

    @cached_property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest value in training.

        Returns:
            The range by name of a numeric column.
        """
        return {column.name: (column.low, column.high) for column in self.columns if column.kind == "numeric"}

    @cached_property
    def categories(self) -> dict[str, tuple[str, ...]]:
        """Categories of columns.

        Returns:
            By name of a categorical or ordinal column: the frequent categories in descending order, or the ordered
            ones, lowest first.
        """
        return {column.name: column.categories for column in self.columns if column.categories}

    @cached_property
    def typical(self) -> dict[str, float | str]:
        """A typical row of the training data.

        Returns:
            The median of a numeric or ordinal column or of dates, the most frequent category of others.
        """
        return {column.name: column.typical for column in self.columns}

    def encode(self, rows: TableRows | Sequence[Mapping[str, object]]) -> Arrays:
        """Encode rows. Columns may be in any order; further columns are not used, which is noted once.

        Args:
            rows: The rows of a table, or dictionaries.

        Returns:
            The arrays by name, the first axis along the rows.

        Raises:
            InputError: As for `read`.
        """
        return self.arrays(self.read(rows))

    def read(self, rows: TableRows | Sequence[Mapping[str, object]]) -> Readings:
        """Read the values of rows.

        Args:
            rows: As for `encode`.

        Returns:
            The numbers and the places of categories.

        Raises:
            InputError: If a table lacks a column.
            UnreadableInputsError: If a dictionary lacks a column, or a value of it is a list or an object.
        """
        return self._read_table(rows) if isinstance(rows, TableRows) else self._read_rows(rows)

    def arrays(self, readings: Readings) -> Arrays:
        """Encode values that were read.

        Args:
            readings: The result of `read`.

        Returns:
            The arrays of `encode`.
        """
        (numbers, places), layout, arrays = readings, self._layout, Arrays()
        if layout.centers.size:
            with np.errstate(over="ignore", invalid="ignore"):
                arrays["numbers"] = smoothly_clipped((layout.expand(numbers) - layout.centers) * layout.scales)
        if layout.feature_names.get("indicators"):
            arrays["indicators"] = self._indicators(numbers, places)
        if layout.coded.size:
            arrays["codes"] = np.maximum(places[:, layout.coded], 0).astype(np.int32)
        return arrays

    def warnings(self, rows: TableRows | Sequence[Mapping[str, object]], readings: Readings) -> list[tuple[str, ...]]:
        """Return how rows differ from the training data.

        Args:
            rows: The rows.
            readings: The result of `read` for them.

        Returns:
            Of each row one text per value that is outside the range of the training, a new category, or unreadable, in
            the order of the columns.
        """
        return self._warnings.of_rows(rows, readings)

    def to_json(self) -> JsonObject:
        """Return the constructor's arguments as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {"columns": [column.to_json() for column in self.columns], "other_columns": self.other_columns}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an encoder from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The encoder.
        """
        return cls([ColumnEncoder.from_json(column) for column in state["columns"]], state["other_columns"])

    def _read_table(self, rows: TableRows) -> Readings:
        """Return the numbers and the places of categories, column by column."""
        self._notes.check_columns(rows)
        numbers = np.empty((len(rows), len(self._numeric)))
        for index, column in enumerate(self._layout.numeric):
            series = rows.frame[column.name]
            numbers[:, index] = column.column_numbers(series)
            self._notes.note_unreadable(rows, column, series, numbers[:, index])
        places = np.empty((len(rows), len(self._categorical)), np.int16)
        for index, column in enumerate(self._layout.categorical):
            series = categories_as_written(rows, column.name)
            places[:, index] = column.column_places(series)
            self._notes.note_new(rows, column, series, places[:, index])
        return Readings(numbers, places)

    def _read_rows(self, rows: Sequence[Mapping[str, object]]) -> Readings:
        """Return the numbers and the places of categories, row by row: a table would take longer than the network."""
        numbers, places, reasons = [], [], {}
        for index, row in enumerate(rows):
            reason = self._unreadable(row)
            if reason:
                reasons[index] = reason
                continue
            numbers.append([read(row[name]) for read, name in self._numeric])
            places.append([read(row[name]) for read, name in self._categorical])
        if reasons:
            raise UnreadableInputsError(reasons)
        return Readings(
            np.array(numbers, float).reshape(len(rows), len(self._numeric)),
            np.array(places, np.int16).reshape(len(rows), len(self._categorical)),
        )

    def _unreadable(self, row: object) -> str:
        """Return why a dictionary cannot be read; empty if it can."""
        if not isinstance(row, Mapping):
            return f"expected a row, an object of its columns, got {row!r:.80}"
        if not self._names <= row.keys():
            lacking = [name for name in self.names if name not in row]
            names = ", ".join(map(repr, lacking))
            return (
                f"the row lacks the column{'s' * (len(lacking) > 1)} {names}; a missing value is null or an empty cell"
            )
        for name, value in row.items():
            if isinstance(value, list | tuple | dict) and name in self._names:
                return f"column {name!r}: expected a number or a text, got {value!r:.80}"
        return ""

    def _indicators(self, numbers: np.ndarray, places: np.ndarray) -> np.ndarray:
        layout = self._layout
        parts = []
        if layout.hot_columns.size:
            hot = places[:, layout.hot_columns]
            # Two categories share a feature: -1 for the first one.
            parts.append((hot == layout.hot_places).astype(np.float32) - (hot == layout.negative_places))
        if layout.flagged_numbers.size:
            parts.append(np.isnan(numbers[:, layout.flagged_numbers]))
        if layout.flagged_places.size:
            parts.append(places[:, layout.flagged_places] == MISSING)
        return np.concatenate(parts, axis=1, dtype=np.float32)


def smoothly_clipped(scaled: np.ndarray) -> np.ndarray:
    """Return x / sqrt(1 + (x/3)²) (Holzmüller et al. 2024, arXiv:2407.04491, section 3), monotone and in (-3, 3).

    Args:
        scaled: Scaled numbers of any shape, NaN where one is missing.

    Returns:
        Array of the same shape, float32, 0 where a number is missing.
    """
    x = np.minimum(np.maximum(scaled, -MAX_SCALED), MAX_SCALED)
    x[np.isnan(x)] = 0
    squares = x * x
    squares /= CLIP * CLIP
    squares += 1
    x /= np.sqrt(squares, out=squares)
    return np.asarray(x, np.float32)
