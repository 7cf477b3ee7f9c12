"""The network as the evaluator of a search."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from plexus import Predictor

Evaluator = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""From observations `(n, *shape)` to logits of the actions `(n, actions)`, values for the player to move `(n,)`, and
logits of win, draw and loss `(n, 3)`."""


def network_evaluator(predictor: "Predictor") -> Evaluator:
    """Return the evaluator of a search.

    Args:
        predictor: The network.

    Returns:
        The function from observations to logits, values and logits of the outcomes.
    """

    def evaluate(observations: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        outputs = predictor({"observation": observations})
        return outputs["logits"], outputs["value"], outputs["outcome"]

    return evaluate
