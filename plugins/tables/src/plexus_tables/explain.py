"""Explanation of predictions: which columns move a prediction away from that of a typical row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from plexus.codec import Arrays, Input, JsonObject
from plexus.explain.contributions import sorted_contributions
from plexus.explain.shapley import ShapleyValues, interventional_values, shapley_values
from plexus.report.contribution_plot import draw_contributions
from plexus_tables.cell_texts import to_text
from plexus_tables.codec import ClassCodec
from plexus_tables.column_encoder import ColumnEncoder
from plexus_tables.json_cells import json_cell
from plexus_tables.regression.codec import NumberCodec
from plexus_tables.table_codec import TableCodec

if TYPE_CHECKING:
    from plexus import Predictor

MAX_TEXT = 40
"""Characters of a name or value in a figure."""


@dataclass(frozen=True)
class Attribution:
    """Contributions of the columns to a prediction, compared with a typical row.

    Args:
        changes: Shapley value of each column, in the order of `codec.encoder.columns`, shape `(columns,)`: log-odds of
            the predicted label or the event, or numbers in the unit of the target; they sum to the difference between
            the prediction and that of a typical row. With standard errors, 0 where the values are exact.
        prediction: The prediction, in the unit of the values.
        typical_prediction: The prediction of the typical row.
        unit: The unit: `log-odds of bad`, `unit of the target`.
        title: The prediction, and that of a typical row, as probabilities or numbers.

    Example:
        ```python
        compute_attribution(predictor, codec, {"duration": 48, "purpose": "car"}).changes.values  # array([0.83, -0.12])
        ```
    """

    changes: ShapleyValues
    prediction: float
    typical_prediction: float
    unit: str
    title: str


@dataclass(frozen=True)
class _Explained:
    """The number that is explained, of the outputs of `codec.combine`, its unit, and the title of the figure."""

    value: Callable[[Arrays], np.ndarray]
    unit: str
    title: str


def compute_attribution(predictor: "Predictor", codec: TableCodec, raw_input: Input) -> Attribution:
    """Compute by how much each column moves a prediction away from that of a typical row.

    The row is compared with `codec.encoder.typical`, the medians and most frequent categories (baseline Shapley,
    Sundararajan & Najmi 2020, arXiv:1908.08474, section 2.2): most bundles hold no training rows to average over. All
    features that are made from one column move together. A column with the features of the typical row has 0 exactly,
    and is left out of the game.

    Args:
        predictor: The networks.
        codec: The codec.
        raw_input: The row: values by column.

    Returns:
        The contributions of the columns.

    Raises:
        InputError: If the row lacks a column, or cannot be read.
    """
    encoder = codec.encoder
    arrays, typical = codec.encode([raw_input]), codec.encode([encoder.typical])

    def outputs(batch: Arrays) -> Arrays:
        return codec.outputs(predictor, batch)

    of_row, of_typical = outputs(arrays), outputs(typical)
    explained = _explained(codec, of_row, of_typical)
    values, errors = np.zeros(len(encoder.columns)), np.zeros(len(encoder.columns))
    differ = np.concatenate([encoder.feature_columns[name][(arrays[name] != typical[name])[0]] for name in arrays])
    moved = np.unique(differ)
    if len(moved):
        # The features of the other columns are equal in both rows: whose player they are makes no difference.
        places = {name: np.searchsorted(moved, columns) for name, columns in encoder.feature_columns.items()}
        players = {name: np.minimum(place, len(moved) - 1) for name, place in places.items()}
        evaluate = interventional_values(lambda batch: explained.value(outputs(batch)), arrays, typical, players)
        values[moved], errors[moved] = shapley_values(evaluate, len(moved))
    prediction, typical_prediction = (float(explained.value(batch)[0]) for batch in (of_row, of_typical))
    changes = ShapleyValues(values, errors)
    return Attribution(changes, prediction, typical_prediction, explained.unit, explained.title)


def attribution_values(codec: TableCodec, raw_input: Input, attribution: Attribution) -> JsonObject:
    """Return the contributions of the columns, and the most similar training rows if the bundle holds any.

    Args:
        codec: The codec.
        raw_input: The row.
        attribution: The contributions of its columns.

    Returns:
        `prediction`, `typical_prediction`, `unit` and `contributions` as of `ExplainsInNumbers`; with training rows
        also `similar_rows`, their `values` in the order of the contributions.
    """
    row, columns = cast("Mapping[str, object]", raw_input), codec.encoder.columns
    contributions = sorted_contributions(
        codec.encoder.names,
        [json_cell(column, row[column.name]) for column in columns],
        [json_cell(column, column.typical) for column in columns],
        attribution.changes,
    )
    values: JsonObject = {
        "prediction": attribution.prediction,
        "typical_prediction": attribution.typical_prediction,
        "unit": attribution.unit,
        "contributions": contributions,
    }
    if codec.similar_rows is None:
        return values
    names = [contribution["name"] for contribution in contributions]
    similar = codec.similar_rows.nearest(row)
    return values | {
        "similar_rows": [near._asdict() | {"values": {name: near.values[name] for name in names}} for near in similar]
    }


def draw_attribution(codec: TableCodec, raw_input: Input, attribution: Attribution, path: Path) -> Path:
    """Draw the columns that move a prediction most.

    Args:
        codec: The codec.
        raw_input: The row.
        attribution: The contributions of its columns.
        path: The PNG file to write.

    Returns:
        The file.
    """
    row, columns = cast("Mapping[str, object]", raw_input), codec.encoder.columns
    return draw_contributions(
        attribution.changes,
        lambda place: _caption(columns[place], row),
        attribution.title,
        _short(attribution.unit),
        path,
    )


def _explained(codec: TableCodec, outputs: Arrays, typical: Arrays) -> _Explained:
    if not isinstance(codec, ClassCodec):
        numbers = cast("NumberCodec", codec)
        value, other = float(numbers.values(outputs)[0]), float(numbers.values(typical)[0])
        title = f"Predicted {value:.6g}; a typical row: {other:.6g}"
        return _Explained(numbers.values, "unit of the target", title)
    probabilities = codec.probabilities(outputs)[0]
    label = codec.explained_label(probabilities)
    name, probability, other = codec.labels[label], probabilities[label], codec.probabilities(typical)[0, label]
    title = f"Probability of {_short(name)} {probability:.1%}; a typical row: {other:.1%}"
    return _Explained(lambda batch: _log_odds(codec.probabilities(batch), label), f"log-odds of {name}", title)


def _log_odds(probabilities: np.ndarray, label: int) -> np.ndarray:
    """Return the log-odds of a label; the sum of the others is exact where 1 less its probability is not."""
    others = np.delete(probabilities, label, axis=1).sum(axis=1)
    return np.asarray(np.log(probabilities[:, label]) - np.log(others))


def _caption(column: ColumnEncoder, row: Mapping[str, object]) -> str:
    value, typical = _shown(column, row[column.name]), _shown(column, column.typical)
    return f"{_short(column.name)}\n{_short(value)}, typical {_short(typical)}"


def _shown(column: ColumnEncoder, value: object) -> str:
    if column.kind == "categorical":
        return to_text(value) or "missing"
    number = column.number(value)
    return "missing" if np.isnan(number) else column.shown(number)


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
