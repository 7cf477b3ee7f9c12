"""Figures of recordings with their words."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from plexus import InputError
from plexus.data.audio import open_recording
from plexus.inference.limits import input_limits
from plexus.report.colors import BLUE
from plexus.report.figure import INK

if TYPE_CHECKING:
    from plexus.codec import JsonObject

CONFIDENT_COLOR, UNCERTAIN_COLOR, WAVEFORM_COLOR = BLUE, "#d9822b", "#7a8698"
MIN_CONFIDENT = 0.6
"""Words of a lower probability have the color of uncertain ones."""
MAX_POINTS = 1000
"""Points of the drawn waveform."""
MAX_HERTZ = 8000
MAX_SECONDS = 3600.0
"""Longest recording that is drawn."""


class TimedWord(NamedTuple):
    """A word of a recording.

    Attributes:
        start: Start in seconds.
        end: End in seconds.
        word: The word.
        probability: Its probability, or its confidence in a transcript.

    Example:
        ```python
        [word.word for word in timed_words(prediction.model_dump(), seconds=2.0)]
        ```
    """

    start: float
    end: float
    word: str
    probability: float


def timed_words(prediction: "JsonObject", seconds: float) -> list[TimedWord]:
    """Return the words of a prediction of `speech.commands` or `speech.transcribe`.

    Args:
        prediction: The fields of the prediction.
        seconds: Length of the recording, the time of its only word if there is one.

    Returns:
        The words in order.
    """
    if not prediction.get("words"):
        if "label" not in prediction:
            return []
        return [TimedWord(0.0, seconds, prediction["label"], prediction["probability"])]
    return [
        TimedWord(word["start"], word["end"], word.get("word", word.get("label")), _probability(word))
        for word in prediction["words"]
    ]


def read_samples(recording: Path) -> tuple[np.ndarray, int]:
    """Read a recording at its own sampling rate.

    Args:
        recording: The file.

    Returns:
        One channel of float32 samples, shape `(n,)`, and the rate in hertz.

    Raises:
        InputError: If its format is not supported, or it is longer than `input_limits()` allow.
    """
    seconds = min(input_limits().seconds, MAX_SECONDS)
    with open_recording(recording, str(recording)) as opened:
        blocks, count = [np.zeros(0, np.float32)], 0
        for block in opened.blocks(opened.rate):
            blocks.append(block)
            count += len(block)
            if count > seconds * opened.rate:
                raise InputError(f"{recording.name} is longer than {seconds:g} s: cut it first")
        return np.concatenate(blocks), opened.rate


def draw_words(recording: Path, prediction: "JsonObject", path: Path) -> Path:
    """Draw the waveform with its words, and the spectrogram below.

    Args:
        recording: The recording.
        prediction: The fields of its prediction.
        path: PNG or SVG file to write.

    Returns:
        The file.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    samples, rate = read_samples(recording)
    seconds = len(samples) / rate
    figure = Figure(figsize=(10, 5), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    step = max(len(samples) // MAX_POINTS, 1)
    points = samples[: len(samples) // step * step].reshape(-1, step)
    times = np.arange(len(points)) * step / rate
    top.fill_between(times, points.min(axis=1), points.max(axis=1), color=WAVEFORM_COLOR, linewidth=0)
    peak = max(float(np.abs(samples).max()), 1e-6)
    top.set(ylim=(-peak * 1.1, peak * 1.5), yticks=[], xlim=(0, seconds))
    top.spines[["top", "right", "left"]].set_visible(False)
    window, overlap = min(512, len(samples)), min(384, len(samples) * 3 // 4)
    bottom.specgram(samples, NFFT=window, Fs=rate, noverlap=overlap, cmap="magma", vmin=-140)
    bottom.set(ylabel="hertz", xlabel="seconds", ylim=(0, min(rate / 2, MAX_HERTZ)))
    for start, end, word, probability in timed_words(prediction, seconds):
        color = CONFIDENT_COLOR if probability >= MIN_CONFIDENT else UNCERTAIN_COLOR
        top.axvspan(start, end, color=color, alpha=0.18)
        label, middle = f"{word}\n{probability:.0%}", (start + end) / 2
        top.text(middle, peak * 1.28, label, ha="center", va="center", color=INK, weight="bold")
        for time in (start, end):
            bottom.axvline(time, color="white", linewidth=0.8, alpha=0.7)
    save_figure(figure, path, dpi=100)
    return path


def _probability(word: "JsonObject") -> float:
    return float(word["confidence"] if "confidence" in word else word["probability"])
