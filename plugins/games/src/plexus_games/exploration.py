"""Now and then an action at random."""

import numpy as np

from plexus_games.options import PlayOptions


def exploration(options: PlayOptions, steps: int) -> float:
    """The share of random actions after so many steps: it falls evenly, then stays."""
    gone = min(steps / (options.exploration_share * options.steps), 1.0)
    return options.exploration_start + gone * (options.exploration_end - options.exploration_start)


def epsilon_greedy(values: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """The best of the actions `(n, actions)`, or at times any: `(n,)`."""
    rows, actions = values.shape
    random = generator.integers(actions, size=rows)
    return np.where(generator.random(rows) < share, random, values.argmax(axis=1))
