"""Snapshots of environments that consist of plain values; restoring one runs no code of the environment."""

import json
from collections import deque
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType

import numpy as np

FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, partial, np.ufunc)
PLAIN = (bool, int, float, str, type(None))
SKIPPED = {
    "spec", "metadata", "observation_space", "action_space", "single_observation_space", "single_action_space",
    "episode_start_times", "time_queue",
}  # fmt: skip
"""Attributes that are equal in all copies made with the same arguments, and times of the clock."""

Packed = bool | int | float | str | None | list["Packed"] | dict[str, "Packed"]


class UnsupportedStateError(Exception):
    """An environment holds something other than plain values: a physics engine, an emulator, another process."""


def take_snapshot(environment: object) -> np.ndarray:
    """Return the state of an environment and of all that it wraps.

    Args:
        environment: A Gymnasium environment or vector environment.

    Returns:
        Numbers, strings, arrays, random generators and collections of these, as bytes of shape `(n,)`.

    Raises:
        UnsupportedStateError: If it holds anything else.
    """
    return np.frombuffer(json.dumps(_pack(environment, set())).encode(), np.uint8)


def restore_snapshot(environment: object, state: np.ndarray) -> None:
    """Restore the state of an environment that was made with the same arguments.

    Args:
        environment: The environment.
        state: The result of `take_snapshot`.
    """
    _unpack(environment, json.loads(state.tobytes()))


def _pack(value: object, parents: set[int]) -> Packed:
    """Return a plain value as it is, everything else as `{kind: content}`."""
    if isinstance(value, PLAIN):
        return value
    match value:
        case np.ndarray() | np.generic() if value.dtype != object:
            content: list[Packed] = [np.asarray(value).tobytes().hex(), str(value.dtype), list(np.shape(value))]
            return {"array" if isinstance(value, np.ndarray) else "number": content}
        case np.random.Generator():
            return {"generator": _pack(value.bit_generator.state, parents)}
        case list() | tuple() | deque():
            return {type(value).__name__: [_pack(item, parents) for item in value]}
        case dict():
            return {"dict": [[_pack(key, parents), _pack(item, parents)] for key, item in value.items()]}
    if not _is_environment(value) or id(value) in parents:
        raise UnsupportedStateError(type(value).__name__)
    state = {name: item for name, item in vars(value).items() if name not in SKIPPED and not _is_constant(item)}
    return {"environment": {name: _pack(item, parents | {id(value)}) for name, item in state.items()}}


def _unpack(value: object, packed: Packed) -> object:
    """Return the packed value; environments and random generators are updated in place."""
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    if kind == "environment" and isinstance(content, dict):
        for name, item in content.items():
            setattr(value, name, _unpack(getattr(value, name, None), item))
        return value
    if kind == "generator":
        return _unpack_generator(value, content)
    if not isinstance(content, list):
        raise ValueError(f"a snapshot of {type(value).__name__} holds no {kind}")
    if kind in {"array", "number"}:
        return _unpack_array(content, kind)
    if kind == "dict":
        return _unpack_dictionary(value, content)
    return _unpack_sequence(value, content, kind)


def _unpack_generator(value: object, content: Packed) -> object:
    state = _unpack(None, content)
    if isinstance(value, np.random.Generator) and isinstance(state, dict):
        value.bit_generator.state = state
    return value


def _unpack_array(content: list[Packed], kind: str) -> object:
    text, dtype, shape = content
    if not isinstance(shape, list):
        raise TypeError("a snapshot's array has no shape")
    array = np.frombuffer(bytes.fromhex(str(text)), np.dtype(str(dtype))).reshape([int(str(size)) for size in shape])
    return array.copy() if kind == "array" else array[()]


def _unpack_dictionary(value: object, content: list[Packed]) -> object:
    before = value if isinstance(value, dict) else {}
    pairs = [(_unpack(None, pair[0]), pair[1]) for pair in content if isinstance(pair, list)]
    return {key: _unpack(before.get(key), item) for key, item in pairs}


def _unpack_sequence(value: object, content: list[Packed], kind: str) -> object:
    before: list[object] = [None] * len(content)
    if isinstance(value, list | tuple | deque) and len(value) == len(content):
        before = list(value)
    items = [_unpack(old, item) for old, item in zip(before, content, strict=True)]
    if kind == "deque":
        return deque(items, value.maxlen if isinstance(value, deque) else None)
    return tuple(items) if kind == "tuple" else items


def _is_environment(value: object) -> bool:
    import gymnasium as gym

    return isinstance(value, gym.Env | gym.vector.VectorEnv)


def _is_constant(value: object) -> bool:
    """Return whether playing leaves a value as it is: spaces, functions, enumerations; the dataset saves statistics."""
    import gymnasium as gym
    from gymnasium.wrappers.utils import RunningMeanStd

    if isinstance(value, list | tuple) and value:
        return all(_is_constant(item) for item in value)
    return isinstance(value, (gym.Space, gym.envs.registration.EnvSpec, RunningMeanStd, Enum, type, *FUNCTIONS))
