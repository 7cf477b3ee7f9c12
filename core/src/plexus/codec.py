"""Conversion between raw inputs, arrays and predictions."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

if TYPE_CHECKING:
    from plexus.codec_state import CodecState
    from plexus.prediction import Prediction

Arrays = dict[str, np.ndarray]
"""Arrays by name; the first axis runs along the inputs."""
Input = Any
"""One raw input: a path, an array, a text, a row of a table. Its type is the task's own."""
JsonObject = dict[str, Any]
"""A JSON object, as `json.loads` returns it."""


class Codec(ABC):
    """Converts raw inputs to the network's inputs, and the network's outputs to predictions.

    A codec holds everything that prediction needs in addition to the network: labels, vocabulary, scaling. It is fitted
    once on the training split, saved as JSON in the bundle, and never changed afterwards. Its module imports NumPy
    alone; libraries that read files are imported inside the methods.

    Attributes:
        state: The schema of the object that `to_json` returns. A bundle may come from anyone: what it holds is checked
            by the schema before `from_json` gets it. None: only `from_json` checks it.

    Example:
        ```python
        class ThresholdCodec(Codec):
            def __init__(self, scale: float) -> None:
                self.scale = scale

            def encode(self, inputs):
                return {"x": np.asarray(inputs, np.float32)[:, None] / self.scale}

            def decode(self, outputs, inputs):
                return [LabelPrediction.from_probabilities(["low", "high"], row) for row in outputs["probability"]]

            def to_json(self):
                return {"scale": self.scale}

            @classmethod
            def from_json(cls, state):
                return cls(state["scale"])
        ```
    """

    state: "ClassVar[type[CodecState] | None]" = None

    @abstractmethod
    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Convert raw inputs to the network's inputs.

        Args:
            inputs: Raw inputs, any number.

        Returns:
            One array per input of the network, by name.

        Raises:
            InputError: If an input cannot be read; the line names it.
        """

    @abstractmethod
    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> "Sequence[Prediction]":
        """Convert the network's outputs to predictions.

        Args:
            outputs: The network's outputs for `encode(inputs)`, by name.
            inputs: The raw inputs, for codecs that need more than the outputs: an amount, a text's known words.

        Returns:
            One prediction per input.
        """

    @abstractmethod
    def to_json(self) -> JsonObject:
        """Return the state of the codec as JSON types.

        Returns:
            The object that `from_json` takes.
        """

    @classmethod
    @abstractmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
