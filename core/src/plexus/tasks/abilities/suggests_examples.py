"""The ability `SuggestsExamples` of a task."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT

if TYPE_CHECKING:
    import numpy as np

    from plexus.codec import Input, JsonObject
    from plexus.data.findings import Findings
    from plexus.inference.predictor import Predictor
    from plexus.options import Options


@runtime_checkable
class SuggestsExamples(Protocol[CodecInT]):
    """A task that suggests which unlabelled inputs a person should label next; `plexus data suggest`.

    Example:
        ```python
        if isinstance(task, SuggestsExamples):
            inputs = task.read_unlabelled(options, findings)
            task.suggest_examples(inputs, 10, options.seed)[0]["row"]
        ```
    """

    def read_unlabelled(self, options: "Options", findings: "Findings") -> "Sequence[Input] | np.ndarray":
        """Read the inputs of `--data`, without labels.

        Args:
            options: The options.
            findings: Counts what cannot be read, which is dropped.

        Returns:
            An array, the first axis along the inputs, or a list of files.

        Raises:
            InputError: If there is no input, or the inputs cannot be used.
        """
        ...

    def suggest_examples(
        self,
        inputs: "Sequence[Input] | np.ndarray",
        count: int,
        seed: int,
        labelled: Sequence[int] = (),
        model: "tuple[Predictor, CodecInT] | None" = None,
    ) -> "list[JsonObject]":
        """Suggest which inputs to label next.

        Args:
            inputs: The inputs, as of `read_unlabelled`.
            count: Number of suggestions.
            seed: Random seed.
            labelled: Rows of inputs that have a label already.
            model: Networks and codec of a bundle of the task; None for suggestions without a model.

        Returns:
            Per suggestion `row`; without a model `cluster_size`, the number of similar inputs; with a model `labels`,
            the two most probable ones, their `probabilities` and `margin`. The most useful first.

        Raises:
            InputError: If an input cannot be read, or there are fewer different inputs than suggestions.
        """
        ...
