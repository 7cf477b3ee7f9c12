"""Errors of an environment, with the place where they occurred."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import SupportsFloat

import gymnasium as gym
import numpy as np

from plexus import InputError
from plexus.utils.boundary import reason_of


class ErrorContext(gym.Wrapper[np.ndarray, np.ndarray, np.ndarray, np.ndarray]):
    """Counts episodes and steps, so that an error of the environment says where it occurred.

    An environment is the user's code: whatever it raises becomes an `InputError`.

    Args:
        environment: The environment.
        name: Its id, for the message.

    Example:
        ```python
        environment = ErrorContext(gymnasium.make("CartPole-v1"), "CartPole-v1")
        ```
    """

    def __init__(self, environment: gym.Env[np.ndarray, np.ndarray], name: str) -> None:
        super().__init__(environment)
        self.name = name
        self.episodes = self.steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[np.ndarray, dict[str, object]]:
        """Start an episode.

        Args:
            seed: Random seed; None continues the random numbers of the environment.
            options: Options of the environment.

        Returns:
            Observation and info.

        Raises:
            InputError: If the environment raises an error.
        """
        self.episodes, self.steps = self.episodes + 1, 0
        with environment_errors(f"--data {self.name}: at the start of episode {self.episodes}"):
            return self.env.reset(seed=seed, options=options)

    def step(self, action: np.ndarray) -> tuple[np.ndarray, SupportsFloat, bool, bool, dict[str, object]]:
        """Take a step.

        Args:
            action: The action.

        Returns:
            Observation, reward, terminated, truncated and info.

        Raises:
            InputError: If the environment raises an error.
        """
        self.steps += 1
        with environment_errors(f"--data {self.name}: in step {self.steps} of episode {self.episodes}"):
            observation, reward, terminated, truncated, info = self.env.step(action)
            return observation, _as_number(reward), terminated, truncated, info


def _as_number(reward: SupportsFloat) -> SupportsFloat:
    """Return a reward as a number: some environments return an array of one."""
    if not isinstance(reward, np.ndarray) or not reward.ndim:
        return reward
    if reward.size != 1:
        raise ValueError(f"expected a number as the reward, got an array of shape {reward.shape}")
    return float(reward.item())


@contextmanager
def environment_errors(place: str) -> Iterator[None]:
    """Convert any error within the block to an `InputError` that names the place.

    Args:
        place: Where the block is executed.

    Yields:
        Nothing.

    Raises:
        InputError: If the block raises an error.
    """
    try:
        yield
    except Exception as error:  # an environment may raise anything
        raise InputError(f"{place}: {reason_of(error)}") from error
