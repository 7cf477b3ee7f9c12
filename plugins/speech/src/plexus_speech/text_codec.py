"""Recordings to spectrograms of any length, and letters at each moment to text."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from plexus.metrics.calibration import log_softmax
from plexus.prediction import Prediction
from plexus_speech.alphabet import indices, written
from plexus_speech.ctc import BLANK, aligned, greedy, prefix_beam
from plexus_speech.features import HOP, SILENCE, compressed, mel_bands
from plexus_speech.lexicon import Lexicon
from plexus_speech.sound_codec import SoundCodec

STRIDE = 2
"""Frames to one step of the network's output."""
WIDTH_STEP = 32
AFTER = 10
"""Frames of silence after the last sound, at least."""


class TimedWord(Prediction):
    """A word of a transcript.

    Args:
        start, end: in seconds; confidence: the mean probability of its letters where they are heard.
    """

    word: str
    start: float
    end: float
    confidence: float


class Transcript(Prediction):
    """What was read out; its confidence is that of the least sure word."""

    text: str
    confidence: float
    words: tuple[TimedWord, ...]

    def __str__(self) -> str:
        return f"{self.text}  {self.confidence:.1%}"


class TextCodec(SoundCodec):
    """Recordings to `sound` `(n, frames, bands)`, and logits of letters at each step to text.

    Args:
        alphabet: the letters, in the order of the network's outputs after the blank.
        rate: samples a second that all is resampled to.
        beam: prefixes that decoding keeps; 0: the most probable letter at each step.
        words: all that there are, if decoding is to know them.
        heard: fingerprints of the recordings learned from.
    """

    def __init__(
        self, alphabet: str, rate: int, beam: int, words: Sequence[str] | None = None, heard: str = ""
    ) -> None:
        self.alphabet, self.rate, self.beam, self.heard = alphabet, rate, beam, heard
        self.words = None if words is None else list(words)

    @cached_property
    def lexicon(self) -> Lexicon | None:
        """The words that there are, as a tree of letters."""
        if self.words is None:
            return None
        return Lexicon([indices(word, self.alphabet) for word in self.words], self.alphabet.index(" ") + 1)

    def encode_sounds(self, sounds: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Spectrograms on `features.compressed`'s scale, filled up with silence to one width: `sound`."""
        bands = mel_bands(self.rate)
        return {"sound": filled([compressed(self.spectra(sound) @ bands) for sound in sounds])}

    def decode(self, outputs: dict[str, np.ndarray]) -> list[Transcript]:
        """The text of each, with its words' times from the beginning of the sound."""
        return [self.transcript(logs) for logs in log_softmax(outputs["logits"])]

    def letters(self, logs: np.ndarray, beam: int | None = None) -> list[int]:
        """The letters' indices of one sound, from log-probabilities `(steps, 1 + letters)`."""
        beam = self.beam if beam is None else beam
        return prefix_beam(logs, beam, self.lexicon) if beam else greedy(logs)

    def transcript(self, logs: np.ndarray, after: float = 0.0) -> Transcript:
        """The text of one sound, its times from `after` seconds on."""
        letters = self.letters(logs)
        spans, text = aligned(logs, letters), written(letters, self.alphabet)
        sure = [float(np.exp(logs[a:b, letter].max())) for letter, (a, b) in zip(letters, spans, strict=True)]
        words, at = [], 0
        for word in text.split(" "):
            rows = slice(at, at + len(word))
            at += len(word) + 1
            if word:
                first, last = spans[rows][0][0], spans[rows][-1][1]
                words.append(
                    TimedWord(
                        word=word,
                        start=round(after + float(first) * STRIDE * HOP, 2),
                        end=round(after + float(last) * STRIDE * HOP, 2),
                        confidence=round(float(np.mean(sure[rows])), 6),
                    )
                )
        return Transcript(
            text=" ".join(word.word for word in words),
            confidence=min((word.confidence for word in words), default=round(float(np.exp(logs[:, BLANK].mean())), 6)),
            words=tuple(words),
        )

    def to_json(self) -> dict[str, Any]:
        """See `Codec.to_json`."""
        return {
            "alphabet": self.alphabet,
            "rate": self.rate,
            "beam": self.beam,
            "words": self.words,
            "heard": self.heard,
        }


def filled(sounds: Sequence[np.ndarray]) -> np.ndarray:
    """Spectrograms `(frames, bands)` of any length in one array, with silence after each."""
    width = -(-(max(map(len, sounds)) + AFTER) // WIDTH_STEP) * WIDTH_STEP
    whole = np.full((len(sounds), width, sounds[0].shape[1]), SILENCE, np.float32)
    for row, sound in zip(whole, sounds, strict=True):
        row[: len(sound)] = sound
    return whole


def steps_of(frames: int) -> int:
    """Steps of the network's output that so many frames have, with some of the silence after them."""
    return -(-(frames + AFTER) // STRIDE)
