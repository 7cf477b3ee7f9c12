"""What a training leaves to look at."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.report.figure import save_figure
from plexus_games.arena import LATEST, Arena
from plexus_games.codec import PolicyCodec
from plexus_games.episodes import steps
from plexus_games.explanation import draw_episode
from plexus_games.video import video

if TYPE_CHECKING:
    from plexus.task import Predictor


def draw_report(predictor: "Predictor", arena: Arena, codec: PolicyCodec, folder: Path) -> None:
    """Write `returns.png`, `episode.png`, and `playing.gif` where there are frames."""
    draw_returns(arena, folder / "returns.png")
    drawn = codec.environment.is_drawn
    episode = list(steps(predictor, codec, arena.options.seed, drawn))
    draw_episode(episode, codec, folder / "episode.png")
    if drawn:
        with video(folder / "playing.gif", codec.environment) as record:
            for step, (_, _, frame) in enumerate(episode):
                record(frame, f"step {step}")


def draw_returns(arena: Arena, file: Path) -> None:
    """Draw the return of each episode of the training, their moving mean, and when it was at the threshold."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.set(title="Returns in training, with exploration", xlabel="steps played", ylabel="return")
    if len(arena.episodes):
        steps, returns, _ = arena.episodes.T
        axes.plot(steps, returns, ".", color="#b9c0cb", markersize=2, rasterized=True)
        axes.plot(steps, moving_mean(returns), color="#2a6fdb", label=f"mean of the last {LATEST} episodes")
        threshold = arena.environment.spec.reward_threshold
        if threshold is not None:
            axes.axhline(threshold, color="#d9822b", linewidth=1, linestyle="--", label=f"threshold {threshold:g}")
            reached = steps_to(threshold, arena)
            if reached is not None:
                axes.axvline(reached, color="#d9822b", linewidth=1, label=f"reached after {reached:,} steps")
        axes.legend(frameon=False, fontsize=8, loc="best")
    save_figure(figure, file)


def steps_to(threshold: float, arena: Arena) -> int | None:
    """The steps played by when the mean return of the last 100 episodes was at the threshold first."""
    means = moving_mean(arena.episodes[:, 1])
    reached = np.flatnonzero((means >= threshold) & (np.arange(len(means)) >= LATEST - 1))
    return int(arena.episodes[reached[0], 0]) if len(reached) else None


def moving_mean(returns: np.ndarray) -> np.ndarray:
    """Of the last 100 at each place, or as many as there are."""
    sums = np.concatenate([[0.0], np.cumsum(returns)])
    last = np.arange(1, len(sums))
    first = np.maximum(last - LATEST, 0)
    return np.asarray((sums[last] - sums[first]) / (last - first))
