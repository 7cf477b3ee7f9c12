"""The interface of the encoders of one kind of raw input."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from plexus.codec import Arrays, Input, JsonObject

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    RawInputs = Sequence[Input] | np.ndarray | pl.DataFrame


class InputEncoder(ABC):
    """Converts raw inputs of one kind to the network's only input.

    Attributes:
        kind: Kind of the raw inputs: `table`, `images` or `texts`.
        shape: Shape of one input as an array.
        features: Names of the features of a table; empty for images and texts.
        fields: Features that are categories of the same column of a table.

    Example:
        ```python
        encoder = TextEncoder.fit(["rain and wind", "a late goal"])
        encoder.encode(["wind"])["x"].shape  # (1, 1024)
        ```
    """

    kind: ClassVar[str]
    shape: tuple[int, ...]
    features: Sequence[str] = ()
    fields: Sequence[slice] = ()

    @abstractmethod
    def encode(self, inputs: "RawInputs") -> Arrays:
        """Convert raw inputs.

        Args:
            inputs: Raw inputs, any number.

        Returns:
            `x`, floats of shape `(n, features)`, or `image`, bytes of shape `(n, height, width, channels)`.

        Raises:
            InputError: If an input cannot be read; the line names it.
        """

    @abstractmethod
    def to_json(self) -> JsonObject:
        """Return the state as JSON types.

        Returns:
            The object that `from_json` takes; `kind` names the encoder.
        """

    @classmethod
    @abstractmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an encoder from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The encoder.
        """
