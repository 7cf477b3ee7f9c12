"""The ability `ExplainsWithValues` of a task."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT

if TYPE_CHECKING:
    from plexus.codec import Input, JsonObject
    from plexus.inference.predictor import Predictor


@runtime_checkable
class ExplainsWithValues(Protocol[CodecInT]):
    """A task whose figure and numbers of an explanation come from one computation.

    It is `Explainable` and `ExplainsInNumbers`, too: one of both may be asked for alone.

    Example:
        ```python
        if isinstance(task, ExplainsWithValues):
            task.explain_with_values(predictor, codec, row, Path("row.png"))["contributions"][0]
        ```
    """

    def explain_with_values(
        self, predictor: "Predictor", codec: CodecInT, raw_input: "Input", path: Path
    ) -> "JsonObject":
        """Write the explanation of one prediction, and return it as numbers.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The raw input.
            path: File to write.

        Returns:
            As of `ExplainsInNumbers.explanation_values`.

        Raises:
            InputError: If the input cannot be read.
        """
        ...
