"""The network of a bundle as the evaluator of a search."""

from functools import partial

import numpy as np

from plexus.inference.predictor import Predictor
from plexus_games.board.tree_search import PositionEvaluator


def position_evaluator(predictor: Predictor) -> PositionEvaluator:
    """Return the evaluator of a search.

    Args:
        predictor: The network.

    Returns:
        The function from observations to logits, values and outcomes.
    """
    return partial(_evaluate, predictor)


def _evaluate(predictor: Predictor, observations: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    outputs = predictor({"observation": observations})
    return outputs["logits"], outputs["value"], outputs["outcome"]
