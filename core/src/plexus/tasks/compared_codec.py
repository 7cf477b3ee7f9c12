"""The codec of a model that was trained in two ways, with unlabelled inputs and without."""

from collections.abc import Sequence
from copy import copy
from typing import Self

from plexus.codec import JsonObject
from plexus.inference.predictor import NETWORK as NETWORK
from plexus.tasks.classification_codec import ClassificationCodec

WITH, WITHOUT = "with_unlabelled", "without_unlabelled"
"""The two ways of training."""
COMPARISON = "comparison"
"""Name of the network of a bundle that was not selected; the selected one has the name `NETWORK`."""


class ComparedCodec(ClassificationCodec):
    """Labels, a temperature, and how the network to compare with was trained.

    Args:
        labels: The labels in the order of the network's outputs.
        temperature: Divides the logits.
        comparison: How the network `comparison` of the bundle was trained, `with_unlabelled` or `without_unlabelled`
            inputs; the model was trained in the other way. None if there is no such network.

    Example:
        ```python
        class PhotoCodec(ComparedCodec):
            state = PhotoState
        ```
    """

    def __init__(self, labels: Sequence[str], temperature: float = 1.0, comparison: str | None = None) -> None:
        super().__init__(labels, temperature)
        self.comparison = comparison

    def with_comparison(self, comparison: str) -> Self:
        """Return a copy for a model that was trained in two ways.

        Args:
            comparison: How the network that is not the model was trained.

        Returns:
            The copy.
        """
        codec = copy(self)
        codec.comparison = comparison
        return codec

    def to_json(self) -> JsonObject:
        """Return labels and temperature, and how the network to compare with was trained, if there is one.

        Returns:
            The object that `from_json` takes.
        """
        state = super().to_json()
        return state if self.comparison is None else state | {"comparison": self.comparison}
