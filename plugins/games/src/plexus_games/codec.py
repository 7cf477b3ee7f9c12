"""Between an environment's observations and actions, and the arrays of a network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from plexus import Codec, InputError, Prediction
from plexus.metrics.calibration import softmax
from plexus_games.environment import Environment

if TYPE_CHECKING:
    from plexus.codec import Arrays


class Move(Prediction):
    """What the agent does, and what it expects of it.

    Attributes:
        action: the number of a discrete action, or the numbers of a continuous one.
        value: the discounted return that the agent expects from here on.
        preferences: of discrete actions: their probabilities (PPO), or the returns expected of each (DQN, PQN).
    """

    action: int | list[float]
    value: float
    preferences: list[float] | None = None

    def __str__(self) -> str:
        action = self.action if isinstance(self.action, int) else [round(number, 4) for number in self.action]
        return f"action {action}  (value {self.value:.3f})"


class PolicyCodec(Codec):
    """Observations to an array; the network's outputs to moves.

    Args:
        environment: that is played.
        observation: `kind` (`vector`, `picture`, `discrete`), `shape` and `dtype` of one observation; of a discrete one
            `size`, how many there are, and `start`, the first.
        action: `kind` (`discrete`, `continuous`); `size` and `start`, or `low` and `high`, one number a dimension.
    """

    def __init__(self, environment: Environment, observation: dict[str, Any], action: dict[str, Any]) -> None:
        self.environment, self.observation, self.action = environment, observation, action

    @classmethod
    def of(cls, environment: Environment, observation: Any, action: Any) -> Self:
        """The codec for an environment's spaces.

        Raises:
            InputError: a space is of a kind that is not supported; the line says which are.
        """
        return cls(environment, _describe_observation(environment, observation), _describe_action(environment, action))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one observation."""
        return tuple(self.observation["shape"])

    @property
    def is_discrete(self) -> bool:
        """Whether an action is one of a few."""
        return bool(self.action["kind"] == "discrete")

    def encode(self, raws: Sequence[Any]) -> "Arrays":
        """Observations as they come from the environment (prepared as `Environment.one` does), or lists of numbers."""
        try:
            array = np.stack([np.asarray(raw, self.observation["dtype"]) for raw in raws])
        except (ValueError, TypeError) as error:
            raise InputError(f"an observation of {self.environment.id} is {self._wanted()}: {error}") from error
        if array.shape[1:] != self.shape:
            raise InputError(
                f"an observation of {self.environment.id} is {self._wanted()}, not of shape {array.shape[1:]}"
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise InputError(
                f"an observation of {self.environment.id} is {self._wanted()}, none of them NaN or infinite"
            )
        if self.observation["kind"] == "discrete":
            array = (array - self.observation["start"]).astype(np.int32)
            if np.any((array < 0) | (array >= self.observation["size"])):
                raise InputError(f"an observation of {self.environment.id} is {self._wanted()}")
        return {"observation": array}

    def decode(self, outputs: "Arrays") -> list[Move]:
        """One move a row."""
        actions = self.actions(outputs["action"])
        preferences = self._preferences(outputs)
        return [
            Move(
                action=action.tolist(),
                value=float(value),
                preferences=None if preferences is None else preferences[row].tolist(),
            )
            for row, (action, value) in enumerate(zip(actions, outputs["value"], strict=True))
        ]

    def actions(self, chosen: np.ndarray) -> np.ndarray:
        """What `step` takes, of the network's `action`: `(n,)`, or `(n, dimensions)` from -1 to 1."""
        if self.is_discrete:
            return np.asarray(chosen, np.int64) + self.action["start"]
        low, high = np.asarray(self.action["low"], np.float32), np.asarray(self.action["high"], np.float32)
        return low + (np.clip(chosen, -1, 1).astype(np.float32) + 1) / 2 * (high - low)

    def to_json(self) -> dict[str, Any]:
        """The environment and its spaces."""
        return {"environment": self.environment.to_json(), "observation": self.observation, "action": self.action}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of that environment, which is neither imported nor made.

        Raises:
            InputError: it names a module, or an argument that a bundle cannot give.
        """
        return cls(Environment.from_json(state["environment"]), state["observation"], state["action"])

    def _preferences(self, outputs: "Arrays") -> np.ndarray | None:
        if "logits" in outputs:
            return softmax(outputs["logits"])
        return outputs.get("action_values")

    def _wanted(self) -> str:
        if self.observation["kind"] == "discrete":
            start = self.observation["start"]
            return f"a whole number from {start} to {start + self.observation['size'] - 1}"
        return f"{int(np.prod(self.shape))} numbers of shape {self.shape}"


def _describe_observation(environment: Environment, space: Any) -> dict[str, Any]:
    import gymnasium as gym

    match space:
        case gym.spaces.Discrete():
            size, start = int(space.n), int(space.start)
            return {"kind": "discrete", "shape": [], "dtype": "int64", "size": size, "start": start}
        case gym.spaces.MultiBinary():
            return {"kind": "vector", "shape": list(space.shape), "dtype": "float32"}
        case gym.spaces.Box() if len(space.shape) == 3:
            return {
                "kind": "picture",
                "shape": list(space.shape),
                "dtype": "uint8" if space.dtype == "uint8" else "float32",
            }
        case gym.spaces.Box() if space.shape:
            return {"kind": "vector", "shape": list(space.shape), "dtype": "float32"}
    raise InputError(
        f"--data {environment.id}: observations are {space}; supported are Box (numbers or pictures), Discrete and "
        "MultiBinary: wrap the environment, say in gymnasium.wrappers.FlattenObservation"
    )


def _describe_action(environment: Environment, space: Any) -> dict[str, Any]:
    import gymnasium as gym

    match space:
        case gym.spaces.Discrete():
            return {"kind": "discrete", "size": int(space.n), "start": int(space.start)}
        case gym.spaces.Box() if (
            len(space.shape) == 1 and np.isfinite(space.low).all() and np.isfinite(space.high).all()
        ):
            return {"kind": "continuous", "low": space.low.tolist(), "high": space.high.tolist()}
    raise InputError(
        f"--data {environment.id}: actions are {space}; supported are Discrete, and Box of one axis with finite "
        "bounds: wrap the environment, say in gymnasium.wrappers.TransformAction"
    )
