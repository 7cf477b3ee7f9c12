"""Action spaces: their descriptions in a bundle, and actions of a policy as the environment takes them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus.codec import JsonObject

if TYPE_CHECKING:
    import gymnasium as gym

LARGEST_BOUND = 1e15
"""Bounds beyond it, such as the largest float32, are none."""
SUPPORTED = "Discrete, MultiDiscrete, MultiBinary and Box"


def describe_actions(name: str, space: "gym.Space[Any]") -> JsonObject:
    """Describe an action space for a bundle.

    Args:
        name: Id of the environment, for messages.
        space: The space.

    Returns:
        The description; see `PolicyCodec`.

    Raises:
        InputError: If the space is not supported; the line names those that are.
    """
    import gymnasium as gym

    match space:
        case gym.spaces.Discrete():
            return {"kind": "discrete", "size": int(space.n), "start": int(space.start)}
        case gym.spaces.MultiDiscrete():
            sizes, starts = np.ravel(space.nvec).tolist(), np.ravel(space.start).tolist()
            return _factored(sizes, starts, space)
        case gym.spaces.MultiBinary():
            count = int(np.prod(space.shape))
            return _factored([2] * count, [0] * count, space)
        case gym.spaces.Box() if space.shape and 0 not in space.shape:
            return _continuous(space)
    raise InputError(
        f"--data {name}: the action space is {space}; supported are {SUPPORTED}: wrap the environment, for example in "
        "gymnasium.wrappers.TransformAction"
    )


def has_bounds(action: JsonObject) -> bool:
    """Return whether all dimensions of a continuous action are bounded on both sides.

    Args:
        action: The description.

    Returns:
        Whether they are.
    """
    return None not in action["low"] and None not in action["high"]


def scale_actions(action: JsonObject, actions: np.ndarray) -> np.ndarray:
    """Convert continuous actions of a policy to those of the environment.

    From -1 to 1 the policy's action covers the range of a dimension. Without bounds it is the environment's action;
    with one bound it is counted from there.

    Args:
        action: The description of the action.
        actions: Actions of shape `(n, dimensions)`.

    Returns:
        Actions of shape `(n, …)` within the bounds, of the environment's shape and type.
    """
    if has_bounds(action):
        low, high = np.asarray(action["low"], np.float32), np.asarray(action["high"], np.float32)
        scaled = low + (np.clip(actions, -1, 1).astype(np.float32) + 1) / 2 * (high - low)
    else:
        columns = zip(action["low"], action["high"], actions.T, strict=True)
        scaled = np.stack([_scale(low, high, column) for low, high, column in columns], axis=1)
    dtype = np.dtype(action.get("dtype", "float32"))
    scaled = np.rint(scaled) if dtype.kind in "iu" else scaled
    return np.asarray(scaled.reshape(len(actions), *action.get("shape", (-1,))).astype(dtype))


def _factored(sizes: list[int], starts: list[int], space: "gym.Space[Any]") -> JsonObject:
    return {
        "kind": "factored",
        "sizes": sizes,
        "starts": starts,
        "shape": list(space.shape or ()),
        "dtype": str(space.dtype),
    }


def _continuous(space: "gym.spaces.Box") -> JsonObject:
    low, high = ([_bound(value) for value in np.ravel(bounds).tolist()] for bounds in (space.low, space.high))
    description: JsonObject = {"kind": "continuous", "low": low, "high": high}
    if len(space.shape) == 1 and space.dtype == "float32":
        return description
    return description | {"shape": list(space.shape), "dtype": str(space.dtype)}


def _bound(value: float) -> float | None:
    return value if abs(value) < LARGEST_BOUND else None


def _scale(low: float | None, high: float | None, actions: np.ndarray) -> np.ndarray:
    if low is not None and high is not None:
        return np.asarray(low + (np.clip(actions, -1, 1) + 1) / 2 * (high - low))
    if low is not None:
        return np.asarray(low + np.maximum(actions + 1, 0))
    return np.asarray(actions if high is None else high - np.maximum(1 - actions, 0))
