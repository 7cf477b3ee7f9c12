"""Computation of windows of similar length together."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Arrays

if TYPE_CHECKING:
    from plexus import Predictor

MAX_WINDOWS = 64
"""Windows that are computed at once, and padded to the longest of them: of transformers, more take much memory."""
WIDTH_STEP = 32
"""Widths in training are multiples of it: some backends compile a program for each width."""


class LengthSortedPredictor:
    """Computes rows of similar length together, without the columns that only padding uses.

    A transformer takes as long for padding as for tokens.

    Args:
        predictor: The networks.
        width_step: Widths are multiples of it.

    Example:
        ```python
        outputs = LengthSortedPredictor(predictor)(examples.encode(codec))
        ```
    """

    def __init__(self, predictor: "Predictor", width_step: int = WIDTH_STEP) -> None:
        self._predictor, self._width_step = predictor, width_step

    def __call__(self, inputs: Arrays, network: str = "network") -> Arrays:
        """Compute the outputs for windows of any number.

        Args:
            inputs: `grams` and `pieces`, integers of shape `(windows, width)`, padded with 0.
            network: Name of the network.

        Returns:
            The network's outputs by name, the first axis along the windows.
        """
        order = np.argsort(np.count_nonzero(inputs["pieces"], axis=1), kind="stable")
        parts = [order[start : start + MAX_WINDOWS] for start in range(0, max(len(order), 1), MAX_WINDOWS)]
        outputs = [
            self._predictor({name: self._without_padding(values[rows]) for name, values in inputs.items()}, network)
            for rows in parts
        ]
        places = np.argsort(order)
        return {name: np.concatenate([each[name] for each in outputs])[places] for name in outputs[0]}

    def _without_padding(self, values: np.ndarray) -> np.ndarray:
        longest = max(int(np.count_nonzero(values, axis=1).max(initial=0)), 1)
        return values[:, : -(-longest // self._width_step) * self._width_step]
