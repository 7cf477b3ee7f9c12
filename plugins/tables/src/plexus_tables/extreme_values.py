"""Numbers that are far from all others of their column: often a slip, such as a lost decimal point."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.cells import finite_numbers

if TYPE_CHECKING:
    import polars as pl

MIN_VALUES, MAX_EXTREMES = 20, 3
"""Values of a column that is looked at; of more far values, none is a slip."""
FAR, FAR_LOG = 10, 4
"""Interquartile ranges from the quartiles, of the numbers, and of their logarithms."""


@dataclass(frozen=True)
class ExtremeValue:
    """A number that is far from all others of its column.

    Args:
        row: Its row, counted from 0.
        value: The number.
        nearest: The nearest one that is not far.

    Example:
        ```python
        str(ExtremeValue(298, 87_000_000.0, 672_596.0))  # '87,000,000 in row 299 (next: 672,596)'
        ```
    """

    row: int
    value: float
    nearest: float

    def __str__(self) -> str:
        """Return the numbers and the row, counted from 1.

        Returns:
            One line.
        """
        return f"{self.value:,.12g} in row {self.row + 1:,} (next: {self.nearest:,.12g})"


def find_extremes(series: "pl.Series") -> list[ExtremeValue]:
    """Find the numbers that are far from all others of a column.

    A number is far if it is more than `FAR` interquartile ranges from the quartiles, and further from the next one than
    all others are from each other. Log-normal columns, such as incomes, have no far numbers: the logarithms have to be
    further than `FAR_LOG` interquartile ranges from their upper quartile, too; in columns of both signs those of the
    distances from the median. That leaves out small numbers of a column that is positive, such as a year 0.

    Tukey's fences at 1.5 and 3 interquartile ranges (1977, Exploratory Data Analysis, section 2E) are for plots: they
    name values in almost every column. Isolation forests of scikit-learn have scores, but no such limit.

    Args:
        series: The column.

    Returns:
        The numbers by row; none if there are more than `MAX_EXTREMES`, or fewer than `MIN_VALUES` numbers.
    """
    numbers = finite_numbers(series)[0]
    rows = np.flatnonzero(~np.isnan(numbers))
    if len(rows) < MIN_VALUES:
        return []
    values = numbers[rows] / max(float(np.abs(numbers[rows]).max()), 1e-300)  # differences near 1e308 overflow
    low, high = _quartiles(values)
    margin = FAR * (high - low)
    if not margin:
        return []
    near = (values >= low - margin) & (values <= high + margin)
    if not 0 < (~near).sum() <= MAX_EXTREMES:
        return []
    far = _far_above(values, near) | _far_above(-values, near)
    core = numbers[rows[near]]
    return [
        ExtremeValue(row, float(numbers[row]), float(core.max() if numbers[row] > core.max() else core.min()))
        for row in rows[far].tolist()
    ]


def _quartiles(values: np.ndarray) -> tuple[float, float]:
    """Return the quartiles; if they are equal, the quantiles 2.5 % and 97.5 %."""
    low, high = np.quantile(values, [0.25, 0.75]).tolist()
    return (low, high) if low < high else tuple(np.quantile(values, [0.025, 0.975]).tolist())


def _far_above(values: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return which values are far above those that are near; none of two if the lower one is not."""
    core = values[near]
    far: np.ndarray = ~near & (values > core.max())
    if not far.any() or values[far].min() - core.max() <= np.ptp(core):
        return np.zeros(len(values), bool)
    if core.max() <= 0:
        return far
    sizes = values if core.min() >= 0 else np.abs(values - np.median(core))
    positive = sizes[near & (sizes > 0)]
    if len(positive) < MIN_VALUES:
        return np.zeros(len(values), bool)
    low, high = _quartiles(np.log(positive))
    return np.asarray(far & (np.log(np.where(far, sizes, 1)) > high + FAR_LOG * (high - low)))
