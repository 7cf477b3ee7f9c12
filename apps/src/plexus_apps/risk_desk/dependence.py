"""How a prediction depends on one column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plexus_apps.risk_desk.columns import usual_range, value_step
from plexus_apps.risk_desk.table_codec import Column, Row, Value
from plexus_apps.risk_desk.table_model import TableModel

POINTS, MAX_CATEGORIES = 41, 12
"""Most values of a number, and most categories, for which predictions are computed."""
MIN_STEPS, MIN_FIXED_STEP = 100, 0.5
"""Steps of a slider in the usual range, at least: the step is a power of ten, unless that of the column is so large."""
USUAL_WIDTH = 2
"""Half of the width of the usual range, in interquartile ranges."""


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


def vary_column(model: TableModel, row: Row, column: Column, choice: Value) -> Dependence:
    """Predict for a row, and for the typical one, with other values of one column.

    Args:
        model: The model.
        row: The row.
        column: The column; `can_vary` of it is true.
        choice: The value that is tried: it is among the values, as that of the row, unless it is missing.

    Returns:
        The predictions.
    """
    places = (row[column.name], choice)
    values = _numbers(column, places) if column.kind == "numeric" else _categories(column, places)
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
    low, high, step = column.low, column.high, value_step(column)
    if isinstance(value, float | int):
        low, high = min(low, value), max(high, value)
    if step >= MIN_FIXED_STEP:
        return low, high, step
    first, last = usual_range(column, USUAL_WIDTH)
    return low, high, float(10 ** np.floor(np.log10(((last - first) or (high - low)) / MIN_STEPS)))


def _numbers(column: Column, places: Sequence[Value]) -> list[float]:
    """Return a grid, fine where most values are, that holds the places themselves."""
    low, high, step = slider_bounds(column, places[0])
    if step == 1 and high - low < POINTS and (high - low) % 1 == 0:
        grid = np.arange(low, high + 1)
    else:
        usual = np.linspace(*usual_range(column, USUAL_WIDTH), POINTS // 2)
        grid = np.concatenate([np.linspace(low, high, POINTS // 2 + 1), usual])
    numbers = [float(place) for place in places if isinstance(place, float | int)]
    return [float(number) for number in np.unique([*grid, *numbers])]


def _categories(column: Column, places: Sequence[Value]) -> list[str]:
    """Return the most frequent categories, and the places themselves."""
    rare = [place for place in dict.fromkeys(places) if isinstance(place, str)]
    rare = [place for place in rare if place not in column.categories[:MAX_CATEGORIES]]
    return [*column.categories[: MAX_CATEGORIES - len(rare)], *rare]
