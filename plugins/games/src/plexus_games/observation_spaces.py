"""Observation spaces: their descriptions in a bundle, and nested observations as one vector."""

from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus.codec import Input, JsonObject

if TYPE_CHECKING:
    import gymnasium as gym

MIN_IMAGE_SIDE = 3
"""Arrays of three axes with a shorter side are numbers, not images: the convolutions have kernels of this size."""
SUPPORTED = "Box (numbers or images), Discrete, MultiDiscrete, MultiBinary, and Dict and Tuple of these"


def is_nested(space: "gym.Space[Any]") -> bool:
    """Return whether observations of a space have to be flattened to one vector.

    Args:
        space: The space.

    Returns:
        Whether it is Dict, Tuple, MultiDiscrete, or a Box without axes, of parts that can be flattened.
    """
    import gymnasium as gym

    match space:
        case gym.spaces.Dict():
            return bool(space.spaces) and all(map(_can_flatten, space.spaces.values()))
        case gym.spaces.Tuple():
            return bool(space.spaces) and all(map(_can_flatten, space.spaces))
    return isinstance(space, gym.spaces.MultiDiscrete) or (isinstance(space, gym.spaces.Box) and space.shape == ())


def describe_observations(name: str, space: "gym.Space[Any]", original: "gym.Space[Any] | None" = None) -> JsonObject:
    """Describe an observation space for a bundle.

    Args:
        name: Id of the environment, for messages.
        space: The space of the observations that the codec gets.
        original: The space before it was flattened; None if it was not.

    Returns:
        The description; see `PolicyCodec`.

    Raises:
        InputError: If the space is not supported; the line names those that are.
    """
    import gymnasium as gym

    nested = {} if original is None else {"space": _describe_nested(original)}
    match space:
        case gym.spaces.Discrete():
            size, start = int(space.n), int(space.start)
            return {"kind": "discrete", "shape": [], "dtype": "int64", "size": size, "start": start}
        case gym.spaces.MultiBinary():
            return {"kind": "vector", "shape": list(space.shape), "dtype": "float32"}
        case gym.spaces.Box() if _is_image(space.shape):
            dtype = "uint8" if space.dtype == "uint8" else "float32"
            return {"kind": "image", "shape": list(space.shape), "dtype": dtype}
        case gym.spaces.Box() if space.shape and 0 not in space.shape:
            return {"kind": "vector", "shape": list(space.shape), "dtype": "float32"} | nested
    raise InputError(
        f"--data {name}: the observation space is {space}; supported are {SUPPORTED}: wrap the environment, for "
        "example in gymnasium.wrappers.TransformObservation"
    )


def flatten_observation(space: JsonObject, value: Input, place: str = "observation") -> np.ndarray:
    """Convert a nested observation to a vector, as `gymnasium.wrappers.FlattenObservation` does.

    It is not that function, which needs the space itself: a bundle has its description, and predicting needs NumPy
    alone.

    Args:
        space: Description of the space, from `describe_observations`.
        value: The observation: objects for Dict, lists for Tuple.
        place: Where the value stands, for messages.

    Returns:
        Array of shape `(n,)`.

    Raises:
        InputError: If the value is not of the space; the line names the part.
    """
    match space["type"]:
        case "dict":
            return _flatten_object(space["spaces"], value, place)
        case "tuple":
            return _flatten_list(space["spaces"], value, place)
        case "discrete":
            return _one_hot(value, space["size"], space["start"], place)
        case "multi_discrete":
            sizes = zip(space["sizes"], space["starts"], strict=True)
            parts = [{"type": "discrete", "size": size, "start": start} for size, start in sizes]
            return _flatten_list(parts, np.ravel(np.asarray(value, object)).tolist(), place)
    return _numbers(value, tuple(space["shape"]), place)


def _can_flatten(space: "gym.Space[Any]") -> bool:
    import gymnasium as gym

    leaves = gym.spaces.Box, gym.spaces.Discrete, gym.spaces.MultiDiscrete, gym.spaces.MultiBinary
    return isinstance(space, leaves) or is_nested(space)


def _is_image(shape: tuple[int, ...]) -> bool:
    if len(shape) != 3:
        return False
    sides = shape[1:] if shape[0] <= 4 < shape[-1] else shape[:2]
    return min(sides) >= MIN_IMAGE_SIDE and min(shape) > 0


def _describe_nested(space: "gym.Space[Any]") -> JsonObject:
    import gymnasium as gym

    match space:
        case gym.spaces.Dict():
            parts = {str(name): _describe_nested(part) for name, part in space.spaces.items()}
            return {"type": "dict", "spaces": parts}
        case gym.spaces.Tuple():
            return {"type": "tuple", "spaces": [_describe_nested(part) for part in space.spaces]}
        case gym.spaces.Discrete():
            return {"type": "discrete", "size": int(space.n), "start": int(space.start)}
        case gym.spaces.MultiDiscrete():
            sizes, starts = np.ravel(space.nvec).tolist(), np.ravel(space.start).tolist()
            return {"type": "multi_discrete", "sizes": sizes, "starts": starts}
    return {"type": "numbers", "shape": list(space.shape or ())}


def _flatten_object(spaces: JsonObject, value: Input, place: str) -> np.ndarray:
    if not isinstance(value, dict) or value.keys() != spaces.keys():
        actual = ", ".join(map(str, value)) if isinstance(value, dict) else repr(value)
        raise InputError(f"{place}: expected an object of {', '.join(spaces)}, got {actual}")
    return np.concatenate([flatten_observation(part, value[name], f"{place}.{name}") for name, part in spaces.items()])


def _flatten_list(spaces: list[JsonObject], value: Input, place: str) -> np.ndarray:
    if not isinstance(value, list | tuple | np.ndarray) or len(value) != len(spaces):
        raise InputError(f"{place}: expected a list of {len(spaces)}, got {value!r}")
    parts = zip(spaces, value, strict=True)
    return np.concatenate([flatten_observation(part, item, f"{place}[{i}]") for i, (part, item) in enumerate(parts)])


def _one_hot(value: Input, size: int, start: int, place: str) -> np.ndarray:
    is_integer = isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer())
    if not is_integer or not 0 <= int(value) - start < size:
        raise InputError(f"{place}: expected an integer from {start} to {start + size - 1}, got {value!r}")
    vector = np.zeros(size, np.float32)
    vector[int(value) - start] = 1
    return vector


def _numbers(value: Input, shape: tuple[int, ...], place: str) -> np.ndarray:
    try:
        numbers = np.asarray(value, np.float32)
    except (ValueError, TypeError) as error:
        raise InputError(f"{place}: expected numbers of shape {shape}, got {value!r}") from error
    if numbers.shape != shape:
        raise InputError(f"{place}: expected numbers of shape {shape}, got shape {numbers.shape}")
    return numbers.reshape(-1)
