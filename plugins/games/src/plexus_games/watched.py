"""An environment that is somebody else's code: what goes wrong in it is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gymnasium as gym

from plexus import InputError


class Watched(gym.Wrapper):
    """Counts episodes and steps, so that an error in an environment says where it happened.

    Args:
        environment: to watch.
        name: of it, for the line.
    """

    def __init__(self, environment: gym.Env, name: str) -> None:
        super().__init__(environment)
        self.name = name
        self.episodes = self.steps = 0

    def reset(self, **arguments: Any) -> Any:
        """Begin an episode."""
        self.episodes, self.steps = self.episodes + 1, 0
        with self.blaming(f"--data {self.name}: at the start of episode {self.episodes}"):
            return self.env.reset(**arguments)

    def step(self, action: Any) -> Any:
        """Go a step."""
        self.steps += 1
        with self.blaming(f"--data {self.name}: in step {self.steps} of episode {self.episodes}"):
            return self.env.step(action)

    @staticmethod
    @contextmanager
    def blaming(place: str) -> Iterator[None]:
        """Name the place of any error within the block: it is the environment's, not ours.

        Raises:
            InputError: for whatever was raised.
        """
        try:
            yield
        except Exception as error:  # an environment may raise anything
            raise InputError(f"{place}: {type(error).__name__}: {' '.join(str(error).split())}") from error
