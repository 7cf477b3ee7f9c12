"""The codec of numbers that are predicted from tables."""

from collections.abc import Sequence
from copy import copy
from typing import Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.metrics.conformal_intervals import CVPlusIntervals
from plexus.tasks.regression_codec import RegressionCodec
from plexus_tables.comparison import Comparison
from plexus_tables.ensemble import Ensemble
from plexus_tables.regression.codec_state import NumberState
from plexus_tables.regression.prediction import TableNumberPrediction
from plexus_tables.similar_rows import SimilarRows
from plexus_tables.table_codec import FOLDS, TableCodec, table_arguments
from plexus_tables.table_encoder import TableEncoder


class NumberCodec(TableCodec, RegressionCodec):
    """Unit of the target, encoder, ensemble and prediction intervals.

    Args:
        mean: Mean of the target in training.
        deviation: Standard deviation of the target in training.
        low: Smallest target in training; predictions are not below it.
        high: Largest target in training; predictions are not above it.
        encoder: The encoder of the rows.
        coverage: Share of new rows whose interval holds the true number.
        ensemble: The members and their weights.
        comparison: Out-of-fold losses of all models.
        intervals: Prediction intervals of the standardized target; None before they are fitted.
        similar_rows: Training rows among which an explanation shows the most similar ones; None: there are none.

    Example:
        ```python
        codec = NumberCodec(152.1, 77.0, 25.0, 346.0, encoder, coverage=0.9)
        ```
    """

    state = NumberState
    prediction = TableNumberPrediction

    def __init__(
        self,
        mean: float,
        deviation: float,
        low: float,
        high: float,
        encoder: TableEncoder,
        coverage: float,
        ensemble: Ensemble | None = None,
        comparison: Sequence[Comparison] = (),
        intervals: CVPlusIntervals | None = None,
        similar_rows: SimilarRows | None = None,
    ) -> None:
        TableCodec.__init__(self, encoder, coverage, ensemble, comparison, similar_rows)
        RegressionCodec.__init__(self, mean, deviation)
        self.low, self.high, self.intervals = low, high, intervals

    def combine(self, outputs: Arrays, arrays: Arrays) -> Arrays:
        """Combine the networks with the other members, and clip to the range of training.

        Args:
            outputs: The networks' outputs.
            arrays: Their inputs.

        Returns:
            `folds`: standardized numbers, shape `(n, folds, 1)`.
        """
        low, high = self.standardize(np.array([self.low, self.high]))[:, 0]
        return {FOLDS: np.clip(super().combine(outputs, arrays)[FOLDS], low, high)}

    def values(self, outputs: Arrays) -> np.ndarray:
        """Return predicted numbers in the unit of the target.

        Args:
            outputs: The result of `combine`, or out-of-fold predictions in the same form.

        Returns:
            Array of shape `(n,)`.
        """
        return np.asarray(outputs[FOLDS][:, :, 0].mean(axis=1, dtype=np.float64) * self.deviation + self.mean)

    def bounds(self, outputs: Arrays) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the prediction intervals in the unit of the target.

        Args:
            outputs: The result of `combine`.

        Returns:
            Lower and upper bounds, each of shape `(n,)`, infinite if there are too few training rows for the coverage;
            None before they are fitted.
        """
        if self.intervals is None:
            return None
        low, high = self.intervals.bounds(outputs[FOLDS][:, :, 0], self.coverage)
        return low * self.deviation + self.mean, high * self.deviation + self.mean

    def columns(self, outputs: Arrays, warnings: Sequence[tuple[str, ...]]) -> dict[str, Sequence[object] | np.ndarray]:
        """Return one number per row, with its interval.

        Args:
            outputs: The result of `combine`.
            warnings: How each row differs from the training data.

        Returns:
            The fields of `TableNumberPrediction`.
        """
        values, bounds = self.values(outputs), self.bounds(outputs)
        if bounds is None or not np.isfinite(bounds).all():
            none = [None] * len(values)
            return {"value": values, "low": none, "high": none, "warnings": warnings}
        return {"value": values, "low": bounds[0], "high": bounds[1], "warnings": warnings}

    def calibrated(self, ensemble: Ensemble, comparison: Sequence[Comparison], intervals: CVPlusIntervals) -> Self:
        """Return a copy with what is fitted to out-of-fold predictions.

        Args:
            ensemble: The members and their weights.
            comparison: Out-of-fold losses of all models.
            intervals: Prediction intervals of the standardized target.

        Returns:
            The calibrated codec.
        """
        codec = copy(self)
        codec.ensemble, codec.comparison, codec.intervals = ensemble, list(comparison), intervals
        return codec

    def to_json(self) -> JsonObject:
        """Return the state of all parts.

        Returns:
            The object that `from_json` takes.
        """
        intervals = None if self.intervals is None else self.intervals.to_json()
        unit = {**RegressionCodec.to_json(self), "low": self.low, "high": self.high}
        return {**unit, **self.table_state(), "intervals": intervals}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        intervals = None if state["intervals"] is None else CVPlusIntervals.from_json(state["intervals"])
        unit = {name: state[name] for name in ("mean", "deviation", "low", "high")}
        return cls(**unit, **table_arguments(state, 1), intervals=intervals)
