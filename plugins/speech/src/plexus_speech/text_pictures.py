"""Pictures of what was read out."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.explain.occlusion import occlusion_map
from plexus.metrics.calibration import log_softmax
from plexus_speech.ctc import aligned
from plexus_speech.features import HOP, SILENCE
from plexus_speech.pictures import draw_spectrogram, draw_worth
from plexus_speech.recordings import sound_of
from plexus_speech.speeches import log_probabilities
from plexus_speech.text_codec import STRIDE, TextCodec

if TYPE_CHECKING:
    from plexus.task import Predictor

LONGEST = 10.0
"""Seconds from the beginning that are explained."""
PATCH, SHIFT = (20, 10), 5
"""Frames and bands that are hidden at once, and by how much the patch moves."""


def write_transcript(predictor: "Predictor", codec: TextCodec, raw: Any, to: Path) -> Path:
    """Write a PNG: the spectrogram with each word where it is heard, and what the text depends on."""
    from matplotlib.figure import Figure

    sound = sound_of(raw, codec.rate)[: int(LONGEST * codec.rate)]
    (logs,) = log_probabilities(predictor, codec, [sound])
    transcript, seen = codec.transcript(logs), codec.encode_sounds([sound])["sound"][0]
    frames = min(len(logs) * STRIDE, len(seen))
    worth = _worth(predictor, seen, codec.letters(logs))[:frames]
    figure = Figure(figsize=(min(4 + 1.5 * frames * HOP, 16), 6), layout="constrained")
    given, marked = figure.subplots(2, 1, sharex=True)
    draw_spectrogram(given, seen[:frames], codec.rate)
    given.set_xlabel("")
    for word in transcript.words:
        given.axvline(word.start, color="white", linewidth=0.8)
        given.text(word.start, seen.shape[1] + 0.7, f"{word.word}\n{word.confidence:.0%}", size=9)
    draw_worth(figure, marked, seen[:frames], worth, codec.rate)
    figure.savefig(to, dpi=100)
    return to


def _worth(predictor: "Predictor", seen: np.ndarray, letters: list[int]) -> np.ndarray:
    """What each place is worth to the log-probability of the letters, each where it was heard."""
    spans = aligned(log_softmax(predictor({"sound": seen[None]})["logits"])[0], letters)

    def log_probability(sounds: np.ndarray) -> np.ndarray:
        logs = log_softmax(predictor({"sound": sounds[..., 0]})["logits"])
        each = [logs[:, a:b, letter].max(axis=1) for letter, (a, b) in zip(letters, spans, strict=True)]
        return np.sum(each, axis=0) if each else logs[:, :, 0].sum(axis=1)

    return occlusion_map(log_probability, seen[..., None], SILENCE, PATCH, SHIFT)
