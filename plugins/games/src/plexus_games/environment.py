"""An environment, by the name that people type, checked before anything is learned."""

import importlib
import json
import os
import sys
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from plexus import InputError
from plexus.errors import unknown

if TYPE_CHECKING:
    import gymnasium as gym

EXTRAS = ("mujoco",)
SMALL = 36
"""Pictures of fewer pixels a side are taken as they are: games drawn in cells, where every pixel tells something."""
SLOW = 0.005
"""Seconds a step, above which copies of an environment are worth a process each."""


@dataclass(frozen=True)
class Environment:
    """A Gymnasium environment and the arguments that it is made with.

    Args:
        id: as registered: `CartPole-v1`, `ALE/Pong-v5`, `module:Mine-v0`.
        arguments: of its constructor.
    """

    id: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def named(cls, data: str) -> Self:
        """The environment that `--data` names: `ID`, `ID?argument=value&…`, or `module:ID` for one of the user's own.

        Raises:
            InputError: there is none of that name; the line gives the nearest.
        """
        id, _, query = data.partition("?")
        environment = cls(_registered(id), {name: _value(text) for name, text in parse_qsl(query)})
        if environment.spec.entry_point is None:
            raise InputError(f"--data {data}: Gymnasium knows the name, and not how to make it")
        return environment

    @property
    def spec(self) -> Any:
        """Gymnasium's own description."""
        import gymnasium as gym

        return gym.spec(_registered(self.id))

    @property
    def is_atari(self) -> bool:
        """Whether it is a game of the Arcade Learning Environment, which has a vector environment of its own."""
        return "AtariVectorEnv" in str(self.spec.vector_entry_point)

    @property
    def is_drawn(self) -> bool:
        """Whether it can draw itself."""
        return "rgb_array" in (self._metadata.get("render_modes") or ())

    @property
    def frame_rate(self) -> int:
        """Frames a second as a person should see them: of Atari every fourth of 60."""
        return 15 if self.is_atari else int(self._metadata.get("render_fps", 30))

    def one(self, render: bool = False) -> "gym.Env":
        """A single copy, with frames to show if it is to be rendered.

        Pictures are prepared as the field does: grey, 84 x 84, the last four on one another (Mnih et al. 2015); those
        of fewer than 36 pixels a side are left as they are. Games of Atari also repeat each action for four frames.

        Raises:
            InputError: a package that it needs is not installed, or an argument is wrong.
        """
        import gymnasium as gym

        from plexus_games.watched import Watched

        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # frames are drawn in memory: no screen is asked for
        frames = {"render_mode": "rgb_array"} if render else {}
        own = self.arguments | ({"frameskip": 1} if self.is_atari else {})
        environment = self._made(partial(gym.make, disable_env_checker=True, **frames, **own))
        if self.is_atari:
            return gym.wrappers.FrameStackObservation(gym.wrappers.AtariPreprocessing(environment), 4)
        return _prepared(Watched(environment, self.id))

    def many(self, count: int, workers: str = "sync", life_is_episode: bool = False) -> "gym.vector.VectorEnv":
        """Copies side by side, which start anew by themselves, on the step after an episode's last.

        Args:
            count: of copies.
            workers: `sync`: all in this process; `async`: a process each; `auto`: by how long a step takes.
            life_is_episode: of Atari's games: losing a life ends an episode.
        """
        import gymnasium as gym

        if self.spec.vector_entry_point:
            own = {"reward_clipping": False, "episodic_life": life_is_episode} if self.is_atari else {}
            own |= self.arguments
            return self._made(partial(gym.make_vec, num_envs=count, vectorization_mode="vector_entry_point", **own))
        copies = [partial(self.one)] * count
        if workers == "async" or (workers == "auto" and count > 1 and self._is_slow()):
            return gym.vector.AsyncVectorEnv(copies, context="spawn")
        return gym.vector.SyncVectorEnv(copies)

    def check(self) -> None:
        """Run Gymnasium's own checker on an environment that does not come with Gymnasium.

        Raises:
            InputError: it breaks the contract; the line says which rule.
        """
        if str(self.spec.entry_point).startswith(("gymnasium.", "ale_py")):
            return
        import gymnasium as gym
        from gymnasium.utils.env_checker import check_env

        from plexus_games.watched import Watched

        made = self._made(partial(gym.make, disable_env_checker=True, **self.arguments))
        with Watched.blaming(f"--data {self.id} breaks Gymnasium's contract"):
            check_env(made.unwrapped, skip_render_check=True)
        made.close()

    @cached_property
    def _metadata(self) -> dict[str, Any]:
        made = self.one()
        made.close()
        return dict(made.metadata)

    def _made(self, make: Any) -> Any:
        import gymnasium as gym

        try:
            return make(_registered(self.id))
        except (gym.error.DependencyNotInstalled, ModuleNotFoundError) as error:
            package = next((extra for extra in EXTRAS if extra in str(error).lower()), None)
            cure = f"pip install 'plexus-suite[{package}]'" if package else "install what it names"
            raise InputError(f"--data {self.id} needs a package that is not installed ({error}): {cure}") from error
        except (TypeError, gym.error.Error) as error:
            raise InputError(f"--data {self.id}: {' '.join(str(error).split())}") from error

    def _is_slow(self, steps: int = 20) -> bool:
        import time

        one = self.one()
        one.reset(seed=0)
        started = time.perf_counter()
        for _ in range(steps):
            _, _, terminated, truncated, _ = one.step(one.action_space.sample())
            if terminated or truncated:
                one.reset()
        one.close()
        return time.perf_counter() - started > SLOW * steps


def _prepared(environment: "gym.Env") -> "gym.Env":
    import gymnasium as gym
    from gymnasium.wrappers import FrameStackObservation, GrayscaleObservation, ResizeObservation

    space = environment.observation_space
    picture = isinstance(space, gym.spaces.Box) and space.dtype == "uint8" and len(space.shape) == 3
    if not picture or min(space.shape[:2]) < SMALL:
        return environment
    grey = GrayscaleObservation(environment) if space.shape[-1] == 3 else environment
    return FrameStackObservation(ResizeObservation(grey, (84, 84)), 4)


def _registered(id: str) -> str:
    """The id, once the module that registers it is imported.

    Raises:
        InputError: the module cannot be found, or there is no such environment.
    """
    import gymnasium as gym

    module, _, name = id.rpartition(":")
    if module:
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            raise InputError(f"--data {id}: there is no module {error.name!r} here or installed") from error
    elif name.startswith("ALE/"):
        import ale_py

        gym.register_envs(ale_py)
    if name not in gym.registry:
        raise unknown("environment", name, gym.registry)
    return name


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
