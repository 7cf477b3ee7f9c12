"""One episode, played step by step."""

from typing import TYPE_CHECKING, Self

import numpy as np

from plexus_games.action_prediction import ActionPrediction
from plexus_games.codec import PolicyCodec
from plexus_games.episodes import MAX_STEPS

if TYPE_CHECKING:
    from plexus import Predictor


class Episode:
    """An episode that is played by the greedy policy, or by a person who passes actions.

    Args:
        predictor: The network.
        codec: The codec.
        seed: Random seed.
        render: Whether frames are rendered.

    Attributes:
        steps: Steps so far.
        total_reward: Sum of the rewards so far: the return, once the episode is done.
        done: Whether the episode has ended.
        frame: The current frame, shape `(height, width, 3)`; None if frames are not rendered.

    Example:
        ```python
        with Episode(predictor, codec, seed=0) as episode:
            while not episode.done:
                prediction, reward = episode.step()
        ```
    """

    def __init__(self, predictor: "Predictor", codec: PolicyCodec, seed: int, render: bool = False) -> None:
        self._predictor, self._codec, self._render = predictor, codec, render
        self._environment = codec.environment.make(render)
        self._observation, _ = self._environment.reset(seed=seed)
        self.steps, self.total_reward, self.done = 0, 0.0, False
        self.frame = self._rendered()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def step(self, action: int | None = None) -> tuple[ActionPrediction, float]:
        """Take a step.

        Args:
            action: Index of a discrete action, counted from 0; None: the policy's action.

        Returns:
            The policy's prediction for the observation before the step, and the reward of the step.

        Raises:
            InputError: If the environment raises an error.
        """
        observations = np.asarray(self._observation)[None]
        outputs = self._predictor(self._codec.encode(observations))
        prediction = self._codec.decode(outputs, observations)[0]
        actions = outputs["action"] if action is None else np.array([action])
        environment_action = self._codec.environment_actions(actions)[0]
        self._observation, reward, terminated, truncated, _ = self._environment.step(environment_action)
        self.steps, self.total_reward = self.steps + 1, self.total_reward + float(reward)
        self.done = bool(terminated or truncated) or self.steps >= MAX_STEPS
        self.frame = self._rendered()
        return prediction, float(reward)

    def close(self) -> None:
        """Close the environment."""
        self._environment.close()

    def _rendered(self) -> np.ndarray | None:
        return np.asarray(self._environment.render()) if self._render else None
