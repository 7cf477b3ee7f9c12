"""The columns of a table: which are used, and how they become numbers."""

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus.data.tables import missing
from plexus.utils.messages import note

if TYPE_CHECKING:
    import polars as pl

    from plexus.data.findings import Findings

MOST_CATEGORIES = 50
_NUMBERING = re.compile(r"(^|[ _.-])(id|idnumber|index|row|no|nr)$|^unnamed", re.I)
NOT_NUMBERS = "columns with values that are not numbers; these were taken as missing"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        name: as in the table.
        fill: what stands in for a missing number; centre, scale: subtracted and divided by.
        categories: the values of a column of categories, else None.
    """

    name: str
    fill: float = 0.0
    centre: float = 0.0
    scale: float = 1.0
    categories: list[str] | None = None

    def features(self) -> list[str]:
        """What its numbers stand for."""
        return [self.name] if self.categories is None else [f"{self.name} = {value}" for value in self.categories]

    def encode(self, table: "pl.DataFrame") -> np.ndarray:
        """Numbers `(n, features)`.

        Raises:
            InputError: the table lacks the column.
        """
        if self.name not in table.columns:
            raise InputError(f"the table lacks the column {self.name!r}; it has {', '.join(table.columns)}")
        if self.categories is not None:
            values = _as_text(table[self.name]).to_numpy()
            return (values[:, None] == np.array(self.categories, object)).astype(np.float32)
        numbers, wrong = as_numbers(table[self.name])
        if wrong.any():
            example = table[self.name][int(wrong.argmax())]
            note(f"column {self.name}: {wrong.sum():,} values are not numbers, as {example!r}; taken as missing")
        filled = np.where(np.isnan(numbers), self.fill, numbers)
        return ((filled - self.centre) / self.scale).astype(np.float32)[:, None]

    def to_json(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return asdict(self)


def fit_columns(table: "pl.DataFrame", findings: "Findings") -> list[Column]:
    """The columns that tell rows apart.

    Raises:
        InputError: there are none.
    """
    found = [fit_column(table[name], findings) for name in table.columns]
    columns = [column for column in found if column is not None]
    if not columns:
        raise InputError("no column tells the rows apart: all are constant, missing, or different in every row")
    return columns


def fit_column(series: "pl.Series", findings: "Findings") -> Column | None:
    """One column, or None if it is left out, with the reason among the findings."""
    numbers, wrong = as_numbers(series)
    known = ~np.isnan(numbers)
    present = len(series) - missing(series).sum()
    if not present:
        findings.add("columns without any value were left out", series.name)
    elif known.sum() * 2 < present:
        return _fit_categories(series, findings)
    elif numbers[known].min() == numbers[known].max():
        findings.add("columns with one value only were left out", f"{series.name} (always {numbers[known][0]:g})")
    elif _is_numbering(series.name, numbers):
        findings.add("columns that only number the rows were left out", series.name)
    else:
        return _fit_numbers(series, numbers, wrong, findings)
    return None


def _fit_numbers(series: "pl.Series", numbers: np.ndarray, wrong: np.ndarray, findings: "Findings") -> Column:
    name = series.name
    if wrong.any():
        first = int(wrong.argmax())
        place = f"{wrong.sum():,} of {len(series):,}, the first in row {first + 1}: {series[first]!r}"
        findings.add(NOT_NUMBERS, f"{name}: {place}")
    known = numbers[~np.isnan(numbers)]
    if len(known) < len(numbers):
        findings.add(
            "columns with missing values, filled with the median", f"{name}: {len(numbers) - len(known):,} values"
        )
    # Divided first, so that squares of the largest numbers there are do not overflow.
    largest = np.abs(known).max()
    scale = float((known / largest).std() * largest)
    return Column(name, float(np.median(known)), float((known / largest).mean() * largest), scale)


def _fit_categories(series: "pl.Series", findings: "Findings") -> Column | None:
    values = _as_text(series).drop_nulls()
    categories = sorted(values.unique().to_list())
    if len(categories) == 1:
        findings.add("columns with one value only were left out", f"{series.name} (always {categories[0]!r})")
    elif len(categories) > min(MOST_CATEGORIES, len(values) // 2):
        findings.add(
            "columns of texts that hardly repeat were left out", f"{series.name} ({len(categories):,} different)"
        )
    else:
        return Column(series.name, categories=categories)
    return None


def as_numbers(series: "pl.Series") -> tuple[np.ndarray, np.ndarray]:
    """A column's numbers, NaN where they are missing, and which values are there but are no finite numbers."""
    import polars as pl

    text = series.dtype == pl.String
    stripped = series.str.strip_chars() if text else series
    numbers = stripped.cast(pl.Float64, strict=False).to_numpy().astype(float)
    wrong = (np.isnan(numbers) & ~missing(series).to_numpy()) | np.isinf(numbers)
    numbers[np.isinf(numbers)] = np.nan
    return numbers, wrong


def _as_text(series: "pl.Series") -> "pl.Series":
    """Texts, null where they are missing."""
    import polars as pl

    text = series.cast(pl.String).str.strip_chars()
    return text.zip_with(~missing(series), pl.Series([None], dtype=pl.String))


def _is_numbering(name: str, numbers: np.ndarray) -> bool:
    """Whether a column has the name of one that numbers rows, and another whole number in each; or is 0, 1, 2, …"""
    if np.isnan(numbers).any() or (numbers != np.rint(numbers)).any():
        return False
    counts_up = numbers[-1] - numbers[0] == len(numbers) - 1 and bool((np.diff(numbers) == 1).all())
    return counts_up or (_NUMBERING.search(name) is not None and len(np.unique(numbers)) == len(numbers))
