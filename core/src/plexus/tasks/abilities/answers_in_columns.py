"""The ability `AnswersInColumns` of a task."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT

if TYPE_CHECKING:
    from plexus.codec import Input
    from plexus.inference.predictor import Predictor
    from plexus.prediction import Columns


@runtime_checkable
class AnswersInColumns(Protocol[CodecInT]):
    """A task that predicts for many rows by column: an object per row takes longer than a small network.

    Example:
        ```python
        def predict_columns(self, predictor, codec, inputs):
            return LabelPrediction.columns(codec.labels, codec.probabilities(predictor(codec.encode(inputs))))
        ```
    """

    def predict_columns(self, predictor: "Predictor", codec: CodecInT, inputs: "Sequence[Input]") -> "Columns":
        """Predict for raw inputs, as `Task.predict` does.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Raw inputs, any number.

        Returns:
            For each field of the prediction, in their order, its values: one per input.

        Raises:
            InputError: If an input cannot be read; the line names it.
        """
        ...
