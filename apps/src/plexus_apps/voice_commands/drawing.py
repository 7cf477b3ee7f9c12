"""Words over what was heard."""

from pathlib import Path
from typing import Any

import numpy as np

from plexus.data.audio import open_recording

BLUE, ORANGE = "#2a6fdb", "#d9822b"
SURE = 0.6
"""Words of a smaller probability are drawn in orange."""


def words_of(answer: dict[str, Any], seconds: float) -> list[tuple[float, float, str, float]]:
    """Start, end, word and probability of each word of an answer, of a recording that long; of the one word, if one."""
    if not answer.get("words"):
        return [(0.0, seconds, str(answer["label"]), float(answer["probability"]))] if "label" in answer else []
    names = [
        (one["start"], one["end"], one.get("word", one.get("label")), one.get("confidence", one.get("probability")))
        for one in answer["words"]
    ]
    return [(float(start), float(end), str(word), float(sure)) for start, end, word, sure in names]


def read_sound(recording: Path) -> tuple[np.ndarray, int]:
    """One channel `(n,)` and its rate.

    Raises:
        InputError: it is not in a format that is read.
    """
    with open_recording(recording, str(recording)) as file:
        return file.read(dtype="float32", always_2d=True).mean(axis=1), int(file.samplerate)


def draw_words(recording: Path, answer: dict[str, Any], to: Path) -> Path:
    """Write a PNG: the waveform with its words, and the spectrogram under it."""
    from matplotlib.figure import Figure

    samples, rate = read_sound(recording)
    seconds = len(samples) / rate
    figure = Figure(figsize=(10, 5), layout="constrained")
    wave, spectrogram = figure.subplots(2, 1, sharex=True)
    step = max(len(samples) // 4000, 1)
    cut = samples[: len(samples) // step * step].reshape(-1, step)
    times = np.arange(len(cut)) * step / rate
    wave.fill_between(times, cut.min(axis=1), cut.max(axis=1), color="#5b6675", linewidth=0)
    most = max(float(np.abs(samples).max()), 1e-6)
    wave.set(ylim=(-most * 1.1, most * 1.5), yticks=[], xlim=(0, seconds))
    wave.spines[["top", "right", "left"]].set_visible(False)
    spectrogram.specgram(
        samples, NFFT=min(512, len(samples)), Fs=rate, noverlap=min(384, len(samples) * 3 // 4), cmap="magma", vmin=-140
    )
    spectrogram.set(ylabel="hertz", xlabel="seconds", ylim=(0, min(rate / 2, 8000)))
    for start, end, word, sure in words_of(answer, seconds):
        colour = BLUE if sure >= SURE else ORANGE
        wave.axvspan(start, end, color=colour, alpha=0.18)
        wave.text(
            (start + end) / 2, most * 1.28, f"{word}\n{sure:.0%}", ha="center", va="center", color=colour, weight="bold"
        )
        for edge in (start, end):
            spectrogram.axvline(edge, color="white", linewidth=0.8, alpha=0.7)
    figure.savefig(to, dpi=100)
    return to
