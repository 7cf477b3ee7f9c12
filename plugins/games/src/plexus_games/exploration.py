"""Epsilon-greedy exploration."""

import numpy as np

from plexus_games.options import PlayOptions


def exploration_rate(options: PlayOptions, steps: int) -> float:
    """Return the probability of a random action: it decreases linearly, then stays.

    Args:
        options: The options.
        steps: Environment steps so far.

    Returns:
        The probability, from 0 to 1.
    """
    progress = min(steps / (options.exploration_fraction * options.steps), 1.0)
    return options.exploration_start + progress * (options.exploration_end - options.exploration_start)


def epsilon_greedy(action_values: np.ndarray, epsilon: float, generator: np.random.Generator) -> np.ndarray:
    """Choose the best actions, or random ones with probability epsilon.

    Args:
        action_values: Values of shape `(n, actions)`.
        epsilon: Probability of a random action.
        generator: Random generator.

    Returns:
        Actions of shape `(n,)`.
    """
    rows, actions = action_values.shape
    random = generator.integers(actions, size=rows)
    return np.where(generator.random(rows) < epsilon, random, action_values.argmax(axis=1))
