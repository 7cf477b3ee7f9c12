"""Episodes that are played to be watched."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import Prediction
from plexus_games.codec import PolicyCodec
from plexus_games.episodes import steps
from plexus_games.options import PlayFlags
from plexus_games.video import video, video_file

if TYPE_CHECKING:
    from plexus.task import Predictor


@dataclass(frozen=True)
class Show:
    """What is to be played.

    Args:
        episodes: how many.
        seed: of the first; the next has the next.
        video: where to record them.
    """

    episodes: int
    seed: int
    video: Path | None = None

    @classmethod
    def asked(cls, flags: PlayFlags) -> Self:
        """What the flags ask for.

        Raises:
            InputError: the video's file exists, or its ending is none of a video.
        """
        return cls(flags.episodes, flags.play_seed, video_file(flags.video) if flags.video else None)


class Played(Prediction):
    """What came of a show: the return and the length of each episode, and where the video is."""

    mean_return: float
    returns: list[float]
    lengths: list[int]
    video: str | None = None

    def __str__(self) -> str:
        returns = ", ".join(f"{value:.1f}" for value in self.returns)
        return f"mean return {self.mean_return:.2f}  ({returns})" + (f"  {self.video}" if self.video else "")


def played(predictor: "Predictor", codec: PolicyCodec, show: Show) -> Played:
    """Play a show, and record it if that is asked for.

    Raises:
        InputError: the environment has no frames to record, or raised an error.
    """
    returns, lengths = [], []
    with video(show.video, codec.environment) as record:
        for number in range(show.episodes):
            total, length = 0.0, 0
            for _, reward, frame in steps(predictor, codec, show.seed + number, render=show.video is not None):
                record(frame, f"episode {number + 1}   step {length}   return {total:.4g}")
                total, length = total + reward, length + 1
            returns.append(total)
            lengths.append(length)
    mean = float(np.mean(returns))
    return Played(mean_return=mean, returns=returns, lengths=lengths, video=str(show.video) if show.video else None)
