"""How a prediction depends on one column."""

from dataclasses import dataclass

import numpy as np

from plexus_apps.risk_desk.table_codec import Column, Row, Value
from plexus_apps.risk_desk.table_model import TableModel

POINTS, MAX_CATEGORIES = 41, 12
"""Most values of a number, and most categories, for which predictions are computed."""
MIN_STEPS = 200
"""Steps of a slider of decimals, at least; the step is a power of ten."""


@dataclass(frozen=True)
class Dependence:
    """Predictions for the values of one column: individual conditional expectation (Goldstein et al. 2015).

    Args:
        column: The column.
        values: Values of the column: ascending numbers, or categories.
        row: Prediction for the row with each value, shape `(values,)`.
        typical: Prediction for the typical row with each value, shape `(values,)`.

    Example:
        ```python
        vary_column(model, row, column).row  # array([0.08, 0.09, …])
        ```
    """

    column: Column
    values: list[float] | list[str]
    row: np.ndarray
    typical: np.ndarray


def can_vary(column: Column) -> bool:
    """Return whether a column can be varied.

    Args:
        column: The column.

    Returns:
        Whether it has categories, or numbers of which not all are equal; dates cannot be varied.
    """
    return bool(column.categories) or (column.kind == "numeric" and column.low < column.high)


def vary_column(model: TableModel, row: Row, column: Column) -> Dependence:
    """Predict for a row, and for the typical one, with other values of one column.

    Args:
        model: The model.
        row: The row.
        column: The column; `can_vary` of it is true.

    Returns:
        The predictions.
    """
    values = _numbers(column, row[column.name]) if column.kind == "numeric" else _categories(column, row[column.name])
    rows = [{**base, column.name: value} for base in (row, model.typical) for value in values]
    numbers = model.numbers(rows)
    return Dependence(column, values, numbers[: len(values)], numbers[len(values) :])


def slider_bounds(column: Column, value: Value) -> tuple[float, float, float]:
    """Return the bounds of a slider for a numeric column.

    Args:
        column: The column.
        value: Its value in the row.

    Returns:
        The range of the training, extended to the value, and the step.
    """
    low, high = column.low, column.high
    if isinstance(value, float | int):
        low, high = min(low, value), max(high, value)
    if is_whole(column):
        return low, high, 1.0
    return low, high, float(10 ** np.floor(np.log10((high - low) / MIN_STEPS)))


def is_whole(column: Column) -> bool:
    """Return whether a numeric column seems to have whole numbers.

    Args:
        column: The column.

    Returns:
        Whether range and median are whole; the median of an even number of rows may lie halfway between two.
    """
    return not any(number % 1 for number in (column.low, column.high, 2 * float(column.typical)))


def _numbers(column: Column, value: Value) -> list[float]:
    low, high, _ = slider_bounds(column, value)
    count = int(high - low) + 1 if is_whole(column) and (high - low) % 1 == 0 else POINTS
    return [float(number) for number in np.linspace(low, high, min(count, POINTS))]


def _categories(column: Column, value: Value) -> list[str]:
    """Return the most frequent categories, that of the row among them."""
    shown = list(column.categories[:MAX_CATEGORIES])
    if isinstance(value, str) and value not in shown:
        shown[len(shown) - (len(shown) == MAX_CATEGORIES) :] = [value]
    return shown
