"""What the agent expected and preferred."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.report.figure import save_figure
from plexus_games.codec import Move, PolicyCodec
from plexus_games.episodes import steps

if TYPE_CHECKING:
    from plexus.task import Predictor

FRAMES = 8
MOST_ACTIONS = 18
"""As many as Atari has; the preferences of more cannot be told apart in a picture."""


def explain_episode(predictor: "Predictor", codec: PolicyCodec, seed: int, file: Path) -> Path:
    """Play an episode greedily, and draw it."""
    return draw_episode(list(steps(predictor, codec, seed, codec.environment.is_drawn)), codec, file)


def draw_episode(episode: list[tuple[Move, float, Any]], codec: PolicyCodec, file: Path) -> Path:
    """Draw an episode: frames, if it has any, the value and the reward so far, and what was preferred at each step."""
    from matplotlib.figure import Figure

    moves, rewards, frames = zip(*episode, strict=True)
    drawn = frames[0] is not None
    figure = Figure(figsize=(11, 7.5 if drawn else 5.5), layout="constrained")
    rows = figure.subfigures(3 if drawn else 2, 1, height_ratios=[1, 1, 1] if drawn else [1, 1])
    if drawn:
        _draw_frames(rows[0], frames)
    _draw_values(rows[-2], moves, rewards)
    _draw_preferences(rows[-1], moves, codec)
    figure.suptitle(f"{codec.environment.id}: an episode of {len(rewards)} steps, return {sum(rewards):.4g}")
    save_figure(figure, file)
    return file


def draw_move(move: Move, file: Path) -> Path:
    """Draw what the agent preferred, given one observation."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    heights = move.preferences if move.preferences is not None else np.atleast_1d(move.action).tolist()
    colours = ["#2a6fdb" if place == move.action else "#b9c0cb" for place in range(len(heights))]
    axes.bar(range(len(heights)), heights, color=colours)
    axes.set(title=str(move), xlabel="action", ylabel=_preference(move), xticks=range(len(heights)))
    save_figure(figure, file)
    return file


def _draw_frames(figure: Any, frames: tuple[np.ndarray, ...]) -> None:
    chosen = np.unique(np.linspace(0, len(frames) - 1, FRAMES).round().astype(int))
    for axes, step in zip(np.atleast_1d(figure.subplots(1, len(chosen))), chosen, strict=True):
        axes.imshow(frames[step])
        axes.set_title(f"step {step}", fontsize=9)
        axes.axis("off")


def _draw_values(figure: Any, moves: tuple[Move, ...], rewards: tuple[float, ...]) -> None:
    left, right = figure.subplots(1, 2, width_ratios=[2, 1])
    left.plot([move.value for move in moves], color="#2a6fdb")
    left.set(title="Value: the discounted return that the agent expects, in the scale it learned in", xlabel="step")
    right.plot(np.cumsum(rewards), color="#8a8f98")
    right.set(title="Reward so far", xlabel="step")


def _draw_preferences(figure: Any, moves: tuple[Move, ...], codec: PolicyCodec) -> None:
    axes = figure.subplots()
    if moves[0].preferences is None:
        for number, values in enumerate(np.array([move.action for move in moves]).T):
            axes.plot(values, label=f"action {number}", linewidth=1)
        axes.set(title="What the agent did", xlabel="step")
    else:
        preferences = np.array([move.preferences for move in moves])[:, :MOST_ACTIONS]
        labels = [f"action {codec.action['start'] + number}" for number in range(preferences.shape[1])]
        if _preference(moves[0]) == "probability":
            axes.stackplot(range(len(moves)), preferences.T, labels=labels, linewidth=0)
            axes.set(title="Probability of each action", xlabel="step", ylim=(0, 1))
        else:
            for values, label in zip((preferences - preferences.mean(axis=1, keepdims=True)).T, labels, strict=True):
                axes.plot(values, label=label, linewidth=1)
            axes.set(title="Value of each action, beside their mean", xlabel="step")
    axes.margins(x=0)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=8)


def _preference(move: Move) -> str:
    if move.preferences is None:
        return "what is done"
    probable = all(number >= 0 for number in move.preferences) and abs(sum(move.preferences) - 1) < 1e-6
    return "probability" if probable else "value"
