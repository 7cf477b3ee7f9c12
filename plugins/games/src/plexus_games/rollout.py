"""What was seen and done."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Rollout:
    """What was seen and done, one row a step, one column a copy of the environment.

    A copy starts anew on the step after an episode's last: that step is not `played`, and the observation before it is
    the episode's last, so that its value is there to bootstrap from where time ran out.

    Attributes:
        observations: encoded, `(steps + 1, copies, …)`; actions: `(steps, copies, …)`.
        rewards: as the learner sees them; terminated, truncated, played: all `(steps, copies)`.
        recorded: what the policy said beside the actions, each `(steps + 1, copies, …)`.
    """

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    played: np.ndarray
    recorded: dict[str, np.ndarray]


def reordered(rollout: Rollout, passes: int, batch_size: int, generator: np.random.Generator) -> np.ndarray:
    """Places of played steps in the flattened rollout: all of them shuffled, again and again.

    As many as `passes` over all steps, played or not, have in whole batches: every epoch is equally long.
    """
    played = np.flatnonzero(rollout.played)
    number = passes * rollout.played.size // batch_size * batch_size
    rounds = -(-number // len(played))
    return np.concatenate([generator.permutation(played) for _ in range(rounds)])[:number]
