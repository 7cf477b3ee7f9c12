"""Explanations: values and action preferences, of one observation or along an episode."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.report.colors import BLUE, GREY
from plexus.report.figure import save_figure
from plexus_games.action_prediction import ActionPrediction
from plexus_games.codec import PolicyCodec
from plexus_games.episode import Episode

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

    from plexus import Predictor

SHOWN_FRAMES = 8
MAX_SHOWN_ACTIONS = 18
"""Number of Atari's actions; more cannot be distinguished in a figure."""


@dataclass(frozen=True)
class StepRecord:
    """One step of an episode.

    Args:
        prediction: The policy's prediction.
        reward: The reward of the step.
        frame: The frame before the step, if frames are rendered.

    Example:
        ```python
        sum(record.reward for record in record_episode(predictor, codec, seed=0))
        ```
    """

    prediction: ActionPrediction
    reward: float
    frame: np.ndarray | None


def record_episode(predictor: "Predictor", codec: PolicyCodec, seed: int) -> list[StepRecord]:
    """Play an episode with the greedy policy.

    Args:
        predictor: The network.
        codec: The codec.
        seed: Random seed.

    Returns:
        Its steps, with frames if the environment renders them.
    """
    records = []
    with Episode(predictor, codec, seed, codec.environment.has_frames) as episode:
        while not episode.done:
            frame = episode.frame
            records.append(StepRecord(*episode.step(), frame))
    return records


def draw_episode(records: Sequence[StepRecord], codec: PolicyCodec, path: Path) -> Path:
    """Draw an episode: frames if there are any, value and cumulative reward, and action preferences at each step.

    Args:
        records: The steps.
        codec: The codec.
        path: PNG or SVG file to write.

    Returns:
        The file.
    """
    from matplotlib.figure import Figure

    frames = [record.frame for record in records if record.frame is not None]
    rewards = [record.reward for record in records]
    predictions = [record.prediction for record in records]
    figure = Figure(figsize=(10, 7.5 if frames else 5.5), layout="constrained")
    count = 3 if frames else 2
    rows = np.atleast_1d(np.asarray(figure.subfigures(count, 1, height_ratios=[1] * count)))
    if frames:
        _draw_frames(rows[0], frames)
    _draw_values(rows[-2], predictions, rewards)
    _draw_preferences(rows[-1], predictions, codec)
    figure.suptitle(f"{codec.environment.id}: an episode of {len(rewards)} steps, return {sum(rewards):.4g}")
    save_figure(figure, path)
    return path


def draw_action(prediction: ActionPrediction, path: Path) -> Path:
    """Draw the action preferences for one observation.

    Args:
        prediction: The prediction.
        path: PNG or SVG file to write.

    Returns:
        The file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    if prediction.preferences is not None:
        heights = prediction.preferences
    else:
        heights = np.ravel(np.asarray(prediction.action, float)).tolist()
    colors = [BLUE if index == prediction.action else GREY for index in range(len(heights))]
    axes.bar(range(len(heights)), heights, color=colors)
    label = _preference_label(prediction)
    axes.set(title=str(prediction), xlabel="action", ylabel=label, xticks=range(len(heights)))
    save_figure(figure, path)
    return path


def _draw_frames(figure: "FigureBase", frames: Sequence[np.ndarray]) -> None:
    steps = np.unique(np.linspace(0, len(frames) - 1, SHOWN_FRAMES).round().astype(int))
    for axes, step in zip(np.atleast_1d(figure.subplots(1, len(steps))), steps, strict=True):
        axes.imshow(frames[step])
        axes.set_title(f"step {step}", fontsize=9)
        axes.axis("off")


def _draw_values(figure: "FigureBase", predictions: Sequence[ActionPrediction], rewards: Sequence[float]) -> None:
    left, right = figure.subplots(1, 2, width_ratios=[2, 1])
    left.plot([prediction.value for prediction in predictions], color=BLUE)
    left.set(title="Value: expected discounted return, in the scale of the training", xlabel="step")
    right.plot(np.cumsum(rewards), color="#8a8f98")
    right.set(title="Cumulative reward", xlabel="step")


def _draw_preferences(figure: "FigureBase", predictions: Sequence[ActionPrediction], codec: PolicyCodec) -> None:
    axes = figure.subplots()
    if predictions[0].preferences is None or codec.is_factored:
        for index, values in enumerate(np.array([np.ravel(prediction.action) for prediction in predictions]).T):
            axes.plot(values, label=f"action {index}", linewidth=1)
        axes.set(title="Actions", xlabel="step")
    else:
        preferences = np.array([prediction.preferences for prediction in predictions])[:, :MAX_SHOWN_ACTIONS]
        labels = [f"action {codec.first_action + index}" for index in range(preferences.shape[1])]
        if _preference_label(predictions[0]) == "probability":
            axes.stackplot(range(len(predictions)), preferences.T, labels=labels, linewidth=0)
            axes.set(title="Probability of each action", xlabel="step", ylim=(0, 1))
        else:
            for values, label in zip((preferences - preferences.mean(axis=1, keepdims=True)).T, labels, strict=True):
                axes.plot(values, label=label, linewidth=1)
            axes.set(title="Advantage of each action over their mean", xlabel="step")
    axes.margins(x=0)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=9)


def _preference_label(prediction: ActionPrediction) -> str:
    preferences = prediction.preferences
    if preferences is None:
        return "action"
    total = sum(preferences)  # of several factors, 1 for each
    are_probabilities = all(0 <= number <= 1 for number in preferences) and abs(total - round(total)) < 1e-6
    return "probability" if are_probabilities else "value"
