"""Recordings to spectrograms, and logits to words."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from plexus import InputError
from plexus.metrics.calibration import softmax
from plexus.prediction import LabelPrediction
from plexus_speech.features import HOP, in_window, mel_bands
from plexus_speech.recordings import UNKNOWN
from plexus_speech.sound_codec import SoundCodec

ALTERNATIVES = 3


class Word(LabelPrediction):
    """A word in a longer recording.

    Args:
        start, end: in seconds.
    """

    start: float
    end: float


class Heard(LabelPrediction):
    """The word that is heard; of longer recordings `words`, and the surest of them."""

    words: tuple[Word, ...] = ()

    def __str__(self) -> str:
        if not self.words:
            return super().__str__()
        return "  ".join(f"{word.start:.2f}-{word.end:.2f} {word.label} {word.probability:.0%}" for word in self.words)


class WordCodec(SoundCodec):
    """Recordings of any kind to `sound` `(n, frames, bands)`, and logits to calibrated words.

    Args:
        labels: the words, in the order of the network's outputs; what is none of them is the last output.
        rate: samples a second that all is resampled to.
        frames: that are heard at once.
        temperature: divides the logits (Guo et al. 2017).
        offset: added to the logit of its being unknown.
        heard: fingerprints of the recordings learned from.
    """

    def __init__(
        self,
        labels: Sequence[str],
        rate: int,
        frames: int,
        temperature: float = 1.0,
        offset: float = 0.0,
        heard: str = "",
    ) -> None:
        self.labels, self.rate, self.frames = list(labels), rate, frames
        self.temperature, self.offset, self.heard = temperature, offset, heard
        self._index = {label: i for i, label in enumerate([*self.labels, UNKNOWN])}

    @property
    def window(self) -> float:
        """Seconds that are heard at once."""
        return self.frames * HOP

    def encode_sounds(self, sounds: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """What is said in each, in the middle of a window: `sound`, on `features.compressed`'s scale."""
        bands = mel_bands(self.rate)
        each = [in_window(self.spectra(sound) @ bands, self.frames) for sound in sounds]
        return {"sound": np.stack(each) if each else np.zeros((0, self.frames, bands.shape[1]), np.float32)}

    def probabilities(self, outputs: dict[str, np.ndarray]) -> np.ndarray:
        """Of each word and, last, of none of them."""
        logits = outputs["logits"].astype(np.float64)
        logits[:, -1] += self.offset
        return softmax(logits, self.temperature)

    def decode(self, outputs: dict[str, np.ndarray]) -> list[Heard]:
        """The most probable word of each window, and the next best."""
        return [Heard(**self.fields(row)) for row in self.probabilities(outputs)]

    def fields(self, probabilities: np.ndarray) -> dict[str, Any]:
        """Label, probability and alternatives, by the probabilities of one window."""
        names = [*self.labels, UNKNOWN]
        best, *rest = np.argsort(-probabilities, kind="stable")[: ALTERNATIVES + 1]
        return {
            "label": names[best],
            "probability": round(float(probabilities[best]), 6),
            "alternatives": {names[i]: round(float(probabilities[i]), 6) for i in rest},
        }

    def targets(self, labels: Sequence[str]) -> np.ndarray:
        """The words' indices; of what is none of them the last.

        Raises:
            InputError: a label is not among those learned.
        """
        strange = next((label for label in labels if label not in self._index), None)
        if strange is not None:
            raise InputError(f"word {strange!r} is none of those that this model has learned: {', '.join(self.labels)}")
        return np.array([self._index[label] for label in labels], np.int32)

    def calibrated(self, temperature: float, offset: float) -> "WordCodec":
        """The same, its confidence and what it takes as unknown fitted."""
        return WordCodec(self.labels, self.rate, self.frames, temperature, offset, self.heard)

    def to_json(self) -> dict[str, Any]:
        """See `Codec.to_json`."""
        return {
            "labels": self.labels,
            "rate": self.rate,
            "frames": self.frames,
            "temperature": self.temperature,
            "offset": self.offset,
            "heard": self.heard,
        }
