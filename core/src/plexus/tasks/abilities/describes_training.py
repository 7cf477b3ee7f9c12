"""The ability `DescribesTraining` of a task."""

from typing import Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT


@runtime_checkable
class DescribesTraining(Protocol[CodecInT]):
    """A task whose model is more than the networks that are trained: the report says what its learning curves are of.

    Example:
        ```python
        def training_note(self, codec):
            return f"Curves of the networks, which have {codec.network_weight:.0%} of the weight of the model"
        ```
    """

    def training_note(self, codec: CodecInT) -> str:
        """Return which part of the model the learning curves and the gradient norms belong to.

        Args:
            codec: The calibrated codec.

        Returns:
            A sentence without its full stop, for captions.
        """
        ...
