"""Raw input to arrays, and arrays to answers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from plexus.prediction import Answer

Arrays = dict[str, np.ndarray]


class Codec(ABC):
    """Everything that stands between a raw input and the network: labels, vocabulary, scaling.

    Fitted once on the training data, saved as JSON, and all that answering needs beside the network.
    It uses NumPy, and imports what reads the raw input only when it reads.
    """

    @abstractmethod
    def encode(self, raws: Sequence[Any]) -> Arrays:
        """Turn raw inputs into the network's inputs: one array a name, the first axis along the inputs.

        Raises:
            InputError: an input cannot be read; the line names it.
        """

    @abstractmethod
    def decode(self, outputs: Arrays) -> "list[Answer]":
        """Turn the network's outputs into answers, one an input."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs, of types that JSON has."""

    @classmethod
    @abstractmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec that gave this state."""
