"""The part of a codec that is the same for labels and numbers."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from plexus.codec import Arrays, Codec, Input, JsonObject
from plexus.prediction import Prediction
from plexus_tables.comparison import Comparison
from plexus_tables.ensemble import NETWORK, Ensemble
from plexus_tables.similar_rows import SimilarRows
from plexus_tables.table_encoder import TableEncoder

FOLDS = "folds"
"""Name of the output of the whole ensemble, per fold."""


class TableCodec(Codec):
    """Encodes rows, and combines the networks with the other members of the ensemble.

    Attributes:
        prediction: Class of the predictions.

    Args:
        encoder: The encoder of the rows.
        coverage: Share of new rows whose interval or label set holds the true value.
        ensemble: The members and their weights; the networks alone before they are calibrated.
        comparison: Out-of-fold losses of all models, the one in use first; empty before.
        similar_rows: Training rows among which an explanation shows the most similar ones; None: there are none.

    Example:
        ```python
        arrays = codec.encode(rows)
        outputs = codec.outputs(predictor, arrays)
        ```
    """

    prediction: ClassVar[type[Prediction]]

    def __init__(
        self,
        encoder: TableEncoder,
        coverage: float,
        ensemble: Ensemble | None = None,
        comparison: Sequence[Comparison] = (),
        similar_rows: SimilarRows | None = None,
    ) -> None:
        self.encoder, self.coverage, self.similar_rows = encoder, coverage, similar_rows
        self.ensemble, self.comparison = ensemble or Ensemble.of_network(), list(comparison)

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Encode rows.

        Args:
            inputs: Rows as dictionaries, or a `TableRows`.

        Returns:
            The arrays of `TableEncoder.encode`.

        Raises:
            InputError: If a row lacks a column, or cannot be read.
        """
        return self.encoder.encode(inputs)

    def combine(self, outputs: Arrays, arrays: Arrays) -> Arrays:
        """Combine the networks with the other members.

        Args:
            outputs: The networks' outputs.
            arrays: Their inputs.

        Returns:
            `folds`: probabilities or standardized numbers, shape `(n, folds, outputs)`.
        """
        return {FOLDS: self.ensemble.combine(outputs.get(NETWORK), arrays)}

    def outputs(self, predictor: Callable[[Arrays], Arrays], arrays: Arrays) -> Arrays:
        """Compute the networks, unless they have no weight, and combine them with the other members.

        Args:
            predictor: The networks.
            arrays: The arrays of the encoder.

        Returns:
            The result of `combine`.
        """
        return self.combine(predictor(arrays) if NETWORK in self.ensemble.weights else {}, arrays)

    @abstractmethod
    def columns(self, outputs: Arrays, warnings: Sequence[tuple[str, ...]]) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the fields of the predictions.

        Args:
            outputs: The result of `combine`.
            warnings: How each row differs from the training data, as of `TableEncoder.warnings`.

        Returns:
            For each field of `prediction`, in their order, its values: one per row.
        """

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[Any]:
        """Return one prediction per row.

        Args:
            outputs: The result of `combine`.
            inputs: The rows.

        Returns:
            The predictions, of the class `prediction`.
        """
        warnings = self.encoder.warnings(inputs, self.encoder.read(inputs))
        return self.prediction.from_columns(self.columns(outputs, warnings))

    def table_state(self) -> JsonObject:
        """Return the state of this part of the codec.

        Returns:
            The object that `table_arguments` takes.
        """
        return {
            "encoder": self.encoder.to_json(),
            "coverage": self.coverage,
            "ensemble": self.ensemble.to_json(),
            "comparison": [comparison.to_json() for comparison in self.comparison],
            "similar_rows": None if self.similar_rows is None else self.similar_rows.to_json(),
        }


def table_arguments(state: JsonObject, outputs: int) -> dict[str, Any]:
    """Return the arguments of the constructor of a `TableCodec`.

    Args:
        state: The result of `table_state`.
        outputs: Number of labels; 1 for numbers.

    Returns:
        The arguments by name.

    Raises:
        ValueError: If the ensemble is not one of the encoder.
    """
    encoder, ensemble = TableEncoder.from_json(state["encoder"]), Ensemble.from_json(state["ensemble"])
    ensemble.check(encoder, outputs)
    similar = state.get("similar_rows")  # older bundles have no such field
    return {
        "encoder": encoder,
        "coverage": state["coverage"],
        "ensemble": ensemble,
        "comparison": [Comparison(**comparison) for comparison in state["comparison"]],
        "similar_rows": None if similar is None else SimilarRows.from_json(similar, encoder.columns),
    }
