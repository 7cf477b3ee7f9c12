"""Evaluation of fixed policies over many episodes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from plexus_games.codec import PolicyCodec
from plexus_games.environment import EnvironmentSpec

if TYPE_CHECKING:
    from plexus import Predictor

MAX_STEPS = 27_000
"""Steps of an episode where the environment has no limit: half an hour of Atari with four frames per step."""

ActionFunction = Callable[[np.ndarray], np.ndarray]
"""From observations `(n, …)` to what `step` of a vector environment takes."""


def greedy_policy(predictor: "Predictor", codec: PolicyCodec) -> ActionFunction:
    """Return the policy that takes the network's best action.

    Args:
        predictor: The network.
        codec: The codec.

    Returns:
        The policy.
    """
    return lambda observations: codec.environment_actions(predictor(codec.encode(observations))["action"])


def random_policy(codec: PolicyCodec, seed: int) -> ActionFunction:
    """Return the policy that takes uniformly random actions: the trivial baseline.

    Args:
        codec: The codec.
        seed: Random seed.

    Returns:
        The policy.
    """
    generator = np.random.default_rng(seed)

    def act(observations: np.ndarray) -> np.ndarray:
        if codec.is_discrete:
            return codec.environment_actions(generator.integers(codec.action_size, size=len(observations)))
        if codec.is_factored:
            factors = codec.action["sizes"]
            return codec.environment_actions(generator.integers(factors, size=(len(observations), len(factors))))
        return codec.environment_actions(generator.uniform(-1, 1, (len(observations), codec.action_size)))

    return act


def play_episodes(
    environment: EnvironmentSpec, act: ActionFunction, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Play the first episode of each of several copies, so that short episodes do not count more often.

    Args:
        environment: The environment.
        act: The policy.
        count: Number of episodes.
        seed: Random seed.

    Returns:
        Returns and lengths of shape `(count,)`.

    Raises:
        InputError: If the environment raises an error.
    """
    vector = environment.make_vector(count)
    try:
        observations, _ = vector.reset(seed=seed)
        active, returns, lengths = np.ones(count, bool), np.zeros(count), np.zeros(count, int)
        for _ in range(MAX_STEPS):
            observations, rewards, terminated, truncated, _ = vector.step(act(observations))
            returns += rewards * active
            lengths += active
            active &= ~(terminated | truncated)
            if not active.any():
                break
        return returns, lengths
    finally:
        vector.close()
