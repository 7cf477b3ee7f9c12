"""The replay buffer of off-policy algorithms."""

import numpy as np

from plexus.codec import Arrays
from plexus_games.rollout import Rollout
from plexus_games.transitions import Transitions

PRIORITY_OFFSET = 1e-3
"""Added to every priority, so that no step has probability 0."""
PREFIX, POSITION = "replay_buffer.", "replay_buffer_position"


class ReplayBuffer:
    """A ring buffer of steps (Lin 1992), uniform or prioritized; one row per step of all environments.

    Example:
        ```python
        buffer = ReplayBuffer()
        buffer.add(rollout, capacity=100_000)
        transitions = buffer.sample(64, n_step=3, gamma=0.99, alpha=0.5, beta=0.4, generator=generator)
        ```
    """

    def __init__(self) -> None:
        self._rings: dict[str, np.ndarray] = {}
        self._next = self._rows = 0

    def __len__(self) -> int:
        """Return the number of steps over all environments.

        Returns:
            The number.
        """
        return self._rows * self._rings["rewards"].shape[1] if self._rings else 0

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return sum(ring.nbytes for ring in self._rings.values())

    def add(self, rollout: Rollout, capacity: int) -> None:
        """Add a rollout in place of the oldest steps.

        Args:
            rollout: The rollout.
            capacity: Largest number of steps over all environments, at least two rollouts.
        """
        steps, environments = rollout.rewards.shape
        arrays = {
            "observations": rollout.observations[:-1],
            "actions": rollout.actions,
            "rewards": rollout.rewards,
            "terminated": rollout.terminated,
            "truncated": rollout.truncated,
            "valid": rollout.valid,
        }
        if not self._rings:
            rows = max(capacity // environments, 2 * steps)
            self._rings = {name: np.zeros((rows, *array.shape[1:]), array.dtype) for name, array in arrays.items()}
            self._rings["priorities"] = np.zeros((rows, environments))
        target = (self._next + np.arange(steps)) % len(self._rings["rewards"])
        for name, array in arrays.items():
            self._rings[name][target] = array
        highest = self._rings["priorities"].max(initial=0) or 1.0
        self._rings["priorities"][target] = np.where(rollout.valid, highest, 0)
        self._next = int(target[-1] + 1) % len(self._rings["rewards"])
        self._rows = min(self._rows + steps, len(self._rings["rewards"]))

    def sample(
        self, count: int, n_step: int, gamma: float, alpha: float, beta: float, generator: np.random.Generator
    ) -> Transitions:
        """Draw transitions with replacement.

        Args:
            count: Number of transitions.
            n_step: Steps of a transition; fewer where an episode ends.
            gamma: Discount per step.
            alpha: Exponent of the priorities; 0: uniform (Schaul et al. 2016, arXiv:1511.05952, equation 1).
            beta: Exponent of the importance-sampling weights (section 3.4).
            generator: Random generator.

        Returns:
            The transitions.
        """
        probabilities = self._unnormalized_probabilities(n_step, alpha)
        cumulative = np.cumsum(probabilities)
        indices = np.searchsorted(cumulative, generator.random(count) * cumulative[-1], side="right")
        weights = (probabilities[indices] / cumulative[-1] * np.count_nonzero(probabilities)) ** -beta
        rows, columns = np.divmod(indices, self._rings["rewards"].shape[1])
        rewards, discounts, next_rows = self._n_step_returns(rows, columns, n_step, gamma)
        rings = self._rings
        return Transitions(
            indices,
            weights / weights.max(),
            rings["observations"][rows, columns],
            rings["actions"][rows, columns],
            rewards,
            discounts,
            rings["observations"][next_rows, columns],
        )

    def update_priorities(self, indices: np.ndarray, td_errors: np.ndarray) -> None:
        """Set the priorities of transitions.

        Args:
            indices: `Transitions.indices`.
            td_errors: Their temporal-difference errors.
        """
        self._rings["priorities"].reshape(-1)[indices] = np.abs(td_errors) + PRIORITY_OFFSET

    def state(self) -> Arrays:
        """Return the content.

        Returns:
            The state, for `restore`.
        """
        rings = {f"{PREFIX}{name}": ring.copy() for name, ring in self._rings.items()}
        return rings | {POSITION: np.array([self._next, self._rows])}

    def restore(self, state: Arrays) -> None:
        """Restore the content; the buffer is empty if the state does not hold it.

        Args:
            state: The result of `state`, among other arrays.
        """
        self._rings = {name.removeprefix(PREFIX): ring for name, ring in state.items() if name.startswith(PREFIX)}
        self._next, self._rows = (int(number) for number in state.get(POSITION, (0, 0)))

    def _unnormalized_probabilities(self, n_step: int, alpha: float) -> np.ndarray:
        """Return the probability of each step up to a factor: 0 for the newest rows, which nothing follows yet."""
        priorities = self._rings["priorities"]
        probabilities = priorities**alpha if alpha else (priorities > 0).astype(float)
        probabilities = np.where(priorities > 0, probabilities, 0)
        newest = (self._next - 1 - np.arange(n_step)) % len(probabilities)
        probabilities[newest] = 0
        return np.asarray(probabilities.reshape(-1))

    def _n_step_returns(
        self, rows: np.ndarray, columns: np.ndarray, n_step: int, gamma: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return summed rewards, discounts of the next values, and rows of the next observations.

        Sutton & Barto 2018, equation 7.1. A truncated episode is bootstrapped from its last observation, which is in
        the row after its last step.
        """
        rings, size = self._rings, len(self._rings["rewards"])
        rewards, discounts = np.zeros(len(rows)), np.ones(len(rows))
        active, current = np.ones(len(rows), bool), rows.copy()
        for _ in range(n_step):
            terminated, truncated = rings["terminated"][current, columns], rings["truncated"][current, columns]
            rewards += np.where(active, discounts * rings["rewards"][current, columns], 0)
            discounts = np.where(active, discounts * gamma, discounts)
            discounts = np.where(active & terminated, 0, discounts)
            current = np.where(active, (current + 1) % size, current)
            active = active & ~(terminated | truncated)
        return rewards, discounts, current
