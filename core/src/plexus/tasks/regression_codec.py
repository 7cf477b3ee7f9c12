"""The codec of regression tasks."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from plexus.codec import Arrays, Codec, Input, JsonObject
from plexus.prediction import Prediction
from plexus.utils.formatting import number


class NumberPrediction(Prediction):
    """The prediction of a regression task.

    Attributes:
        value: The predicted number, in the unit of the target.

    Example:
        ```python
        NumberPrediction(value=3.5).value
        ```
    """

    value: float

    def __str__(self) -> str:
        return number(self.value)


class RegressionCodec(Codec):
    """Mean and standard deviation of the target, in which the network's output `value` is measured.

    Subclasses add `encode`, and their own state to `to_json`.

    Args:
        mean: Mean of the target in training.
        deviation: Standard deviation of the target in training, above 0.

    Example:
        ```python
        class RowCodec(RegressionCodec):
            def encode(self, inputs):
                return {"row": np.asarray(inputs, np.float32)}
        ```
    """

    def __init__(self, mean: float, deviation: float) -> None:
        self.mean, self.deviation = mean, deviation

    def standardize(self, targets: np.ndarray) -> np.ndarray:
        """Return targets in standard deviations from their mean.

        Args:
            targets: Numbers of shape `(n,)`.

        Returns:
            Array of shape `(n, 1)`.
        """
        return ((targets - self.mean) / self.deviation).astype(np.float32)[:, None]

    def values(self, outputs: Arrays) -> np.ndarray:
        """Return predicted numbers in the unit of the target.

        Args:
            outputs: The network's outputs, with `value` of shape `(n, 1)`.

        Returns:
            Array of shape `(n,)`.
        """
        return np.asarray(outputs["value"][:, 0].astype(float) * self.deviation + self.mean)

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[Prediction]:
        """Return one number per input.

        Args:
            outputs: The network's outputs.
            inputs: The raw inputs, which are not needed.

        Returns:
            One prediction per input.
        """
        return [NumberPrediction(value=float(value)) for value in self.values(outputs)]

    def to_json(self) -> JsonObject:
        """Return mean and standard deviation.

        Returns:
            The object that `from_json` takes.
        """
        return {"mean": self.mean, "deviation": self.deviation}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The constructor's arguments.

        Returns:
            The codec.
        """
        return cls(**state)
