"""The codec of classifiers."""

from collections.abc import Sequence
from copy import copy
from typing import Self

import numpy as np

from plexus.codec import Arrays, Codec, Input, JsonObject
from plexus.errors import InputError
from plexus.metrics.calibration import softmax
from plexus.prediction import LabelPrediction

SHOWN_LABELS = 12
"""Labels that an error message lists."""


class ClassificationCodec(Codec):
    """Labels, and a temperature that calibrates the network's output `logits`.

    Subclasses add `encode`, and their own state to `to_json`.

    Args:
        labels: The labels in the order of the network's outputs.
        temperature: Divides the logits (Guo et al. 2017, arXiv:1706.04599, section 4.2).

    Example:
        ```python
        class RowCodec(ClassificationCodec):
            def encode(self, inputs):
                return {"row": np.asarray(inputs, np.float32)}
        ```
    """

    def __init__(self, labels: Sequence[str], temperature: float = 1.0) -> None:
        self.labels, self.temperature = list(labels), temperature

    def probabilities(self, outputs: Arrays) -> np.ndarray:
        """Return calibrated probabilities.

        Args:
            outputs: The network's outputs, with `logits` of shape `(n, labels)`.

        Returns:
            Array of shape `(n, labels)` whose rows sum to 1.
        """
        return softmax(outputs["logits"], self.temperature)

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[LabelPrediction]:
        """Return the most probable label of each input, and the next best.

        Args:
            outputs: The network's outputs.
            inputs: The raw inputs, which are not needed.

        Returns:
            One prediction per input.
        """
        return [LabelPrediction.from_probabilities(self.labels, row) for row in self.probabilities(outputs)]

    def label_indices(self, labels: Sequence[str]) -> np.ndarray:
        """Return the classes of labels.

        Args:
            labels: Labels that were seen in training.

        Returns:
            Indices of shape `(n,)`.

        Raises:
            InputError: If a label was not seen in training.
        """
        index = {label: number for number, label in enumerate(self.labels)}
        unknown = next((label for label in labels if label not in index), None)
        if unknown is not None:
            shown = ", ".join(self.labels[:SHOWN_LABELS]) + (", …" if len(self.labels) > SHOWN_LABELS else "")
            raise InputError(f"label {unknown!r} is not one of the model's labels: {shown}")
        return np.array([index[label] for label in labels], np.int32)

    def with_temperature(self, temperature: float) -> Self:
        """Return a copy with another temperature.

        Args:
            temperature: Divides the logits; above 0.

        Returns:
            The calibrated codec.
        """
        codec = copy(self)
        codec.temperature = temperature
        return codec

    def to_json(self) -> JsonObject:
        """Return the labels and the temperature.

        Returns:
            The object that `from_json` takes.
        """
        return {"labels": self.labels, "temperature": self.temperature}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The constructor's arguments.

        Returns:
            The codec.
        """
        return cls(**state)


def sort_labels(labels: Sequence[str]) -> list[str]:
    """Return the different labels, numbers by value before names by the alphabet.

    Args:
        labels: Labels, with repetitions.

    Returns:
        The labels in the order of the network's outputs.
    """
    return sorted(set(labels), key=lambda label: (False, int(label), "") if _is_integer(label) else (True, 0, label))


def _is_integer(label: str) -> bool:
    return label.removeprefix("-").isdecimal()
