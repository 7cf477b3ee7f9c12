"""Where an agent learns: copies of an environment side by side, and how far they have been played."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from plexus import InputError
from plexus.data.findings import Findings
from plexus.utils.messages import note
from plexus_games.codec import PolicyCodec
from plexus_games.environment import Environment
from plexus_games.memory import Memory
from plexus_games.moments import Moments
from plexus_games.options import PlayOptions
from plexus_games.rollout import Rollout
from plexus_games.snapshot import UnsavableError, restore, snapshot

Policy = Callable[[np.ndarray], tuple[np.ndarray, dict[str, np.ndarray]]]
"""Encoded observations `(n, …)` to actions `(n, …)` as the codec takes them, and what else is to be recorded."""

LATEST = 100
"""Episodes whose mean return is that of the training so far."""
LARGEST = 64e6
"""Bytes of a memory that is saved with a checkpoint; a larger one is filled anew."""


class Arena:
    """The source of `games.play`: it is played with the policy of the moment, and goes on where it was left.

    Attributes:
        steps: played so far, over all copies.
        episodes: of each that has ended: the steps played by then, its return and its length `(n, 3)`.
        memory: of transitions, for the algorithms that learn from the past.
        moments: mean and variance of the observations of the rollouts so far.
    """

    def __init__(self, options: PlayOptions) -> None:
        self.options = options
        self.environment = Environment.named(options.data)
        self.environment.check()
        self._copies: Any = None
        self._lengths = np.zeros(options.envs, np.int64)
        sample = self.environment.many(1)
        self.spaces = sample.single_observation_space, sample.single_action_space
        sample.close()
        self.codec = PolicyCodec.of(self.environment, *self.spaces)
        self.findings = Findings(options.strict)
        self.licence = "none: the data is played"
        own = {"id": self.environment.id, "arguments": self.environment.arguments}
        description = json.dumps(
            [*own.values(), self.codec.to_json() | {"environment": own}]
        )  # however it was imported
        self.fingerprint = hashlib.sha256(description.encode()).hexdigest()
        self.steps, self.episodes, self.memory = 0, np.zeros((0, 3)), Memory()
        self.moments, self._return_moments = Moments(int(np.prod(self.codec.shape)) or 1), Moments(1)

    def count(self, split: str) -> int:
        """Steps to be played in training; episodes of the other splits."""
        counts = {"train": self.options.steps, "val": self.options.val_episodes}
        return counts.get(split, self.options.test_episodes)

    def play(self, policy: Policy, steps: int, epoch: int) -> Rollout:
        """Play on with every copy.

        Args:
            policy: what to do.
            steps: with each copy.
            epoch: tells the seed, should the copies have to start anew.

        Raises:
            InputError: the environment raised an error, or gave an observation that is not finite.
        """
        copies = self._started(epoch)
        rollout = self._empty(steps)
        for step in range(steps):
            rollout.observations[step] = self._observation
            chosen, recorded = policy(self._observation)
            self._step(copies, rollout, step, chosen)
            self._record(rollout, step, recorded)
        rollout.observations[steps] = self._observation
        self._record(rollout, steps, policy(self._observation)[1])
        self.moments.update(rollout.observations[:-1][rollout.played].reshape(-1, self.moments.mean.size))
        return rollout

    def recent(self) -> float | None:
        """The mean return of the last episodes, if there are any."""
        return float(self.episodes[-LATEST:, 1].mean()) if len(self.episodes) else None

    def state(self) -> dict[str, np.ndarray]:
        """All that playing has changed, so that it can go on elsewhere as if it had not been cut off."""
        own = {"steps": np.array(self.steps), "episodes": self.episodes, **self.moments.state("moments")}
        own |= self._return_moments.state("return_moments")
        if self.memory.bytes() <= LARGEST:
            own |= self.memory.state()
        if self._copies is None:
            return own
        own |= {"returns": self._returns.copy(), "lengths": self._lengths.copy(), "discounted": self._discounted.copy()}
        own |= {"over": self._over.copy(), "observation": self._observation.copy()}
        try:
            return own | {"copies": snapshot(self._copies)}
        except UnsavableError:
            return own

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from a state; copies of an environment that could not be saved start their episodes anew."""
        self.steps, self.episodes = int(state["steps"]), state["episodes"]
        self.moments.restore(state, "moments")
        self._return_moments.restore(state, "return_moments")
        self.memory.restore(state)
        self.close()
        if "copies" not in state:
            if self.steps:
                note(f"the state of {self.environment.id} cannot be saved: its episodes start anew")
            return
        copies = self._started(0)
        restore(copies, state["copies"])
        self._returns, self._lengths, self._discounted = state["returns"], state["lengths"], state["discounted"]
        self._over, self._observation = state["over"], state["observation"]

    def close(self) -> None:
        """Let go of the copies."""
        if self._copies is not None:
            self._copies.close()
            self._copies = None

    def _started(self, epoch: int) -> Any:
        if self._copies is None:
            options, count = self.options, self.options.envs
            self._copies = self.environment.many(count, options.workers, options.life_is_episode)
            seed = np.random.SeedSequence((options.seed, epoch, self.steps)).generate_state(1)[0]
            first, _ = self._copies.reset(seed=int(seed >> 1))
            self._observation = self._encoded(first)
            self._returns, self._discounted = np.zeros(count), np.zeros(count)
            self._lengths, self._over = np.zeros(count, np.int64), np.zeros(count, bool)
        return self._copies

    def _encoded(self, observations: np.ndarray) -> np.ndarray:
        if observations.dtype.kind == "f" and not np.isfinite(observations).all():
            copy = int(np.argwhere(~np.isfinite(observations))[0, 0])
            raise InputError(
                f"--data {self.environment.id}: the observation after step {self._lengths[copy]} of an episode has a "
                f"NaN or an infinite number (copy {copy} of {len(observations)}, after {self.steps:,} steps in all)"
            )
        return self.codec.encode(observations)["observation"]

    def _step(self, copies: Any, rollout: Rollout, step: int, chosen: np.ndarray) -> None:
        observations, rewards, terminated, truncated, _ = copies.step(self.codec.actions(chosen))
        played = ~self._over
        self.steps += int(played.sum())
        self._returns += rewards * played
        self._lengths += played
        rollout.actions[step] = chosen
        rollout.rewards[step] = self._seen(rewards, played)
        rollout.terminated[step], rollout.truncated[step] = terminated, truncated
        rollout.played[step] = played
        self._observation = self._encoded(observations)
        self._over = terminated | truncated
        self._end_episodes()

    def _end_episodes(self) -> None:
        ended = np.flatnonzero(self._over)
        if len(ended):
            lines = [(self.steps, self._returns[copy], self._lengths[copy]) for copy in ended]
            self.episodes = np.concatenate([self.episodes, np.array(lines)])
            self._returns[ended], self._lengths[ended], self._discounted[ended] = 0, 0, 0

    def _seen(self, rewards: np.ndarray, played: np.ndarray) -> np.ndarray:
        """Rewards for the learner: their signs (Mnih et al. 2015), or divided by the deviation of the return so far."""
        if self.options.clip_rewards:
            return np.sign(rewards)
        if not self.options.normalize_rewards:
            return rewards
        self._discounted = self.options.gamma * self._discounted + rewards
        self._return_moments.update(self._discounted[played, None])
        return np.clip(rewards / np.sqrt(self._return_moments.variance[0] + 1e-8), -10, 10)

    def _empty(self, steps: int) -> Rollout:
        cells = steps, self.options.envs
        observations = np.empty((steps + 1, *self._observation.shape), self._observation.dtype)
        wide = () if self.codec.is_discrete else (len(self.codec.action["low"]),)
        actions = np.empty((*cells, *wide), np.int32 if self.codec.is_discrete else np.float32)
        flags = [np.empty(cells, bool) for _ in range(3)]
        return Rollout(observations, actions, np.empty(cells, np.float32), *flags, {})

    def _record(self, rollout: Rollout, step: int, recorded: dict[str, np.ndarray]) -> None:
        for name, values in recorded.items():
            if name not in rollout.recorded:
                rollout.recorded[name] = np.empty((len(rollout.observations), *values.shape), values.dtype)
            rollout.recorded[name][step] = values
