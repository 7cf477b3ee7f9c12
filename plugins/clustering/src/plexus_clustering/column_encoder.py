"""Encoding of one column of a table: standardized numbers, or one-hot categories."""

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus import Findings, InputError
from plexus.codec import JsonObject
from plexus.data.cells import finite_numbers, holds_identifiers, missing
from plexus.data.findings import Counted
from plexus.data.times import holds_times
from plexus.tasks.row_column import RowColumn
from plexus.utils.messages import note

if TYPE_CHECKING:
    import polars as pl

MAX_CATEGORIES = 50
_ROW_NUMBER_NAME = re.compile(
    r"(?i:(^|[ _.-])(id|idnumber|index|row|no|nr)$|^unnamed)|[a-z](Id|ID|No|Nr|Number|Index)$"
)

EMPTY = Counted("column without any value was dropped", "columns without any value were dropped")
CONSTANT = Counted("column with only one value was dropped", "columns with only one value were dropped")
IDENTIFIERS = Counted(
    "column of identifiers (whole numbers of 16 digits or more) was dropped",
    "columns of identifiers (whole numbers of 16 digits or more) were dropped",
)
TIMES = Counted("column of times was dropped", "columns of times were dropped")
ROW_NUMBERS = Counted("column that only numbers the rows was dropped", "columns that only number the rows were dropped")
RARELY_REPEATED = Counted(
    "column of texts that rarely repeat was dropped", "columns of texts that rarely repeat were dropped"
)
NOT_NUMERIC = Counted(
    "column with values that are not numbers, which were treated as missing",
    "columns with values that are not numbers, which were treated as missing",
)
MISSING = Counted(
    "column with missing values, filled with the median", "columns with missing values, filled with the median"
)


@dataclass(frozen=True)
class ColumnEncoder:
    """Encodes one column; prediction needs NumPy and Polars alone, which is why it is not scikit-learn's.

    Args:
        name: Name of the column.
        fill: Value of missing numbers: the median.
        mean: Mean that is subtracted.
        scale: Standard deviation to divide by; for categories, the root of the sum of their variances, so that the
            column weighs as much as one of numbers.
        categories: The values of a categorical column; None for a numeric one.

    Example:
        ```python
        ColumnEncoder("color", categories=["blue", "red"]).features()  # ["color = blue", "color = red"]
        ```
    """

    name: str
    fill: float = 0.0
    mean: float = 0.0
    scale: float = 1.0
    categories: list[str] | None = None

    def features(self) -> list[str]:
        """Return the names of the features.

        Returns:
            One name per feature.
        """
        return [self.name] if self.categories is None else [f"{self.name} = {value}" for value in self.categories]

    def describe(self) -> RowColumn:
        """Return the column for the form of a request.

        Returns:
            Its name with the median, or with the categories.
        """
        if self.categories is None:
            return RowColumn(self.name, self.fill)
        return RowColumn(self.name, self.categories[0], self.categories)

    def encode(self, table: "pl.DataFrame") -> np.ndarray:
        """Encode the column of a table.

        Args:
            table: The table.

        Returns:
            Floats of shape `(n, features)`.

        Raises:
            InputError: If the table lacks the column.
        """
        if self.name not in table.columns:
            raise InputError(f"the table lacks the column {self.name!r}; it has {', '.join(table.columns)}")
        if self.categories is not None:
            values = _as_text(table[self.name]).to_numpy()
            return np.asarray(values[:, None] == np.array(self.categories, object), np.float32) / np.float32(self.scale)
        numbers, invalid = finite_numbers(table[self.name])
        if invalid.any():
            example = table[self.name][int(invalid.argmax())]
            note(
                f"column {self.name}: {invalid.sum():,} values are not numbers, such as {example!r}; treated as missing"
            )
        filled = np.where(np.isnan(numbers), self.fill, numbers)
        return ((filled - self.mean) / self.scale).astype(np.float32)[:, None]

    def missing(self, table: "pl.DataFrame") -> np.ndarray:
        """Return which features of a column of numbers are filled, as the table has no value.

        Args:
            table: The table.

        Returns:
            Booleans of shape `(n, features)`; False for categories, all of which are zero where a value is missing.
        """
        if self.categories is not None:
            return np.zeros((len(table), len(self.categories)), bool)
        return np.asarray(np.isnan(finite_numbers(table[self.name])[0])[:, None])

    def to_json(self) -> JsonObject:
        """Return the constructor's arguments.

        Returns:
            The arguments by name.
        """
        return asdict(self)


def fit_columns(table: "pl.DataFrame", findings: Findings) -> list[ColumnEncoder]:
    """Fit encoders for the columns that distinguish rows.

    Args:
        table: The table.
        findings: Receives the columns that are dropped or repaired.

    Returns:
        The encoders; none if no column distinguishes rows.

    Raises:
        InputError: If `findings` is strict and a column is dropped or repaired.
    """
    encoders = [_fit_column(table[name], findings) for name in table.columns]
    return [encoder for encoder in encoders if encoder is not None]


def _fit_column(series: "pl.Series", findings: Findings) -> ColumnEncoder | None:
    numbers, invalid = finite_numbers(series)
    finite = numbers[~np.isnan(numbers)]
    present = len(series) - int(missing(series).sum())
    if not present:
        findings.add(EMPTY, series.name)
    elif holds_times(series):
        findings.add(TIMES, f"{series.name} (such as {series.drop_nulls()[0]})")
    elif holds_identifiers(series):
        findings.add(IDENTIFIERS, series.name)
    elif len(finite) * 2 < present:
        return _fit_categories(series, findings)
    elif finite.min() == finite.max():
        findings.add(CONSTANT, f"{series.name} (always {finite[0]:g})")
    elif _numbers_rows(series.name, numbers):
        findings.add(ROW_NUMBERS, series.name)
    else:
        _add_repairs(series, numbers, invalid, findings)
        return _fit_numbers(series.name, finite)
    return None


def _add_repairs(series: "pl.Series", numbers: np.ndarray, invalid: np.ndarray, findings: Findings) -> None:
    if invalid.any():
        first = int(invalid.argmax())
        place = f"{invalid.sum():,} of {len(series):,}, the first in row {first + 1}: {series[first]!r}"
        findings.add(NOT_NUMERIC, f"{series.name}: {place}")
    if np.isnan(numbers).any():
        findings.add(MISSING, f"{series.name}: {np.isnan(numbers).sum():,} values")


def _fit_numbers(name: str, numbers: np.ndarray) -> ColumnEncoder:
    # Divided by the largest first, so that squares of the largest floats do not overflow.
    largest = np.abs(numbers).max()
    scaled = numbers / largest
    return ColumnEncoder(name, float(np.median(numbers)), float(scaled.mean() * largest), float(scaled.std() * largest))


def _fit_categories(series: "pl.Series", findings: Findings) -> ColumnEncoder | None:
    values = _as_text(series).drop_nulls()
    counts = values.value_counts().sort(series.name)
    categories = counts[series.name].to_list()
    if len(categories) == 1:
        findings.add(CONSTANT, f"{series.name} (always {categories[0]!r})")
    elif len(categories) > min(MAX_CATEGORIES, len(values) // 2):
        findings.add(RARELY_REPEATED, f"{series.name} ({len(categories):,} different)")
    else:
        rates = counts["count"].to_numpy() / len(series)
        return ColumnEncoder(series.name, scale=float(np.sqrt((rates * (1 - rates)).sum())), categories=categories)
    return None


def _as_text(series: "pl.Series") -> "pl.Series":
    """Return stripped texts, null where the value is missing."""
    import polars as pl

    text = series.cast(pl.String).str.strip_chars()
    return text.zip_with(~missing(series), pl.Series([None], dtype=pl.String))


def _numbers_rows(name: str, numbers: np.ndarray) -> bool:
    """Return whether a column counts 0, 1, 2, …, or is named like an identifier and has distinct whole numbers."""
    if np.isnan(numbers).any() or (numbers != np.rint(numbers)).any():
        return False
    counts_up = numbers[-1] - numbers[0] == len(numbers) - 1 and bool((np.diff(numbers) == 1).all())
    return counts_up or (_ROW_NUMBER_NAME.search(name) is not None and len(np.unique(numbers)) == len(numbers))
