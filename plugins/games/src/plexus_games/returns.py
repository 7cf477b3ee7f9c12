"""What an action turned out to be worth."""

import numpy as np

from plexus_games.rollout import Rollout


def advantages(rollout: Rollout, values: np.ndarray, gamma: float, decay: float) -> np.ndarray:
    """Generalized advantage estimation (Schulman et al. 2016, arXiv:1506.02438, equation 16).

    A step after which the episode terminated is worth its reward; where time ran out, or the rollout ends, what would
    have followed is taken from the value of the last observation (Pardo et al. 2018, arXiv:1712.00378).

    Args:
        values: of the observations `(steps + 1, copies)`.
        gamma: the discount a step; decay: lambda.

    Returns:
        `(steps, copies)`; without meaning where the step was not played.
    """
    following = np.where(rollout.terminated, 0, values[1:])
    surprises = rollout.rewards + gamma * following - values[:-1]
    goes_on = gamma * decay * ~(rollout.terminated | rollout.truncated)
    found, later = np.empty_like(surprises), np.zeros(surprises.shape[1])
    for step in range(len(surprises) - 1, -1, -1):
        found[step] = later = surprises[step] + goes_on[step] * later
    return found


def lambda_returns(rollout: Rollout, values: np.ndarray, gamma: float, decay: float) -> np.ndarray:
    """Returns of all lengths, mixed by lambda (Gallici et al. 2025, arXiv:2407.04811, equation 7).

    Arguments and result as for `advantages`, to which they differ by the values: the sum is the same.
    """
    return advantages(rollout, values, gamma, decay) + values[:-1]
