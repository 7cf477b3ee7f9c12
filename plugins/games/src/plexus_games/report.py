"""Figures of a training: returns, and an episode of the trained policy."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.report.colors import BLUE, GREY
from plexus.report.figure import save_figure
from plexus_games.codec import PolicyCodec
from plexus_games.dataset import RECENT_EPISODES, EnvironmentDataset
from plexus_games.explain import draw_episode, record_episode
from plexus_games.video import video_writer

if TYPE_CHECKING:
    from plexus import Predictor


def draw_report(predictor: "Predictor", dataset: EnvironmentDataset, codec: PolicyCodec, folder: Path) -> None:
    """Write `returns.svg`, `episode.svg`, and `playing.gif` if the environment renders frames.

    Args:
        predictor: The network.
        dataset: The dataset.
        codec: The codec.
        folder: Folder to write to.
    """
    draw_returns(dataset, folder / "returns.svg")
    records = record_episode(predictor, codec, dataset.options.seed)
    draw_episode(records, codec, folder / "episode.svg")
    if codec.environment.has_frames:
        with video_writer(folder / "playing.gif", codec.environment) as write:
            for step, record in enumerate(records):
                if record.frame is not None:
                    write(record.frame, f"step {step}")


def draw_returns(dataset: EnvironmentDataset, path: Path) -> None:
    """Draw the return of each episode of the training, their moving mean, and when it reached the threshold.

    Args:
        dataset: The dataset.
        path: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.set(title="Return per training episode", xlabel="environment steps", ylabel="return")
    if len(dataset.episodes):
        steps, returns, _ = dataset.episodes.T
        axes.plot(steps, returns, ".", color=GREY, markersize=2, rasterized=True)
        axes.plot(steps, moving_mean(returns), color=BLUE, label=f"mean of the last {RECENT_EPISODES} episodes")
        threshold = dataset.environment.reward_threshold
        if threshold is not None:
            axes.axhline(threshold, color="#d9822b", linewidth=1, linestyle="--", label=f"threshold {threshold:g}")
            reached = steps_to_threshold(dataset.episodes, threshold)
            if reached is not None:
                axes.axvline(reached, color="#d9822b", linewidth=1, label=f"reached after {reached:,} steps")
        axes.legend(frameon=False, fontsize=9, loc="best")
    save_figure(figure, path)


def steps_to_threshold(episodes: np.ndarray, threshold: float) -> int | None:
    """Return the steps after which the mean return of the last 100 episodes first reached the threshold.

    Args:
        episodes: `EnvironmentDataset.episodes`.
        threshold: The threshold.

    Returns:
        The steps; None if it was not reached.
    """
    means = moving_mean(episodes[:, 1])
    reached = np.flatnonzero((means >= threshold) & (np.arange(len(means)) >= RECENT_EPISODES - 1))
    return int(episodes[reached[0], 0]) if len(reached) else None


def moving_mean(returns: np.ndarray) -> np.ndarray:
    """Return the mean of the last 100 returns up to each, or of as many as there are.

    Args:
        returns: Returns of shape `(n,)`.

    Returns:
        Means of shape `(n,)`.
    """
    sums = np.concatenate([[0.0], np.cumsum(returns)])
    last = np.arange(1, len(sums))
    first = np.maximum(last - RECENT_EPISODES, 0)
    return np.asarray((sums[last] - sums[first]) / (last - first))
