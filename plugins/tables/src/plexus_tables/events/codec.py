"""The codec of an event that is predicted from tables."""

from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.metrics.recalibration import log_odds
from plexus.metrics.venn_abers import VennAbers
from plexus_tables.codec import ClassCodec
from plexus_tables.events.codec_state import EventState
from plexus_tables.events.prediction import EventPrediction


class EventCodec(ClassCodec):
    """Two labels, that of the event last, with a threshold.

    Args:
        *arguments: Arguments of `ClassCodec`.
        threshold: Probability of the event from which a row is positive.
        venn_abers: Probability intervals; None before they are fitted.
        **options: Further arguments of `ClassCodec`.

    Example:
        ```python
        codec = EventCodec(["healthy", "ill"], encoder, coverage=0.9)
        codec.risks(codec.combine(predictor(arrays), arrays))  # shape (n,)
        ```
    """

    state = EventState
    prediction = EventPrediction

    def __init__(
        self,
        *arguments: Any,
        threshold: float = 0.5,
        venn_abers: VennAbers | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.threshold, self.venn_abers = threshold, venn_abers

    def risks(self, outputs: Arrays) -> np.ndarray:
        """Return the calibrated probabilities of the event.

        Args:
            outputs: The result of `combine`, or out-of-fold predictions in the same form.

        Returns:
            Array of shape `(n,)`.
        """
        return np.asarray(self.probabilities(outputs)[:, 1])

    def explained_label(self, probabilities: np.ndarray) -> int:
        """Return the label whose log-odds an explanation is of: that of the event.

        Args:
            probabilities: Not used.

        Returns:
            1.
        """
        return 1

    def outcomes(self, targets: Sequence[str]) -> np.ndarray:
        """Return whether labels are the event.

        Args:
            targets: The labels.

        Returns:
            1 or 0, shape `(n,)`.

        Raises:
            InputError: If a label was not seen in training.
        """
        return self.label_indices(targets)

    def columns(self, outputs: Arrays, warnings: Sequence[tuple[str, ...]]) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the probability of the event of each row; the label is that of the decision at the threshold.

        Args:
            outputs: The result of `combine`.
            warnings: How each row differs from the training data.

        Returns:
            The fields of `EventPrediction`.
        """
        risks = self.risks(outputs)
        low, high = self._bounds(risks)
        return {
            **super().columns(outputs, warnings),
            "risk": np.round(risks, 6),
            "low": np.round(low, 6),
            "high": np.round(high, 6),
            "positive": risks >= self.threshold,
            "event": [self.labels[1]] * len(risks),
            "threshold": np.full(len(risks), self.threshold),
        }

    def label_columns(self, probabilities: np.ndarray) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the label of each prediction: that of the decision at the threshold.

        Args:
            probabilities: Calibrated probabilities, shape `(n, 2)`.

        Returns:
            The fields of `LabelPrediction`.
        """
        rows, decision = np.arange(len(probabilities)), (probabilities[:, 1] >= self.threshold).astype(int)
        labels, rounded = np.array(self.labels, object), np.round(probabilities, 6)
        others = zip(labels[1 - decision].tolist(), rounded[rows, 1 - decision].tolist(), strict=True)
        return {
            "label": labels[decision].tolist(),
            "probability": rounded[rows, decision],
            "alternatives": [{name: probability} for name, probability in others],
        }

    def with_threshold(self, threshold: float, venn_abers: VennAbers) -> Self:
        """Return a copy with what is fitted to out-of-fold probabilities.

        Args:
            threshold: Probability of the event from which a row is positive.
            venn_abers: Probability intervals.

        Returns:
            A new codec.
        """
        codec = copy(self)
        codec.threshold, codec.venn_abers = threshold, venn_abers
        return codec

    def to_json(self) -> JsonObject:
        """Return the state of all parts.

        Returns:
            The object that `from_json` takes.
        """
        venn_abers = None if self.venn_abers is None else self.venn_abers.to_json()
        return {**super().to_json(), "threshold": self.threshold, "venn_abers": venn_abers}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        codec = super().from_json(state)
        codec.threshold = state["threshold"]
        codec.venn_abers = None if state["venn_abers"] is None else VennAbers.from_json(state["venn_abers"])
        return codec

    def _bounds(self, risks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest range that holds the risk and both probabilities of the Venn-Abers predictor."""
        if self.venn_abers is None:
            return risks, risks
        low, high = self.venn_abers.bounds(log_odds(risks))
        return np.minimum(low, risks), np.maximum(high, risks)
