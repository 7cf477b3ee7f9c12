"""The state of an environment that is made of plain values, without running anybody's code to restore it."""

import json
from collections import deque
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

FUNCTIONS = FunctionType | BuiltinFunctionType | MethodType | partial
PLAIN = (bool, int, float, str, type(None))
SKIPPED = {"spec", "metadata", "observation_space", "action_space", "single_observation_space", "single_action_space"}
"""Attributes that are the same in every copy made with the same arguments."""


class UnsavableError(Exception):
    """The environment holds something that is not a plain value: a physics engine, an emulator, another process."""


def snapshot(environment: Any) -> np.ndarray:
    """Numbers, texts, arrays, generators and collections of these, in an environment and all that it wraps, as bytes.

    Raises:
        UnsavableError: it holds anything else.
    """
    return np.frombuffer(json.dumps(_packed(environment, set())).encode(), np.uint8)


def restore(environment: Any, state: np.ndarray) -> None:
    """Bring an environment made in the same way to a state that `snapshot` gave."""
    _unpack(environment, json.loads(state.tobytes()))


def _packed(thing: Any, within: set[int]) -> Any:
    """As JSON: a plain value as it is, all else as `{kind: content}`."""
    if isinstance(thing, PLAIN):
        return thing
    match thing:
        case np.ndarray() | np.generic() if thing.dtype != object:
            content = [np.asarray(thing).tobytes().hex(), str(thing.dtype), list(np.shape(thing))]
            return {"array" if isinstance(thing, np.ndarray) else "number": content}
        case np.random.Generator():
            return {"generator": _packed(thing.bit_generator.state, within)}
        case list() | tuple() | deque():
            return {type(thing).__name__: [_packed(item, within) for item in thing]}
        case dict():
            return {"dict": [[_packed(key, within), _packed(value, within)] for key, value in thing.items()]}
    if not _is_environment(thing) or id(thing) in within:
        raise UnsavableError(type(thing).__name__)
    own = {name: value for name, value in vars(thing).items() if name not in SKIPPED and not _is_fixed(value)}
    return {"environment": {name: _packed(value, within | {id(thing)}) for name, value in own.items()}}


def _unpack(thing: Any, packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    match kind:
        case "array" | "number":
            array = np.frombuffer(bytes.fromhex(content[0]), content[1]).reshape(content[2])
            return array.copy() if kind == "array" else array[()]
        case "generator":
            thing.bit_generator.state = _unpack(None, content)
            return thing
        case "environment":
            for name, value in content.items():
                setattr(thing, name, _unpack(getattr(thing, name, None), value))
            return thing
        case "dict":
            had = thing if isinstance(thing, dict) else {}
            pairs = [(_unpack(None, key), value) for key, value in content]
            return {key: _unpack(had.get(key), value) for key, value in pairs}
    had = (
        list(thing) if isinstance(thing, list | tuple | deque) and len(thing) == len(content) else [None] * len(content)
    )
    items = [_unpack(before, value) for before, value in zip(had, content, strict=True)]
    return deque(items, thing.maxlen) if kind == "deque" else tuple(items) if kind == "tuple" else items


def _is_environment(thing: Any) -> bool:
    import gymnasium as gym

    return isinstance(thing, gym.Env | gym.vector.SyncVectorEnv) or type(thing).__name__.endswith("VectorEnv")


def _is_fixed(value: Any) -> bool:
    """Spaces, functions and enumerations do not change as an environment is played."""
    import gymnasium as gym

    if isinstance(value, list | tuple) and value:
        return all(_is_fixed(item) for item in value)
    return isinstance(value, gym.Space | gym.envs.registration.EnvSpec | FUNCTIONS | Enum | type)
