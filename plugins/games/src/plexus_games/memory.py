"""What was played, to learn from later."""

from dataclasses import dataclass

import numpy as np

from plexus_games.rollout import Rollout

CERTAIN = 1e-3
"""Added to every priority, so that no transition is never seen again."""


@dataclass(frozen=True)
class Transitions:
    """Drawn from a memory: `n` of them, each over one step or several.

    Attributes:
        places: where they are in the memory; weights: against the bias of the drawing, at most 1.
        observations, actions: where they start, and what was done.
        rewards: discounted and summed over the steps.
        discounts: of the value of what comes after; 0 where nothing does.
        following: the observation after the last step.
    """

    places: np.ndarray
    weights: np.ndarray
    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    discounts: np.ndarray
    following: np.ndarray


class Memory:
    """The last rollouts, in a ring of rows, one row a step of all copies of the environment (Lin 1992)."""

    def __init__(self) -> None:
        self._rings: dict[str, np.ndarray] = {}
        self._next = self._rows = 0

    def __len__(self) -> int:
        """Steps of all copies together."""
        return self._rows * self._rings["rewards"].shape[1] if self._rings else 0

    def add(self, rollout: Rollout, capacity: int) -> None:
        """Remember a rollout, and forget the oldest beyond `capacity` steps of all copies together."""
        steps, copies = rollout.rewards.shape
        arrays = {
            "observations": rollout.observations[:-1],
            "actions": rollout.actions,
            "rewards": rollout.rewards,
            "terminated": rollout.terminated,
            "truncated": rollout.truncated,
            "played": rollout.played,
        }
        if not self._rings:
            rows = max(capacity // copies, 2 * steps)
            self._rings = {name: np.zeros((rows, *array.shape[1:]), array.dtype) for name, array in arrays.items()}
            self._rings["priorities"] = np.zeros((rows, copies))
        at = (self._next + np.arange(steps)) % len(self._rings["rewards"])
        for name, array in arrays.items():
            self._rings[name][at] = array
        highest = self._rings["priorities"].max(initial=0) or 1.0
        self._rings["priorities"][at] = np.where(rollout.played, highest, 0)
        self._next = int(at[-1] + 1) % len(self._rings["rewards"])
        self._rows = min(self._rows + steps, len(self._rings["rewards"]))

    def draw(
        self, number: int, n_step: int, gamma: float, alpha: float, beta: float, generator: np.random.Generator
    ) -> Transitions:
        """Draw transitions of `n_step` steps, or fewer where an episode ends.

        Args:
            number: how many, with replacement.
            gamma: the discount a step.
            alpha: how much priorities count; 0: all alike (Schaul et al. 2016, arXiv:1511.05952, equation 1).
            beta: how much of the bias of that the weights take back (section 3.4).
        """
        chances = self._chances(n_step, alpha)
        heap = np.cumsum(chances)
        places = np.searchsorted(heap, generator.random(number) * heap[-1], side="right")
        weights = (chances[places] / heap[-1] * np.count_nonzero(chances)) ** -beta
        rows, copies = np.divmod(places, self._rings["rewards"].shape[1])
        rewards, discounts, after = self._sum(rows, copies, n_step, gamma)
        rings = self._rings
        return Transitions(
            places,
            weights / weights.max(),
            rings["observations"][rows, copies],
            rings["actions"][rows, copies],
            rewards,
            discounts,
            rings["observations"][after, copies],
        )

    def prioritize(self, places: np.ndarray, errors: np.ndarray) -> None:
        """Set the priorities of transitions that were drawn: how wrong the agent was about them."""
        self._rings["priorities"].reshape(-1)[places] = np.abs(errors) + CERTAIN

    def bytes(self) -> int:
        """How large it is."""
        return sum(ring.nbytes for ring in self._rings.values())

    def state(self) -> dict[str, np.ndarray]:
        """For `restore`."""
        rings = {f"memory.{name}": ring.copy() for name, ring in self._rings.items()}
        return rings | {"memory_at": np.array([self._next, self._rows])}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Be as when the state was taken, or empty if it was not."""
        self._rings = {n.removeprefix("memory."): ring for n, ring in state.items() if n.startswith("memory.")}
        self._next, self._rows = (int(number) for number in state.get("memory_at", (0, 0)))

    def _chances(self, n_step: int, alpha: float) -> np.ndarray:
        """How probable each place is, not yet divided by their sum: the newest rows have nothing after them yet."""
        played = self._rings["priorities"]
        chances = played**alpha if alpha else (played > 0).astype(float)
        chances = np.where(played > 0, chances, 0)
        newest = (self._next - 1 - np.arange(n_step)) % len(chances)
        chances[newest] = 0
        return np.asarray(chances.reshape(-1))

    def _sum(
        self, rows: np.ndarray, copies: np.ndarray, n_step: int, gamma: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rewards over the steps, the discount of what follows, and the row of that (Sutton & Barto 2018, eq. 7.1).

        An episode that was cut off by time is bootstrapped from its last observation, which is in the row after.
        """
        rings, size = self._rings, len(self._rings["rewards"])
        rewards, discounts = np.zeros(len(rows)), np.ones(len(rows))
        going, at = np.ones(len(rows), bool), rows.copy()
        for _ in range(n_step):
            rewards += np.where(going, discounts * rings["rewards"][at, copies], 0)
            discounts = np.where(going, discounts * gamma, discounts)
            discounts = np.where(going & rings["terminated"][at, copies], 0, discounts)
            over = rings["terminated"][at, copies] | rings["truncated"][at, copies]
            at = np.where(going, (at + 1) % size, at)
            going = going & ~over
        return rewards, discounts, at
