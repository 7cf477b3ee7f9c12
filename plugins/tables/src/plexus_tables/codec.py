"""The codec of labels that are predicted from tables."""

from collections.abc import Sequence
from copy import copy
from typing import ClassVar, Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.codec_state import CodecState
from plexus.metrics.calibration import softmax
from plexus.metrics.conformal_sets import ConformalLabelSets
from plexus.prediction import Prediction
from plexus.tasks.classification_codec import ClassificationCodec
from plexus_tables.codec_state import ClassState
from plexus_tables.comparison import Comparison
from plexus_tables.ensemble import Ensemble
from plexus_tables.member_fitting import MIN_PROBABILITY
from plexus_tables.prediction import TableLabelPrediction
from plexus_tables.similar_rows import SimilarRows
from plexus_tables.table_codec import FOLDS, TableCodec, table_arguments
from plexus_tables.table_encoder import TableEncoder


class ClassCodec(TableCodec, ClassificationCodec):
    """Labels, encoder, ensemble, temperature and label sets.

    Args:
        labels: The labels in the order of the outputs.
        encoder: The encoder of the rows.
        coverage: Share of new rows whose label set holds the true label.
        ensemble: The members and their weights.
        comparison: Out-of-fold losses of all models.
        temperature: Divides the logarithms of the ensemble's probabilities.
        label_sets: Label sets of stated coverage; None before they are fitted.
        similar_rows: Training rows among which an explanation shows the most similar ones; None: there are none.

    Example:
        ```python
        codec = ClassCodec(["healthy", "ill"], encoder, coverage=0.9)
        ```
    """

    state: ClassVar[type[CodecState] | None] = ClassState
    prediction: ClassVar[type[Prediction]] = TableLabelPrediction

    def __init__(
        self,
        labels: Sequence[str],
        encoder: TableEncoder,
        coverage: float,
        ensemble: Ensemble | None = None,
        comparison: Sequence[Comparison] = (),
        temperature: float = 1.0,
        label_sets: ConformalLabelSets | None = None,
        similar_rows: SimilarRows | None = None,
    ) -> None:
        TableCodec.__init__(self, encoder, coverage, ensemble, comparison, similar_rows)
        ClassificationCodec.__init__(self, labels, temperature)
        self.label_sets = label_sets

    def probabilities(self, outputs: Arrays) -> np.ndarray:
        """Return calibrated probabilities.

        Args:
            outputs: The result of `combine`, or out-of-fold predictions in the same form.

        Returns:
            Array of shape `(n, labels)` whose rows sum to 1.
        """
        return softmax(log_probabilities(outputs[FOLDS]), self.temperature)

    def explained_label(self, probabilities: np.ndarray) -> int:
        """Return the label whose log-odds an explanation is of: the predicted one.

        Args:
            probabilities: Probabilities of a row, shape `(labels,)`.

        Returns:
            Its index.
        """
        return int(probabilities.argmax())

    def sets(self, outputs: Arrays) -> np.ndarray | None:
        """Return the label sets.

        Args:
            outputs: The result of `combine`.

        Returns:
            Boolean array of shape `(n, labels)`; None before they are fitted.
        """
        return None if self.label_sets is None else self.label_sets.sets(outputs[FOLDS], self.coverage)

    def columns(self, outputs: Arrays, warnings: Sequence[tuple[str, ...]]) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the most probable label of each row, the next best, and the label set.

        Args:
            outputs: The result of `combine`.
            warnings: How each row differs from the training data.

        Returns:
            The fields of `TableLabelPrediction`.
        """
        return {
            **self.label_columns(self.probabilities(outputs)),
            "label_set": self._label_sets(outputs),
            "warnings": warnings,
        }

    def label_columns(self, probabilities: np.ndarray) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the label of each prediction: the most probable one.

        Args:
            probabilities: Calibrated probabilities, shape `(n, labels)`.

        Returns:
            The fields of `LabelPrediction`.
        """
        return TableLabelPrediction.columns(self.labels, probabilities)

    def calibrated(
        self,
        ensemble: Ensemble,
        comparison: Sequence[Comparison],
        temperature: float,
        label_sets: ConformalLabelSets,
    ) -> Self:
        """Return a copy with what is fitted to out-of-fold predictions.

        Args:
            ensemble: The members and their weights.
            comparison: Out-of-fold losses of all models.
            temperature: Divides the logarithms of the probabilities.
            label_sets: Label sets of stated coverage.

        Returns:
            The calibrated codec.
        """
        codec = copy(self)
        codec.ensemble, codec.comparison = ensemble, list(comparison)
        codec.temperature, codec.label_sets = temperature, label_sets
        return codec

    def to_json(self) -> JsonObject:
        """Return the state of all parts.

        Returns:
            The object that `from_json` takes.
        """
        sets = None if self.label_sets is None else self.label_sets.to_json()
        return {**ClassificationCodec.to_json(self), **self.table_state(), "label_sets": sets}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        sets = None if state["label_sets"] is None else ConformalLabelSets.from_json(state["label_sets"])
        arguments = table_arguments(state, len(state["labels"]))
        return cls(state["labels"], **arguments, temperature=state["temperature"], label_sets=sets)

    def _label_sets(self, outputs: Arrays) -> list[tuple[str, ...]]:
        """Return the labels of each set; rows with the same set share one tuple, of which there are few."""
        members = self.sets(outputs)
        if members is None:
            members = np.ones((len(outputs[FOLDS]), len(self.labels)), bool)
        packed = np.packbits(members, axis=1)
        keys = packed.view(f"S{packed.shape[1]}")[:, 0].tolist()
        rows = {key: row for row, key in enumerate(keys)}
        sets = {
            key: tuple(label for label, member in zip(self.labels, members[row].tolist(), strict=True) if member)
            for key, row in rows.items()
        }
        return [sets[key] for key in keys]


def log_probabilities(by_fold: np.ndarray) -> np.ndarray:
    """Return the logarithms of the mean probabilities of the folds.

    Args:
        by_fold: Probabilities of shape `(n, folds, labels)`.

    Returns:
        Array of shape `(n, labels)`, float64.
    """
    return np.asarray(np.log(np.maximum(by_fold.mean(axis=1, dtype=np.float64), MIN_PROBABILITY)))
