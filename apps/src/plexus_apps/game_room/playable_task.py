"""Interface that the app requires of a task: episodes that are played step by step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

    from plexus import Codec, Predictor


class ValuePrediction(Protocol):
    """The prediction for one observation.

    Attributes:
        value: The return that the policy expects.
    """

    value: float


class PlayableEpisode(Protocol):
    """An episode under way; `Play.start_episode` of the games plugin returns one.

    Attributes:
        steps: Steps so far.
        total_reward: Sum of the rewards so far.
        done: Whether the episode has ended.
        frame: The current frame, shape `(height, width, 3)`.
    """

    steps: int
    total_reward: float
    done: bool
    frame: "np.ndarray | None"

    def step(self, action: int | None = None) -> tuple[ValuePrediction, float]:
        """Take a step.

        Args:
            action: Index of the person's action; None: the policy's action.

        Returns:
            The policy's prediction and the reward.
        """
        ...

    def close(self) -> None:
        """Close the environment."""
        ...


@runtime_checkable
class PlayableTask(Protocol):
    """A task whose policy plays episodes; `Play` of the games plugin is one."""

    def start_episode(self, predictor: "Predictor", codec: "Codec", seed: int, render: bool = False) -> PlayableEpisode:
        """Start an episode.

        Args:
            predictor: The network.
            codec: The codec.
            seed: Random seed.
            render: Whether frames are rendered.

        Returns:
            The episode.
        """
        ...

    def action_names(self, codec: "Codec") -> Sequence[str]:
        """Return the names of the discrete actions.

        Args:
            codec: The codec.

        Returns:
            One name per action; none if actions are continuous.
        """
        ...
