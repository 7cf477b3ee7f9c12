"""Conversion between observations, arrays and actions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import Codec, InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus.metrics.calibration import softmax
from plexus_games.action_prediction import ActionPrediction
from plexus_games.codec_state import PolicyState
from plexus_games.environment import EnvironmentSpec

if TYPE_CHECKING:
    import gymnasium as gym


class PolicyCodec(Codec):
    """Observations to an array, and the network's outputs to actions.

    Args:
        environment: The environment.
        observation: Description of an observation: `kind` (`vector`, `image`, `discrete`), `shape` and `dtype`; for
            `discrete` also `size`, the number of observations, and `start`, the first.
        action: Description of an action: `kind` (`discrete`, `continuous`); `size` and `start`, or `low` and `high`
            with one number per dimension.

    Example:
        ```python
        codec = PolicyCodec.fit(environment, vector.single_observation_space, vector.single_action_space)
        codec.encode([[0.0, 0.1, 0.02, -0.3]])["observation"].shape  # (1, 4)
        ```
    """

    state = PolicyState

    def __init__(self, environment: EnvironmentSpec, observation: JsonObject, action: JsonObject) -> None:
        self.environment, self.observation, self.action = environment, observation, action

    @classmethod
    def fit(
        cls,
        environment: EnvironmentSpec,
        observation_space: "gym.Space[np.ndarray]",
        action_space: "gym.Space[np.ndarray]",
    ) -> Self:
        """Return the codec of an environment's spaces.

        Args:
            environment: The environment.
            observation_space: Its observation space.
            action_space: Its action space.

        Returns:
            The codec.

        Raises:
            InputError: If a space is not supported; the line names those that are.
        """
        return cls(
            environment,
            _describe_observations(environment, observation_space),
            _describe_actions(environment, action_space),
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one observation."""
        return tuple(self.observation["shape"])

    @property
    def is_discrete(self) -> bool:
        """Whether actions are discrete."""
        return bool(self.action["kind"] == "discrete")

    @property
    def action_size(self) -> int:
        """Number of discrete actions, or of dimensions of a continuous one."""
        return int(self.action["size"]) if self.is_discrete else len(self.action["low"])

    @property
    def first_action(self) -> int:
        """The first discrete action."""
        return int(self.action["start"])

    def encode(self, inputs: Sequence[Input] | np.ndarray) -> Arrays:
        """Convert observations.

        Args:
            inputs: Observations as `EnvironmentSpec.make` returns them, or lists of numbers.

        Returns:
            `observation` of shape `(n, …)`.

        Raises:
            InputError: If an observation has another shape, is not finite or out of range.
        """
        try:
            array = self._to_array(inputs)
        except (ValueError, TypeError) as error:
            raise InputError(f"{self._expected()}: {error}") from error
        if array.shape[1:] != self.shape:
            raise InputError(f"{self._expected()}, got shape {array.shape[1:]}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise InputError(f"{self._expected()}, none of them NaN or infinite")
        if self.observation["kind"] == "discrete":
            array = (array - self.observation["start"]).astype(np.int32)
            if np.any((array < 0) | (array >= self.observation["size"])):
                raise InputError(self._expected())
        return {"observation": array}

    def decode(self, outputs: Arrays, inputs: Sequence[Input] | np.ndarray) -> list[ActionPrediction]:
        """Convert the network's outputs to predictions.

        Args:
            outputs: The network's outputs by name.
            inputs: Not used.

        Returns:
            One prediction per observation.
        """
        actions = self.environment_actions(outputs["action"])
        preferences = softmax(outputs["logits"]) if "logits" in outputs else outputs.get("action_values")
        return [
            ActionPrediction(
                action=action.tolist(),
                value=float(value),
                preferences=None if preferences is None else preferences[row].tolist(),
            )
            for row, (action, value) in enumerate(zip(actions, outputs["value"], strict=True))
        ]

    def environment_actions(self, actions: np.ndarray) -> np.ndarray:
        """Convert actions of a policy to those of the environment.

        Args:
            actions: Indices of discrete actions, shape `(n,)`, or continuous ones from -1 to 1, shape
                `(n, dimensions)`.

        Returns:
            What `step` of the environment takes, of the same shape.
        """
        if self.is_discrete:
            return np.asarray(actions, np.int64) + self.first_action
        low, high = np.asarray(self.action["low"], np.float32), np.asarray(self.action["high"], np.float32)
        return np.asarray(low + (np.clip(actions, -1, 1).astype(np.float32) + 1) / 2 * (high - low))

    def to_json(self) -> JsonObject:
        """Return the environment and the descriptions of its spaces.

        Returns:
            The object that `from_json` takes.
        """
        return {"environment": self.environment.to_json(), "observation": self.observation, "action": self.action}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`; the environment is neither imported nor made.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.

        Raises:
            InputError: If it names a module to import, or an argument that a bundle must not set.
        """
        return cls(EnvironmentSpec.from_json(state["environment"]), state["observation"], state["action"])

    def _to_array(self, inputs: Sequence[Input] | np.ndarray) -> np.ndarray:
        dtype = self.observation["dtype"]
        if isinstance(inputs, np.ndarray):
            return np.array(inputs, dtype)
        return np.stack([np.asarray(observation, dtype) for observation in inputs])

    def _expected(self) -> str:
        expected = f"{int(np.prod(self.shape))} numbers of shape {self.shape}"
        if self.observation["kind"] == "discrete":
            start = self.observation["start"]
            expected = f"an integer from {start} to {start + self.observation['size'] - 1}"
        return f"expected an observation of {self.environment.id}: {expected}"


def _describe_observations(environment: EnvironmentSpec, space: "gym.Space[np.ndarray]") -> JsonObject:
    import gymnasium as gym

    match space:
        case gym.spaces.Discrete():
            size, start = int(space.n), int(space.start)
            return {"kind": "discrete", "shape": [], "dtype": "int64", "size": size, "start": start}
        case gym.spaces.MultiBinary():
            return {"kind": "vector", "shape": list(space.shape), "dtype": "float32"}
        case gym.spaces.Box() if len(space.shape) == 3:
            dtype = "uint8" if space.dtype == "uint8" else "float32"
            return {"kind": "image", "shape": list(space.shape), "dtype": dtype}
        case gym.spaces.Box() if space.shape:
            return {"kind": "vector", "shape": list(space.shape), "dtype": "float32"}
    raise InputError(
        f"--data {environment.id}: the observation space is {space}; supported are Box (numbers or images), Discrete "
        "and MultiBinary: wrap the environment, for example in gymnasium.wrappers.FlattenObservation"
    )


def _describe_actions(environment: EnvironmentSpec, space: "gym.Space[np.ndarray]") -> JsonObject:
    import gymnasium as gym

    match space:
        case gym.spaces.Discrete():
            return {"kind": "discrete", "size": int(space.n), "start": int(space.start)}
        case gym.spaces.Box() if (
            len(space.shape) == 1 and np.isfinite(space.low).all() and np.isfinite(space.high).all()
        ):
            return {"kind": "continuous", "low": space.low.tolist(), "high": space.high.tolist()}
    raise InputError(
        f"--data {environment.id}: the action space is {space}; supported are Discrete, and Box with one axis and "
        "finite bounds: wrap the environment, for example in gymnasium.wrappers.TransformAction"
    )
