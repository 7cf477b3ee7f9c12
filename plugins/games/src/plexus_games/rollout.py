"""Steps of a vector environment."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Rollout:
    """Steps of a vector environment: one row per step, one column per environment.

    An environment is reset by the step after the last one of an episode (`AutoresetMode.NEXT_STEP`). That step is not
    `valid`, and the observation before it is the episode's last, whose value bootstraps truncated episodes.

    Attributes:
        observations: Encoded observations of shape `(steps + 1, environments, …)`.
        actions: Actions of the policy, shape `(steps, environments, …)`.
        rewards: Rewards that the learner sees, shape `(steps, environments)`.
        terminated: Whether the episode ended in a terminal state, shape `(steps, environments)`.
        truncated: Whether it was cut off by a time limit, shape `(steps, environments)`.
        valid: False for steps that only reset an environment, shape `(steps, environments)`.
        outputs: Further outputs of the policy by name, each of shape `(steps + 1, environments, …)`.

    Example:
        ```python
        rollout = dataset.collect(policy, codec, steps=64, epoch=0)
        rollout.rewards[rollout.valid].mean()
        ```
    """

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    valid: np.ndarray
    outputs: dict[str, np.ndarray]


def shuffled_steps(rollout: Rollout, update_epochs: int, batch_size: int, generator: np.random.Generator) -> np.ndarray:
    """Return indices of valid steps in the flattened rollout: all of them shuffled, several times.

    There are as many as `update_epochs` passes over all steps, valid or not, have in full batches, so that all epochs
    of a training have the same number of batches.

    Args:
        rollout: The rollout.
        update_epochs: Passes over the rollout.
        batch_size: Steps per batch.
        generator: Random generator.

    Returns:
        Indices, a multiple of `batch_size`.
    """
    valid = np.flatnonzero(rollout.valid)
    count = update_epochs * rollout.valid.size // batch_size * batch_size
    permutations = -(-count // len(valid))
    return np.concatenate([generator.permutation(valid) for _ in range(permutations)])[:count]
