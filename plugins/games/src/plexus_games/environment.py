"""An environment, by the name that people type, checked before anything is learned."""

import inspect
import json
import os
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from plexus import InputError
from plexus.errors import unknown
from plexus.plugins.user_modules import import_own, own_modules

if TYPE_CHECKING:
    import gymnasium as gym

EXTRAS = ("mujoco",)
SMALL = 36
"""Pictures of fewer pixels a side are taken as they are: games drawn in cells, where every pixel tells something."""
SLOW = 0.005
"""Seconds a step, above which copies of an environment are worth a process each."""
RESERVED = {"id", "render_mode", "disable_env_checker", "num_envs", "vectorization_mode", "vector_kwargs", "wrappers"}
"""Arguments of `gymnasium.make` that Plexus gives itself."""
ID = re.compile(r"([\w-]+/)?[\w.-]+", re.ASCII)
"""The id of a registered environment, without a module."""
WORD = re.compile(r"[\w +-]{0,64}", re.ASCII)
"""The texts that a bundle may give to an environment: with neither slash, colon nor dot they name no file (MuJoCo's
`xml_file`), no address and no `module:name`, and are still all that a choice such as `map_name=8x8` needs."""


@dataclass(frozen=True)
class Environment:
    """A Gymnasium environment and the arguments that it is made with.

    Args:
        id: as registered: `CartPole-v1`, `ALE/Pong-v5`.
        arguments: of its constructor.
        module: that registers it, of an environment of the user's own; it is never imported from here.
        from_bundle: whether a bundle names it, and not the user: its arguments are checked before it is made.
    """

    id: str
    arguments: dict[str, Any] = field(default_factory=dict)
    module: str | None = None
    from_bundle: bool = False

    @classmethod
    def named(cls, data: str) -> Self:
        """The environment that the user names with `--data`: `ID`, `ID?argument=value&…`, or `module:ID` for one of the
        user's own, whose module is imported.

        Raises:
            InputError: there is none of that name; the line gives the nearest.
        """
        id, _, query = data.partition("?")
        module, _, name = id.rpartition(":")
        if module:
            import_own(module, f"--data {id}")
        environment = cls(_registered(name), _arguments(query))
        if reserved := RESERVED & environment.arguments.keys():
            raise InputError(f"--data {data}: {min(reserved)} is set by Plexus: leave it out")
        if environment.spec.entry_point is None:
            raise InputError(f"--data {data}: Gymnasium knows the name, and not how to make it")
        return cls(environment.id, environment.arguments, module or _module(environment.spec))

    @classmethod
    def from_json(cls, state: Any) -> Self:
        """The environment that a bundle names. The bundle may come from anyone: nothing is imported or made.

        Raises:
            InputError: it names anything but an environment by its id and arguments of plain values.
        """
        if not isinstance(state, dict) or not state.keys() <= {"id", "arguments", "module"}:
            raise InputError(
                f"the bundle's environment: an id, arguments and a module are expected, found {state!r}: "
                "take the bundle from its source again"
            )
        id, arguments, module = state.get("id"), state.get("arguments", {}), state.get("module")
        if not isinstance(id, str) or not ID.fullmatch(id):
            raise InputError(
                f"the bundle's environment: the id of a registered environment is expected, like CartPole-v1, "
                f"found {id!r}: a bundle cannot name a module to import; name a module of your own with --import"
            )
        if module is not None and not (isinstance(module, str) and module.replace(".", "_").isidentifier()):
            raise InputError(
                f"the bundle's environment {id}: the name of a module is expected, like my_worlds, found {module!r}: "
                "take the bundle from its source again"
            )
        if refusal := _refusal(arguments):
            raise InputError(f"the bundle's environment {id}: {refusal}")
        return cls(id, arguments, module, from_bundle=True)

    @classmethod
    def bundle_data(cls, data: str, module: str | None) -> str:
        """The `--data` that a bundle records, checked, and without a module: it is not imported.

        Args:
            data: as for `named`.
            module: that the bundle names elsewhere, if `data` names none.

        Raises:
            InputError: the user has not imported its module, it is not registered, or a bundle cannot give its
                arguments.
        """
        id, mark, query = data.partition("?")
        before, _, name = id.rpartition(":")
        environment = cls.from_json({"id": name, "arguments": _arguments(query), "module": before or module})
        if before and before not in sys.modules:
            raise environment._without_module()
        environment.check_arguments()
        return f"{name}{mark}{query}"

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs; the module is for information."""
        return {"id": self.id, "arguments": self.arguments} | ({"module": self.module} if self.module else {})

    @property
    def spec(self) -> Any:
        """Gymnasium's own description."""
        import gymnasium as gym

        return gym.spec(self._registered())

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
        copies = [partial(_copy, self, self._modules())] * count
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

    def check_arguments(self) -> None:
        """Check that a bundle may give the environment its arguments: constructors are code, and some read files.

        Allowed are plain values for what the constructor, or the registration, names; what only its `**kwargs` would
        take is not.

        Raises:
            InputError: it may not; the line says which argument.
        """
        from gymnasium.envs.registration import load_env_creator

        refusal = _refusal(self.arguments)
        if not refusal and self.arguments:
            spec = self.spec
            make = load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
            parameters = inspect.signature(make).parameters.values()
            kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
            names = {one.name for one in parameters if one.kind in kinds} | spec.kwargs.keys() | {"max_episode_steps"}
            strange = sorted(self.arguments.keys() - names)
            if strange:
                refusal = (
                    f"one of the arguments {', '.join(sorted(names - RESERVED))} is expected, found {strange[0]!r}"
                )
        if refusal:
            raise InputError(f"the bundle's environment {self.id}: {refusal}")
        self._registered()

    @cached_property
    def _metadata(self) -> dict[str, Any]:
        made = self.one()
        made.close()
        return dict(made.metadata)

    def _made(self, make: Any) -> Any:
        import gymnasium as gym

        try:
            if self.from_bundle:
                self.check_arguments()
            return make(self._registered())
        except InputError:
            raise
        except (gym.error.DependencyNotInstalled, ModuleNotFoundError) as error:
            package = next((extra for extra in EXTRAS if extra in str(error).lower()), None)
            cure = f"pip install 'plexus-suite[{package}]'" if package else "install what it names"
            raise InputError(f"--data {self.id} needs a package that is not installed ({error}): {cure}") from error
        except Exception as error:  # a constructor may raise anything
            raise InputError(f"--data {self.id}: {type(error).__name__}: {' '.join(str(error).split())}") from error

    def _registered(self) -> str:
        """The id.

        Raises:
            InputError: it is registered by a module that the user has not imported.
        """
        if self.module and not _is_registered(self.id):
            raise self._without_module()
        return _registered(self.id)

    def _without_module(self) -> InputError:
        return InputError(
            f"the environment {self.id} is of the module {self.module!r}, and a bundle cannot import it: if you trust "
            f"the module, name it with --import {self.module}, or import it in Python before plexus.load"
        )

    def _modules(self) -> list[str]:
        """What a process of its own imports: what the user has had imported in this one."""
        return [name for name in dict.fromkeys([*own_modules(), self.module]) if name and name in sys.modules]

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


def _is_registered(id: str) -> bool:
    import gymnasium as gym

    if id.startswith("ALE/"):
        import ale_py

        gym.register_envs(ale_py)
    return id in gym.registry


def _registered(id: str) -> str:
    """The id.

    Raises:
        InputError: there is no such environment.
    """
    import gymnasium as gym

    if not _is_registered(id):
        raise InputError(f"{unknown('environment', id, gym.registry)}; one of your own needs --import MODULE")
    return id


def _module(spec: Any) -> str | None:
    """The module that the user named for an environment, or else that of its class; None of Gymnasium's own."""
    entry = spec.entry_point if isinstance(spec.entry_point, str) else str(getattr(spec.entry_point, "__module__", ""))
    package = entry.partition(":")[0].partition(".")[0]
    if package in {"", "__main__", "gymnasium", "ale_py"}:
        return None
    return next((name for name in own_modules() if name.partition(".")[0] == package), package)


def _copy(environment: Environment, modules: list[str]) -> "gym.Env":
    """A copy, in this process or in one of its own, where nothing has been imported yet."""
    for module in modules:
        if module not in sys.modules:
            import_own(module)
    return environment.one()


def _refusal(arguments: Any) -> str | None:
    """Why a bundle cannot give an environment these arguments, whatever the environment; None if it can."""
    if not isinstance(arguments, dict):
        return f"arguments by name are expected, found {arguments!r}"
    for name, value in arguments.items():
        if name in RESERVED or not name.isidentifier():
            return f"{name!r} is not an argument that a bundle can give"
        if not isinstance(value, bool | int | float | str | None):
            return f"a number, a text or a truth value is expected for the argument {name}, found {value!r}"
        if isinstance(value, str) and not WORD.fullmatch(value):
            return f"a word is expected for the argument {name}, not what may be a path or an address, found {value!r}"
    return None


def _arguments(query: str) -> dict[str, Any]:
    return {name: _value(text) for name, text in parse_qsl(query)}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
