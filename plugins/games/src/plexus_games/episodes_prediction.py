"""The result of playing episodes."""

from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import Prediction
from plexus_games.codec import PolicyCodec
from plexus_games.episode import Episode
from plexus_games.episode_request import EpisodeRequest
from plexus_games.video import video_writer

if TYPE_CHECKING:
    from plexus import Predictor


class EpisodesPrediction(Prediction):
    """Returns of the episodes of a request.

    Attributes:
        mean_return: Mean of the returns.
        returns: Return of each episode.
        lengths: Length of each episode in steps.
        video: File that they are recorded in.

    Example:
        ```python
        EpisodesPrediction.play(predictor, codec, EpisodeRequest(episodes=3, seed=0)).mean_return
        ```
    """

    mean_return: float
    returns: list[float]
    lengths: list[int]
    video: str | None = None

    @classmethod
    def play(cls, predictor: "Predictor", codec: PolicyCodec, request: EpisodeRequest) -> Self:
        """Play the episodes, and record them if the request has a video.

        Args:
            predictor: The network.
            codec: The codec.
            request: The request.

        Returns:
            The result.

        Raises:
            InputError: If the environment renders no frames to record, or raises an error.
        """
        returns, lengths = [], []
        with video_writer(request.video, codec.environment) as write:
            for number in range(request.episodes):
                with Episode(predictor, codec, request.seed + number, render=request.video is not None) as episode:
                    while not episode.done:
                        caption = f"episode {number + 1}   step {episode.steps}   return {episode.total_reward:.4g}"
                        if episode.frame is not None:
                            write(episode.frame, caption)
                        episode.step()
                returns.append(episode.total_reward)
                lengths.append(episode.steps)
        video = str(request.video) if request.video else None
        return cls(mean_return=float(np.mean(returns)), returns=returns, lengths=lengths, video=video)

    def __str__(self) -> str:
        returns = ", ".join(f"{value:.1f}" for value in self.returns)
        return f"mean return {self.mean_return:.2f}  ({returns})" + (f"  {self.video}" if self.video else "")
