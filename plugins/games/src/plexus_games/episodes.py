"""Whole episodes, played by a policy that does not learn."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from plexus_games.codec import Move, PolicyCodec
from plexus_games.environment import Environment

if TYPE_CHECKING:
    from plexus.task import Predictor

LONGEST = 27_000
"""Steps of an episode at the most, where the environment itself sets no limit: half an hour of Atari at four frames."""


def greedy(predictor: "Predictor", codec: PolicyCodec) -> Callable[[np.ndarray], np.ndarray]:
    """The policy that always takes the network's best action: observations `(n, …)` to what `step` takes."""
    return lambda observations: codec.actions(predictor(codec.encode(observations))["action"])


def at_random(codec: PolicyCodec, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """The policy that takes any action: the trivial baseline."""
    generator = np.random.default_rng(seed)

    def act(observations: np.ndarray) -> np.ndarray:
        if codec.is_discrete:
            return codec.actions(generator.integers(codec.action["size"], size=len(observations)))
        return codec.actions(generator.uniform(-1, 1, (len(observations), len(codec.action["low"]))))

    return act


def play_episodes(
    environment: Environment, act: Callable[[np.ndarray], np.ndarray], number: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Play episodes side by side, one a copy: the first of each, so that short ones do not count more often.

    Returns:
        Returns and lengths `(number,)`.

    Raises:
        InputError: the environment raised an error.
    """
    copies = environment.many(number)
    try:
        observations, _ = copies.reset(seed=seed)
        going, returns, lengths = np.ones(number, bool), np.zeros(number), np.zeros(number, int)
        for _ in range(LONGEST):
            observations, rewards, terminated, truncated, _ = copies.step(act(observations))
            returns += rewards * going
            lengths += going
            going &= ~(terminated | truncated)
            if not going.any():
                break
        return returns, lengths
    finally:
        copies.close()


def steps(
    predictor: "Predictor", codec: PolicyCodec, seed: int, render: bool
) -> Iterator[tuple[Move, float, np.ndarray | None]]:
    """The steps of a greedy episode: the move, the reward that it brought, and the frame before it, if any."""
    environment = codec.environment.one(render)
    try:
        observation, _ = environment.reset(seed=seed)
        for _ in range(LONGEST):
            frame = environment.render() if render else None
            outputs = predictor(codec.encode(np.asarray(observation)[None]))
            move = codec.decode(outputs)[0]
            action = codec.actions(outputs["action"])[0]
            observation, reward, terminated, truncated, _ = environment.step(action)
            yield move, float(reward), frame
            if terminated or truncated:
                return
    finally:
        environment.close()
