"""Environments by name, with the checks that precede any use of them."""

import inspect
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from plexus import InputError
from plexus.codec import JsonObject
from plexus.errors import unknown
from plexus.plugins.user_modules import import_user_module, imported_user_modules
from plexus.utils.boundary import message_of, reason_of
from plexus.utils.messages import note
from plexus_games.environment_arguments import RESERVED, argument_error, parse_arguments
from plexus_games.observation_spaces import is_nested

if TYPE_CHECKING:
    import gymnasium as gym
    import numpy as np
    from gymnasium.envs.registration import EnvSpec

    Environment = gym.Env[np.ndarray, np.ndarray]
    VectorEnvironment = gym.vector.VectorEnv[np.ndarray, np.ndarray, np.ndarray]

T = TypeVar("T")

EXTRAS = ("mujoco",)
MIN_PREPROCESSED_SIDE = 36
"""Images with a smaller side are not preprocessed: in games that are drawn as cells every pixel matters."""
SCREEN, STACKED_FRAMES = (84, 84), 4
LIMIT, DEFAULT_LIMIT = "max_episode_steps", 1000
"""Argument of `gymnasium.make` that limits episodes, and the limit of environments that have none."""
FRAMES_PER_STEP = 4
SLOW_STEP = 0.005
"""Seconds per step above which each copy of an environment gets a process of its own."""
FRAME_RATE, ATARI_FRAME_RATE = 30, 15
ID = re.compile(r"([\w-]+/)?[\w.-]+", re.ASCII)
"""The id of a registered environment, without a module."""


@dataclass(frozen=True)
class EnvironmentSpec:
    """A Gymnasium environment and the arguments that it is made with.

    Args:
        id: Id of the registered environment: `CartPole-v1`, `ALE/Pong-v5`.
        arguments: Arguments of its constructor.
        module: Module that registers it, for a user's environment. It is never imported from here.
        from_bundle: Whether a bundle names the environment, not the user: its arguments are checked before it is made.

    Example:
        ```python
        environment = EnvironmentSpec.parse("FrozenLake-v1?is_slippery=false").make()
        ```
    """

    id: str
    arguments: JsonObject = field(default_factory=dict)
    module: str | None = None
    from_bundle: bool = False

    @classmethod
    def parse(cls, data: str) -> Self:
        """Return the environment that the user names with `--data`.

        Args:
            data: `ID`, `ID?argument=value&…`, or `module:ID`, whose module is imported.

        Returns:
            The environment.

        Raises:
            InputError: If there is no such environment; the line names the nearest.
        """
        id, _, query = data.partition("?")
        module, _, name = id.rpartition(":")
        if module:
            import_user_module(module, f"--data {id}")
        environment = cls(_require_registered(name), parse_arguments(query))
        if reserved := RESERVED & environment.arguments.keys():
            raise InputError(f"--data {data}: {min(reserved)} is set by Plexus: omit it")
        if environment.spec.entry_point is None:
            raise InputError(f"--data {data}: the environment is registered without an entry point")
        return cls(environment.id, environment.arguments, module or _user_module(environment.spec))

    @classmethod
    def from_json(cls, state: object) -> Self:
        """Return the environment that a bundle names. Nothing is imported or made: a bundle may come from anyone.

        Args:
            state: The result of `to_json`, unchecked.

        Returns:
            The environment.

        Raises:
            InputError: If it is anything but an id, arguments of plain values, and the name of a module.
        """
        if not isinstance(state, dict) or not state.keys() <= {"id", "arguments", "module"}:
            raise InputError(
                f"the bundle's environment: expected id, arguments and module, found {state!r}: "
                "get the bundle from its source again"
            )
        id, arguments, module = state.get("id"), state.get("arguments", {}), state.get("module")
        if not isinstance(id, str) or not ID.fullmatch(id):
            raise InputError(
                f"the bundle's environment: expected the id of a registered environment, like CartPole-v1, "
                f"found {id!r}: a bundle cannot name a module to import; pass your own module with --import"
            )
        if module is not None and not (isinstance(module, str) and module.replace(".", "_").isidentifier()):
            raise InputError(
                f"the bundle's environment {id}: expected the name of a module, like my_environments, "
                f"found {module!r}: get the bundle from its source again"
            )
        if error := argument_error(arguments):
            raise InputError(f"the bundle's environment {id}: {error}")
        return cls(id, arguments, module, from_bundle=True)

    @classmethod
    def check_bundle_data(cls, data: str, module: str | None) -> str:
        """Check the option `data` that a bundle records; no module is imported.

        Args:
            data: The option, as for `parse`.
            module: The module that the bundle names elsewhere, if `data` names none.

        Returns:
            The option without a module.

        Raises:
            InputError: If the user has not imported the module, the environment is not registered, or a bundle must not
                set its arguments.
        """
        id, mark, query = data.partition("?")
        prefix, _, name = id.rpartition(":")
        environment = cls.from_json({"id": name, "arguments": parse_arguments(query), "module": prefix or module})
        if prefix and prefix not in sys.modules:
            raise environment._module_error()
        environment.check_arguments()
        return f"{name}{mark}{query}"

    def to_json(self) -> JsonObject:
        """Return the state for `from_json`; the module is for information.

        Returns:
            The object.
        """
        return {"id": self.id, "arguments": self.arguments} | ({"module": self.module} if self.module else {})

    def with_limit(self, max_steps: int | None) -> Self:
        """Return the environment with a limit of its episodes: one that never ends could not be evaluated.

        Args:
            max_steps: Maximum number of steps; None for the registered limit, or 1,000 where there is none.

        Returns:
            The environment; the limit is one of its arguments.

        Raises:
            InputError: If the arguments set a limit already.
        """
        if max_steps is None:
            if self.spec.max_episode_steps is not None or LIMIT in self.arguments or self.is_atari:
                return self
            note(
                f"{self.id} is registered without a time limit: episodes are cut off after {DEFAULT_LIMIT:,} steps; "
                "--max-steps sets another limit"
            )
        elif LIMIT in self.arguments:
            raise InputError(f"--max-steps {max_steps}: --data {self.id} sets {LIMIT} already: omit one of them")
        arguments = self.arguments | {LIMIT: max_steps or DEFAULT_LIMIT}
        return type(self)(self.id, arguments, self.module, self.from_bundle)

    @property
    def nested_space(self) -> "gym.Space[Any] | None":
        """The observation space before it is flattened; None if it is not."""
        return None if self.is_atari else self._nested_space

    @cached_property
    def _nested_space(self) -> "gym.Space[Any] | None":
        import gymnasium as gym

        make = partial(gym.make, disable_env_checker=True, **self.arguments)
        environment: Environment = self._call(make)
        environment.close()
        return environment.observation_space if is_nested(environment.observation_space) else None

    @property
    def spec(self) -> "EnvSpec":
        """Gymnasium's specification."""
        import gymnasium as gym

        return gym.spec(self._registered_id())

    @property
    def reward_threshold(self) -> float | None:
        """The mean return at which the environment counts as solved, if it is defined."""
        return self.spec.reward_threshold

    @property
    def is_atari(self) -> bool:
        """Whether it is a game of the Arcade Learning Environment, which has a vector environment of its own."""
        return "AtariVectorEnv" in str(self.spec.vector_entry_point)

    @property
    def has_frames(self) -> bool:
        """Whether it can render frames."""
        modes = self._metadata.get("render_modes")
        return isinstance(modes, list | tuple) and "rgb_array" in modes

    @property
    def frame_rate(self) -> int:
        """Frames per second for a viewer; Atari shows every fourth of 60."""
        rate = self._metadata.get("render_fps", FRAME_RATE)
        return ATARI_FRAME_RATE if self.is_atari else int(str(rate))

    def make(self, render: bool = False) -> "Environment":
        """Make a single environment.

        Images are converted to 84 x 84 grayscale, and the last four are stacked (Mnih et al. 2015), by Gymnasium's
        wrappers; images with a side below 36 pixels are left as they are. Atari also repeats each action for four
        frames. Nested observations are flattened.

        Args:
            render: Whether frames are rendered.

        Returns:
            The environment.

        Raises:
            InputError: If a package that it needs is not installed, or an argument is wrong.
        """
        import gymnasium as gym

        from plexus_games.error_context import ErrorContext

        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # frames are rendered in memory, without a screen
        rendering: JsonObject = {"render_mode": "rgb_array"} if render else {}
        arguments = self._atari_arguments() | {"frameskip": 1} if self.is_atari else self.arguments
        environment: Environment = self._call(partial(gym.make, disable_env_checker=True, **rendering, **arguments))
        if self.is_atari:
            return gym.wrappers.FrameStackObservation(gym.wrappers.AtariPreprocessing(environment), STACKED_FRAMES)
        environment = ErrorContext(environment, self.id)
        if is_nested(environment.observation_space):
            return gym.wrappers.FlattenObservation(environment)
        return _preprocess_images(environment)

    def make_vector(
        self, count: int, vectorization: str = "sync", terminal_on_life_loss: bool = False
    ) -> "VectorEnvironment":
        """Make copies that are played in parallel; each is reset by the step after the last one of an episode.

        Args:
            count: Number of copies.
            vectorization: `sync`: all in this process; `async`: one process each; `auto`: by the time of a step.
            terminal_on_life_loss: Whether losing a life ends an episode of Atari.

        Returns:
            The vector environment: the environment's own where it has one.
        """
        import gymnasium as gym

        if self._has_vector_environment():
            arguments = self.arguments
            if self.is_atari:
                arguments = {"reward_clipping": False, "episodic_life": terminal_on_life_loss} | self._atari_arguments()
            make = partial(gym.make_vec, num_envs=count, vectorization_mode="vector_entry_point", **arguments)
            vector: VectorEnvironment = self._call(make)
            return vector
        copies = [partial(_make_copy, self, self._imported_modules())] * count
        if vectorization == "async" or (vectorization == "auto" and count > 1 and self._is_slow()):
            return gym.vector.AsyncVectorEnv(copies, context="spawn")
        return gym.vector.SyncVectorEnv(copies)

    def check_api(self) -> None:
        """Run Gymnasium's checker on an environment that does not come with Gymnasium.

        Raises:
            InputError: If it violates the interface; the line names the rule.
        """
        if str(self.spec.entry_point).startswith(("gymnasium.", "ale_py")):
            return
        import gymnasium as gym
        from gymnasium.utils.env_checker import check_env

        from plexus_games.error_context import environment_errors

        environment: Environment = self._call(partial(gym.make, disable_env_checker=True, **self.arguments))
        with environment_errors(f"--data {self.id} violates Gymnasium's interface"):
            check_env(environment.unwrapped, skip_render_check=True)
        environment.close()

    def check_arguments(self) -> None:
        """Check that a bundle may pass the arguments: constructors are code, and some read files.

        Allowed are plain values of parameters that the constructor or the registration names, not of its `**kwargs`.

        Raises:
            InputError: If an argument is not allowed; the line names it.
        """
        error = argument_error(self.arguments)
        if not error and self.arguments:
            names = self._argument_names()
            unexpected = sorted(self.arguments.keys() - names)
            if unexpected:
                allowed = ", ".join(sorted(names - RESERVED))
                error = f"expected one of the arguments {allowed}, found {unexpected[0]!r}"
        if error:
            raise InputError(f"the bundle's environment {self.id}: {error}")
        self._registered_id()

    def _has_vector_environment(self) -> bool:
        """Return whether the environment has a vector environment of its own that does the same as its copies."""
        if not self.spec.vector_entry_point:
            return False
        is_known = self.is_atari or str(self.spec.vector_entry_point).startswith("gymnasium.")
        return is_known or (LIMIT not in self.arguments and self.nested_space is None)

    def _atari_arguments(self) -> JsonObject:
        """Return the arguments, the limit in the emulator's own frames."""
        arguments = dict(self.arguments)
        if LIMIT in arguments:
            arguments["max_num_frames_per_episode"] = FRAMES_PER_STEP * arguments.pop(LIMIT)
        return arguments

    def _argument_names(self) -> set[str]:
        from gymnasium.envs.registration import load_env_creator

        spec = self.spec
        create = load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
        parameters = inspect.signature(create).parameters.values() if create is not None else ()
        kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
        return {parameter.name for parameter in parameters if parameter.kind in kinds} | {
            *spec.kwargs,
            LIMIT,
        }

    @cached_property
    def _metadata(self) -> dict[str, object]:
        environment = self.make()
        environment.close()
        return dict(environment.metadata)

    def _call(self, make: Callable[[str], T]) -> T:
        """Call Gymnasium to make the environment, its errors converted."""
        import gymnasium as gym

        try:
            if self.from_bundle:
                self.check_arguments()
            return make(self._registered_id())
        except InputError:
            raise
        except (gym.error.DependencyNotInstalled, ModuleNotFoundError) as error:
            package = next((extra for extra in EXTRAS if extra in message_of(error).lower()), None)
            remedy = f"pip install 'plexus-games[{package}]'" if package else "install the package that it names"
            raise InputError(
                f"--data {self.id} needs a package that is not installed ({message_of(error)}): {remedy}"
            ) from error
        except Exception as error:  # a constructor may raise anything
            raise InputError(f"--data {self.id}: {reason_of(error)}") from error

    def _registered_id(self) -> str:
        if self.module and not _is_registered(self.id):
            raise self._module_error()
        return _require_registered(self.id)

    def _module_error(self) -> InputError:
        return InputError(
            f"the environment {self.id} belongs to the module {self.module!r}, and a bundle cannot import it: if you "
            f"trust the module, pass --import {self.module}, or import it in Python before plexus.load"
        )

    def _imported_modules(self) -> list[str]:
        """Return the modules that a process of its own has to import: those that the user named in this one."""
        return [name for name in dict.fromkeys([*imported_user_modules(), self.module]) if name and name in sys.modules]

    def _is_slow(self, steps: int = 20) -> bool:
        import time

        environment = self.make()
        environment.reset(seed=0)
        started = time.perf_counter()
        for _ in range(steps):
            _, _, terminated, truncated, _ = environment.step(environment.action_space.sample())
            if terminated or truncated:
                environment.reset()
        environment.close()
        return time.perf_counter() - started > SLOW_STEP * steps


def _preprocess_images(environment: "Environment") -> "Environment":
    import gymnasium as gym
    from gymnasium.wrappers import FrameStackObservation, GrayscaleObservation, ResizeObservation

    space = environment.observation_space
    if not isinstance(space, gym.spaces.Box) or space.dtype != "uint8" or len(space.shape) != 3:
        return environment
    if min(space.shape[:2]) < MIN_PREPROCESSED_SIDE:
        return environment
    grayscale = GrayscaleObservation(environment) if space.shape[-1] == 3 else environment
    return FrameStackObservation(ResizeObservation(grayscale, SCREEN), STACKED_FRAMES)


def _is_registered(id: str) -> bool:
    import gymnasium as gym

    if id.startswith("ALE/"):
        try:
            import ale_py
        except ModuleNotFoundError as error:
            raise InputError(
                f"--data {id}: Atari needs the extra atari, whose package ale-py is under the GPL: "
                "pip install 'plexus-games[atari]'"
            ) from error
        gym.register_envs(ale_py)
    return id in gym.registry


def _require_registered(id: str) -> str:
    """Return the id, or raise an `InputError`."""
    import gymnasium as gym

    if not _is_registered(id):
        raise InputError(f"{unknown('environment', id, gym.registry)}; your own environment needs --import MODULE")
    return id


def _user_module(spec: "EnvSpec") -> str | None:
    """Return the module that the user named for an environment, else that of its class; None for Gymnasium's own."""
    entry = spec.entry_point if isinstance(spec.entry_point, str) else str(getattr(spec.entry_point, "__module__", ""))
    package = entry.partition(":")[0].partition(".")[0]
    if package in {"", "__main__", "gymnasium", "ale_py"}:
        return None
    return next((name for name in imported_user_modules() if name.partition(".")[0] == package), package)


def _make_copy(environment: EnvironmentSpec, modules: list[str]) -> "Environment":
    """Make a copy, in this process or in one of its own, where no module has been imported yet."""
    for module in modules:
        if module not in sys.modules:
            import_user_module(module)
    return environment.make()
