"""A request to play episodes: an input of `plexus predict`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from plexus_games.options import EpisodeOptions
from plexus_games.video import video_path


@dataclass(frozen=True)
class EpisodeRequest:
    """Episodes that the greedy policy plays.

    Args:
        episodes: Number of episodes.
        seed: Random seed of the first episode; each following episode has the next.
        video: File to record them in.

    Example:
        ```python
        plexus.load("games.play/cartpole").predict([EpisodeRequest(episodes=3, seed=0)])
        ```
    """

    episodes: int
    seed: int
    video: Path | None = None

    @classmethod
    def from_options(cls, options: EpisodeOptions) -> Self:
        """Create the request of the command line.

        Args:
            options: The options.

        Returns:
            The request.

        Raises:
            InputError: If the video's file exists, or its suffix is not supported.
        """
        return cls(options.episodes, options.episode_seed, video_path(options.video) if options.video else None)
