"""A model of a table: its columns, and the number that it predicts."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from plexus import Bundle, InputError
from plexus.utils.formatting import number as number_text
from plexus_apps.risk_desk.columns import typical_value
from plexus_apps.risk_desk.table_codec import Row, TableCodec
from plexus_apps.risk_desk.texts import shortened


class TableModel:
    """A model of a table, whose predictions are a probability of one of two labels, or a number.

    Args:
        bundle: The model.

    Attributes:
        bundle: The model.
        columns: The columns that are features.
        coverage: Share of new rows whose interval or label set holds the true value.
        event: The label whose probability is predicted; empty if numbers are predicted.
        other: The other label.
        threshold: Probability from which the event is predicted; None for a number.
        event_is_declared: Whether the training declared the event, as diagnosis and credit risk do; otherwise it is
            just the second label.
        target: Name of the column that is predicted; empty if the training left it open.
        similar_rows: Training rows that the bundle holds; None if it holds none.

    Raises:
        InputError: If the model has more than two labels.

    Example:
        ```python
        model = TableModel(plexus.load("tables.risk/german_credit"))
        model.numbers([model.typical])  # array([0.086])
        ```
    """

    def __init__(self, bundle: Bundle) -> None:
        codec = cast("TableCodec", bundle.codec)
        labels: Sequence[str] = getattr(codec, "labels", ())
        if len(labels) > 2:
            raise InputError(
                f"this page shows models with two labels, and this one has {len(labels)}: use plexus predict"
            )
        self.bundle, self.columns, self.coverage = bundle, codec.encoder.columns, codec.coverage
        self.other, self.event = labels if labels else ("", "")
        self.event_is_declared = hasattr(codec, "threshold")  # other codecs with labels have no threshold
        self.threshold: float | None = getattr(codec, "threshold", 0.5) if labels else None
        self.similar_rows = codec.similar_rows
        self.target: str = bundle.manifest["options"].get("target") or ""

    @property
    def typical(self) -> Row:
        """The median of each column, or its most frequent category, as `typical_value` rounds it."""
        return {column.name: typical_value(column) for column in self.columns}

    @property
    def quantity(self) -> str:
        """Name of the predicted quantity."""
        return (
            f"Probability of {shortened(self.event)}"
            if self.event
            else f"Predicted {shortened(self.target) or 'number'}"
        )

    def numbers(self, rows: Sequence[Row]) -> np.ndarray:
        """Predict for rows.

        Args:
            rows: The rows.

        Returns:
            Probabilities of the event, or numbers, shape `(n,)`.
        """
        return np.array([self.number(dict(prediction)) for prediction in self.bundle.predict(rows)])

    def number(self, prediction: Mapping[str, Any]) -> float:
        """Return the number of a prediction.

        Args:
            prediction: The fields of a prediction; numbers may be texts.

        Returns:
            Probability of the event, or the number.
        """
        if not self.event:
            return float(prediction["value"])
        if "risk" in prediction:
            return float(prediction["risk"])
        probability = float(prediction["probability"])
        return probability if prediction["label"] == self.event else 1 - probability

    def decision(self, number: float) -> str:
        """Return the label that the threshold decides for.

        Args:
            number: Probability of the event, or a number.

        Returns:
            The label; empty if the model predicts numbers.
        """
        if self.threshold is None:
            return ""
        return self.event if number >= self.threshold else self.other

    def shown(self, number: float) -> str:
        """Return a predicted number as text.

        Args:
            number: Probability of the event, or a number.

        Returns:
            `8.6%`, or the number, `415,680`.
        """
        return f"{number:.1%}" if self.event else number_text(number)

    def shown_change(self, change: float) -> str:
        """Return a difference of two predicted numbers as text.

        Args:
            change: The difference.

        Returns:
            `+12.4 points` (percentage points), or the number with its sign.
        """
        if not self.event:
            return f"{'-' if change < 0 else '+'}{number_text(abs(change))}"
        return f"{round(100 * change, 1) + 0.0:+.1f} points"  # + 0.0 turns -0.0 into 0.0
