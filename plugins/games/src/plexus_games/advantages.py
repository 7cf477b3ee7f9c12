"""Advantages and returns of a rollout."""

import numpy as np

from plexus_games.rollout import Rollout


def generalized_advantages(rollout: Rollout, values: np.ndarray, gamma: float, gae_lambda: float) -> np.ndarray:
    """Compute generalized advantage estimates (Schulman et al. 2016, arXiv:1506.02438, equation 16).

    After a terminal state nothing follows; where an episode is truncated, or the rollout ends, the value of the last
    observation is bootstrapped (Pardo et al. 2018, arXiv:1712.00378).

    Args:
        rollout: The rollout.
        values: Values of its observations, shape `(steps + 1, environments)`.
        gamma: Discount per step.
        gae_lambda: Decay per step of later temporal differences.

    Returns:
        Advantages of shape `(steps, environments)`; those of steps that are not valid have no meaning.
    """
    next_values = np.where(rollout.terminated, 0, values[1:])
    td_errors = rollout.rewards + gamma * next_values - values[:-1]
    decays = gamma * gae_lambda * ~(rollout.terminated | rollout.truncated)
    advantages, following = np.empty_like(td_errors), np.zeros(td_errors.shape[1])
    for step in range(len(td_errors) - 1, -1, -1):
        advantages[step] = following = td_errors[step] + decays[step] * following
    return np.asarray(advantages)


def lambda_returns(rollout: Rollout, values: np.ndarray, gamma: float, gae_lambda: float) -> np.ndarray:
    """Compute lambda-returns (Gallici et al. 2025, arXiv:2407.04811, equation 7): advantages plus values.

    Args:
        rollout: The rollout.
        values: Values of its observations, shape `(steps + 1, environments)`.
        gamma: Discount per step.
        gae_lambda: Weight of longer returns.

    Returns:
        Returns of shape `(steps, environments)`; those of steps that are not valid have no meaning.
    """
    return np.asarray(generalized_advantages(rollout, values, gamma, gae_lambda) + values[:-1])
