"""Pictures of what was heard."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.explain.occlusion import occlusion_map
from plexus_speech.codec import Heard, WordCodec
from plexus_speech.features import HOP, SILENCE, mel_centres
from plexus_speech.recordings import UNKNOWN

if TYPE_CHECKING:
    from plexus.task import Predictor

PATCH = 9, 8
"""Frames and bands that are hidden at once."""
SHOWN = 12


def write_explanation(predictor: "Predictor", codec: WordCodec, seen: np.ndarray, answer: Heard, to: Path) -> Path:
    """Write a PNG: the spectrogram `(frames, bands)`, and over it what the answer depends on.

    Args:
        seen: what the network heard.
        answer: what it said of it.
    """
    from matplotlib.figure import Figure

    worth = _worth(predictor, codec, seen, [*codec.labels, UNKNOWN].index(answer.label))
    figure = Figure(figsize=(9, 4), layout="constrained")
    given, marked = figure.subplots(1, 2, sharey=True)
    draw_spectrogram(given, seen, codec.rate)
    given.set_title("What was heard")
    draw_worth(figure, marked, seen, worth, codec.rate)
    marked.set_title(f"{answer.label}  {answer.probability:.1%}")
    marked.set_ylabel("")
    figure.savefig(to, dpi=100)
    return to


def draw_mistakes(
    sounds: np.ndarray, probabilities: np.ndarray, targets: np.ndarray, names: list[str], rate: int, to: Path
) -> None:
    """Write a PNG: the spectrograms `(n, frames, bands)` that were mistaken with most confidence."""
    from matplotlib.figure import Figure

    found = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(found != targets)
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:SHOWN]
    figure = Figure(figsize=(12, 7), layout="constrained")
    if not len(wrong):
        figure.text(0.5, 0.5, "no recording was mistaken", ha="center")
    for axes, row in zip(figure.subplots(3, 4).ravel(), [*wrong, *[-1] * SHOWN], strict=False):
        if row < 0:
            axes.set_axis_off()
            continue
        draw_spectrogram(axes, sounds[row], rate)
        axes.set_title(f"{names[targets[row]]}, taken for {names[found[row]]} ({probabilities[row].max():.0%})", size=9)
        axes.label_outer()
    figure.savefig(to, dpi=100)


def _worth(predictor: "Predictor", codec: WordCodec, seen: np.ndarray, label: int) -> np.ndarray:
    """What each place is worth to a label's log-probability."""

    def log_probability(sounds: np.ndarray) -> np.ndarray:
        return np.log(codec.probabilities(predictor({"sound": sounds[..., 0]}))[:, label] + 1e-9)

    return occlusion_map(log_probability, seen[..., None], SILENCE, PATCH, stride=3)


def draw_worth(figure: Any, axes: Any, seen: np.ndarray, worth: np.ndarray, rate: int) -> None:
    """A grey spectrogram, and over it what each place `(frames, bands)` is worth to an answer."""
    from matplotlib.cm import ScalarMappable

    draw_spectrogram(axes, seen, rate, cmap="gray")
    most = max(float(np.abs(worth).max()), 1e-9)
    # Where nothing depends on a place, the spectrogram is to be seen as it is.
    opacity = 0.8 * np.abs(worth.T) / most
    drawn = axes.imshow(worth.T, cmap="coolwarm", alpha=opacity, vmin=-most, vmax=most, **_placed(seen))
    figure.colorbar(
        ScalarMappable(drawn.norm, drawn.cmap), ax=axes, label="what hiding it costs the answer", shrink=0.9
    )


def draw_spectrogram(axes: Any, sound: np.ndarray, rate: int, cmap: str = "magma") -> None:
    """A spectrogram `(frames, bands)`, in seconds and hertz."""
    axes.imshow(sound.T, cmap=cmap, vmin=SILENCE, vmax=1, **_placed(sound))
    ticks = np.arange(0, sound.shape[1], 8)
    axes.set_yticks(ticks + 0.5, [f"{hertz:,.0f}" for hertz in mel_centres(rate)[ticks]])
    axes.set_xlabel("seconds")
    axes.set_ylabel("hertz")


def _placed(sound: np.ndarray) -> dict[str, Any]:
    return {"origin": "lower", "aspect": "auto", "extent": (0, len(sound) * HOP, 0, sound.shape[1])}
