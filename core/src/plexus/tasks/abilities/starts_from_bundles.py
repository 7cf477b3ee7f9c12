"""The ability `StartsFromBundles` of a task."""

from typing import Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT


@runtime_checkable
class StartsFromBundles(Protocol[CodecInT]):
    """A task whose training can start from the weights of a bundle: `plexus train --from`.

    The weights of the layers before the output have to mean the same in every training of the task: those of a network
    for images do, those of an embedding of words do only with the same vocabulary.

    Example:
        ```python
        def has_same_outputs(self, codec, other):
            return codec.labels == other.labels
        ```
    """

    def has_same_outputs(self, codec: CodecInT, other: CodecInT) -> bool:
        """Return whether the outputs of two networks mean the same, so that the last layer can be copied.

        Args:
            codec: The codec of the training.
            other: The codec of the bundle to start from.

        Returns:
            Whether they do: whether the labels are the same, in the same order.
        """
        ...
