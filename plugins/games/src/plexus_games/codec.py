"""Conversion between observations, arrays and actions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import Codec, InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus.metrics.calibration import softmax
from plexus_games.action_prediction import ActionPrediction
from plexus_games.action_spaces import describe_actions, has_bounds, scale_actions
from plexus_games.codec_state import PolicyState
from plexus_games.environment import EnvironmentSpec
from plexus_games.observation_spaces import describe_observations, flatten_observation

if TYPE_CHECKING:
    import gymnasium as gym


class PolicyCodec(Codec):
    """Observations to an array, and the network's outputs to actions.

    Args:
        environment: The environment.
        observation: Description of an observation: `kind` (`vector`, `image`, `discrete`), `shape` and `dtype`; for
            `discrete` also `size`, the number of observations, and `start`, the first; for a vector that was nested
            `space`, as of `plexus_games.observation_spaces`.
        action: Description of an action: `kind` (`discrete`, `factored`, `continuous`). For `discrete` `size` and
            `start`; for `factored` `sizes` and `starts` of each factor; for `continuous` `low` and `high` with one
            number per dimension, None where there is no bound. `shape` and `dtype`, where they are not one axis of
            float32.

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
        nested_space: "gym.Space[np.ndarray] | None" = None,
    ) -> Self:
        """Return the codec of an environment's spaces.

        Args:
            environment: The environment.
            observation_space: Its observation space.
            action_space: Its action space.
            nested_space: The observation space before it was flattened; None if it was not.

        Returns:
            The codec.

        Raises:
            InputError: If a space is not supported; the line names those that are.
        """
        return cls(
            environment,
            describe_observations(environment.id, observation_space, nested_space),
            describe_actions(environment.id, action_space),
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one observation."""
        return tuple(self.observation["shape"])

    @property
    def is_discrete(self) -> bool:
        """Whether an action is one of several."""
        return bool(self.action["kind"] == "discrete")

    @property
    def is_factored(self) -> bool:
        """Whether an action consists of several discrete ones."""
        return bool(self.action["kind"] == "factored")

    @property
    def has_bounds(self) -> bool:
        """Whether all dimensions of a continuous action are bounded."""
        return has_bounds(self.action)

    @property
    def action_size(self) -> int:
        """Number of discrete actions, of all factors together, or of dimensions of a continuous action."""
        if self.is_factored:
            return int(sum(self.action["sizes"]))
        return int(self.action["size"]) if self.is_discrete else len(self.action["low"])

    @property
    def factors(self) -> list[slice]:
        """Where the logits of each factor are."""
        ends = np.cumsum(self.action["sizes"]).tolist()
        return [slice(end - size, end) for end, size in zip(ends, self.action["sizes"], strict=True)]

    @property
    def first_action(self) -> int:
        """The first discrete action."""
        return int(self.action["start"])

    def encode(self, inputs: Sequence[Input] | np.ndarray) -> Arrays:
        """Convert observations.

        Args:
            inputs: Observations as `EnvironmentSpec.make` returns them, or lists of numbers; those of nested spaces may
                also be objects and lists, as the environment itself returns them.

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
        actions, preferences = self.environment_actions(outputs["action"]), outputs.get("action_values")
        if self.is_factored:
            preferences = np.concatenate([softmax(outputs["logits"][:, factor]) for factor in self.factors], axis=1)
        elif "logits" in outputs:
            preferences = softmax(outputs["logits"])
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
            actions: Indices of discrete actions, shape `(n,)` or `(n, factors)`, or continuous ones from -1 to 1, shape
                `(n, dimensions)`.

        Returns:
            What `step` of the environment takes, of shape `(n, …)`.
        """
        if self.is_discrete:
            return np.asarray(actions, np.int64) + self.first_action
        if not self.is_factored:
            return scale_actions(self.action, actions)
        chosen = np.asarray(actions, np.int64) + np.asarray(self.action["starts"], np.int64)
        return chosen.reshape(len(actions), *self.action["shape"]).astype(self.action["dtype"])

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
        if "space" in self.observation:
            return np.stack([self._flatten(observation) for observation in inputs])
        return np.stack([np.asarray(observation, dtype) for observation in inputs])

    def _flatten(self, observation: Input) -> np.ndarray:
        """Return an observation as a vector: it is one already, or nested."""
        if isinstance(observation, list | tuple | np.ndarray):
            try:
                vector = np.asarray(observation, self.observation["dtype"])
            except (ValueError, TypeError):
                pass  # a list of unequal parts
            else:
                if vector.shape == self.shape:
                    return vector
        return flatten_observation(self.observation["space"], observation, f"observation of {self.environment.id}")

    def _expected(self) -> str:
        expected = f"{int(np.prod(self.shape))} numbers of shape {self.shape}"
        if self.observation["kind"] == "discrete":
            start = self.observation["start"]
            expected = f"an integer from {start} to {start + self.observation['size'] - 1}"
        return f"expected an observation of {self.environment.id}: {expected}"
