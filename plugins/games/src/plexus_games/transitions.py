"""A sample of a replay buffer."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Transitions:
    """Transitions over one step or several.

    Args:
        indices: Their places in the replay buffer, shape `(n,)`.
        weights: Importance-sampling weights of at most 1, shape `(n,)`.
        observations: First observations, shape `(n, …)`.
        actions: Actions after them, shape `(n,)`.
        rewards: Discounted sums of the rewards, shape `(n,)`.
        discounts: Discounts of the next observations' values, 0 after terminal states, shape `(n,)`.
        next_observations: Observations after the last step, shape `(n, …)`.

    Example:
        ```python
        targets = transitions.rewards + transitions.discounts * next_values
        ```
    """

    indices: np.ndarray
    weights: np.ndarray
    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    discounts: np.ndarray
    next_observations: np.ndarray
