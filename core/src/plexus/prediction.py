"""Predictions of a model."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict

MAX_ALTERNATIVES = 3

Columns = Mapping[str, Sequence[object] | np.ndarray]
"""Predictions by field: the values of each field, one per input; numbers and booleans may be arrays."""


class Prediction(BaseModel):
    """Base class of the predictions of all tasks; `str(prediction)` is the line that the command line prints.

    Example:
        ```python
        class Temperature(Prediction):
            degrees: float

            def __str__(self) -> str:
                return f"{self.degrees:.1f} °C"
        ```
    """

    model_config = ConfigDict(frozen=True)

    @classmethod
    def from_columns(cls, columns: Columns) -> list[Self]:
        """Create predictions from their fields.

        Args:
            columns: The values of each field, one per prediction.

        Returns:
            The predictions.
        """
        values = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
        return [cls.model_validate(dict(zip(columns, row, strict=True))) for row in zip(*values, strict=True)]

    def detail_lines(self) -> list[str]:
        """Return the lines that the command line prints below the prediction, such as the mistakes of a game.

        Returns:
            The lines; none by default.
        """
        return []


class LabelPrediction(Prediction):
    """The prediction of a classifier.

    Attributes:
        label: The most probable label.
        probability: Its probability, from 0 to 1.
        alternatives: The next best labels with their probabilities, best first.

    Example:
        ```python
        prediction = LabelPrediction.from_probabilities(["cat", "dog"], np.array([0.2, 0.8]))
        prediction.label  # "dog"
        ```
    """

    label: str
    probability: float
    alternatives: dict[str, float]

    @classmethod
    def from_probabilities(cls, labels: Sequence[str], probabilities: np.ndarray, /, **fields: object) -> Self:
        """Create the prediction from the probabilities of all labels.

        Args:
            labels: The labels, in the order of the probabilities.
            probabilities: Probabilities of one input, shape `(labels,)`; they sum to 1.
            **fields: Values of the fields that a subclass adds.

        Returns:
            The prediction, probabilities rounded to six decimals.
        """
        # The same as `columns`, by which a single prediction takes more than twice as long.
        order = np.argsort(-probabilities, kind="stable")[: MAX_ALTERNATIVES + 1]
        best, *rest = [(labels[i], round(float(probabilities[i]), 6)) for i in order]
        return cls.model_validate({"label": best[0], "probability": best[1], "alternatives": dict(rest), **fields})

    @staticmethod
    def columns(labels: Sequence[str], probabilities: np.ndarray) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the fields of many predictions.

        Args:
            labels: The labels, in the order of the probabilities.
            probabilities: Probabilities of shape `(n, labels)`; each row sums to 1.

        Returns:
            `label`, `probability` and `alternatives`: one value per row, probabilities rounded to six decimals.
        """
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, : MAX_ALTERNATIVES + 1]
        best = np.round(np.take_along_axis(probabilities, order, axis=1).astype(np.float64), 6)
        names = np.array(labels, object)[order]
        # By column: with a row's alternatives as two lists it takes more than twice as long.
        others = [zip(names[:, k].tolist(), best[:, k].tolist(), strict=True) for k in range(1, order.shape[1])]
        return {
            "label": names[:, 0].tolist(),
            "probability": best[:, 0],
            "alternatives": list(map(dict, zip(*others, strict=True))) if others else [{} for _ in names],
        }

    def __str__(self) -> str:
        alternatives = ", ".join(f"{label} {probability:.1%}" for label, probability in self.alternatives.items())
        return f"{self.label}  {self.probability:.1%}" + (f"  (then {alternatives})" if alternatives else "")
