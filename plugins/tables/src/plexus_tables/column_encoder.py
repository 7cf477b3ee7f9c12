"""Encoding of one column of a table."""

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from plexus.codec import JsonObject
from plexus.data.cells import MISSING as MISSING_TEXTS
from plexus.data.cells import finite_numbers, parse_number
from plexus.data.times import parse_time, parse_times
from plexus_tables.cell_texts import plain_value, to_text, to_texts
from plexus_tables.column_kinds import MAX_ONE_HOT
from plexus_tables.date_parts import DAY, MAX_DAYS, Part

if TYPE_CHECKING:
    import polars as pl

FeatureKind = Literal["numeric", "categorical", "ordinal", "date"]

_PLAIN = {str, float, int, bool, type(None)}
"""Types of cells that are as the standard library has them; most are."""
MAX_WHOLE = 1e15
"""Whole numbers below are shown with all digits."""
MISSING, RARE, NEW = -1, 0, -2
"""Places of values that have no category: missing, rare in training, absent in training. Categories count from 1."""


@dataclass(frozen=True)
class ColumnEncoder:
    """Encodes one column: as numbers, as one feature per category, or as a code.

    Prediction needs NumPy and Polars alone, and a single row no table library: that is why it is not scikit-learn's.

    Args:
        name: Name of the column.
        kind: What it holds.
        centers: Of each feature in `numbers`: the median of training, which replaces missing values; 0 for sine and
            cosine of a date.
        scales: Of each feature in `numbers`: factor after the center is subtracted, 0 or more.
        low: Smallest value of training: a number, a rank, or days since 1970.
        high: Largest value of training.
        flag_missing: Whether training had missing values, so that a feature says whether one is.
        categories: Of a categorical column the most frequent ones, in descending order; of an ordinal one all, lowest
            first.
        rare: Values that were too rare in training to be categories.
        direction: 1 if the prediction must not decrease with the column, -1 if it must not increase, 0 for neither.
        time_form: How the dates of the training are written, as of `plexus.data.times`.
        parts: The parts of a date that are features in addition to the day.

    Example:
        ```python
        ColumnEncoder("color", "categorical", categories=("red", "blue")).place("blue")  # 2
        ```
    """

    name: str
    kind: FeatureKind
    centers: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    low: float = 0.0
    high: float = 0.0
    flag_missing: bool = False
    categories: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()
    direction: int = 0
    time_form: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def has_code(self) -> bool:
        """Whether the column is encoded as a code: it has too many categories for a feature each."""
        return self.kind == "categorical" and len(self.categories) > MAX_ONE_HOT

    @property
    def number_names(self) -> list[str]:
        """Names of the features in `numbers`."""
        if self.kind == "categorical":
            return []
        suffixes = [f" {part} {wave}" for part in self.parts for wave in ("sine", "cosine")]
        return [self.name, *(self.name + suffix for suffix in suffixes)]

    @property
    def indicator_names(self) -> list[str]:
        """Names of the features in `indicators` that stand for categories; two categories share one feature."""
        if self.kind != "categorical" or self.has_code:
            return []
        shown = self.categories[1:] if len(self.categories) == 2 else self.categories
        return [f"{self.name} = {category}" for category in shown]

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of each category, counted from 1; `RARE` for a rare one.

        Returns:
            The places by category.
        """
        return dict.fromkeys(self.rare, RARE) | {category: place for place, category in enumerate(self.categories, 1)}

    @property
    def typical(self) -> float | str:
        """The median of the training, or the most frequent category; of dates and ordinal columns as text."""
        if self.kind == "categorical":
            return self.categories[0]
        return self.shown(self.centers[0]) if self.kind != "numeric" else self.centers[0]

    def shown(self, value: float) -> str:
        """Return a value of the range of training as the column has it.

        Args:
            value: A number, a rank, or days since 1970.

        Returns:
            The number, the category of the rank, or the date.
        """
        if self.kind == "ordinal":
            return self.categories[round(value)]
        if self.kind == "date":
            return (
                str(np.datetime64(round(min(max(value, -MAX_DAYS), MAX_DAYS) * DAY), "s"))
                .replace("T", " ")
                .removesuffix(" 00:00:00")
            )
        return f"{value:.0f}" if not value % 1 and abs(value) < MAX_WHOLE else f"{value:.6g}"

    def place(self, value: object) -> int:
        """Return the place of one value of a categorical column.

        Args:
            value: The cell.

        Returns:
            The place of its category, `RARE`, `MISSING` or `NEW`.
        """
        text = to_text(value)
        return MISSING if text is None else self.places.get(text, NEW)

    def column_places(self, series: "pl.Series") -> np.ndarray:
        """Return the places of a categorical column.

        Args:
            series: The column.

        Returns:
            Places as of `place`, shape `(n,)`, int16.
        """
        import polars as pl

        if series.dtype != pl.String:
            return self._text_places(to_texts(series))
        # Most cells are as `to_texts` would have them, which takes three times as long as the rest.
        places = self._text_places(series)
        others = np.flatnonzero(places < 0)
        if len(others):
            places[others] = self._text_places(to_texts(series[others]))
        return places

    def number(self, value: object) -> float:
        """Return one value of a column that is no categorical one.

        Args:
            value: The cell.

        Returns:
            The number, the rank, or days since 1970; NaN if it is missing, or no such value.
        """
        if type(value) not in _PLAIN:
            value = plain_value(value)
        if self.kind == "numeric":
            number = parse_number(value)
            return number if math.isfinite(number) else math.nan
        if self.kind == "ordinal":
            return self.places.get(to_text(value) or "", math.nan) - 1
        return parse_time(value, self.time_form, True)[0] / DAY

    def column_numbers(self, series: "pl.Series") -> np.ndarray:
        """Return the values of a column that is no categorical one.

        Args:
            series: The column.

        Returns:
            Values as of `number`, shape `(n,)`.
        """
        if self.kind == "numeric":
            return finite_numbers(series)[0]
        if self.kind == "ordinal":
            places = self.column_places(series).astype(float)
            return np.where(places < 1, np.nan, places - 1)
        return parse_times(series, self.time_form, True).seconds / DAY

    def warning(self, value: object, reading: float) -> str:
        """Return how a value differs from those of the training.

        Args:
            value: The cell.
            reading: Its place or number, as of `place` or `number`.

        Returns:
            `age 140 is outside the training range 18-92`, `color 'mauve' was not in the training data`; empty if it is
            within the range, or missing.
        """
        text = to_text(value)
        if text is None:
            return ""
        if self.kind == "categorical":
            rare = "was rare or absent" if self.rare else "was not"
            return f"{self.name} {text[:80]!r} {rare} in the training data" if reading == NEW else ""
        if math.isnan(reading):
            if text.lower() in MISSING_TEXTS:
                return ""
            expected = {"numeric": "a number", "date": "a date"}.get(self.kind, f"one of {', '.join(self.categories)}")
            return f"{self.name} {text[:80]!r} is not {expected}: it counts as missing"
        if self.low <= reading <= self.high:
            return ""
        value_range = f"{self.shown(self.low)}\N{EN DASH}{self.shown(self.high)}"
        return f"{self.name} {self.shown(reading)} is outside the training range {value_range}"

    def to_json(self) -> JsonObject:
        """Return the arguments as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a column from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The column.
        """
        fields: JsonObject = {name: tuple(value) if isinstance(value, list) else value for name, value in state.items()}
        return cls(**fields)

    def _text_places(self, texts: "pl.Series") -> np.ndarray:
        import polars as pl

        places = texts.replace_strict(self.places, default=NEW, return_dtype=pl.Int16).to_numpy().copy()
        places[texts.is_null().to_numpy()] = MISSING
        return np.asarray(places, np.int16)
