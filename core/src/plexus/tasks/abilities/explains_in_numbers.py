"""The ability `ExplainsInNumbers` of a task."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT

if TYPE_CHECKING:
    from plexus.codec import Input, JsonObject
    from plexus.inference.predictor import Predictor


@runtime_checkable
class ExplainsInNumbers(Protocol[CodecInT]):
    """A task that explains single predictions as numbers: the Shapley value of each feature.

    The numbers are those that `Explainable.explain` draws. The command line and the server add them to its file.

    Example:
        ```python
        if isinstance(task, ExplainsInNumbers):
            task.explanation_values(predictor, codec, row)["contributions"][0]  # the largest change
        ```
    """

    def explanation_values(self, predictor: "Predictor", codec: CodecInT, raw_input: "Input") -> "JsonObject":
        """Return the explanation of one prediction as numbers.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The raw input.

        Returns:
            `prediction` and `typical_prediction`, that of a typical input, in `unit`; `contributions`: as of
            `plexus.explain.contributions.sorted_contributions`, their changes sum to the difference of both. A task
            may add `reasons`, sentences, and `similar_rows`: a list of `distance`, `target` and `values` by column, the
            most similar row first.

        Raises:
            InputError: If the input cannot be read.
        """
        ...
