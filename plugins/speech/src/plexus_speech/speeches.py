"""Transcripts of recordings of any length."""

from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.metrics.calibration import log_softmax
from plexus_speech.audio import heard_pieces
from plexus_speech.features import hop
from plexus_speech.recordings import in_16_bits
from plexus_speech.segments import segments
from plexus_speech.text_codec import TextCodec, Transcript, steps_of

if TYPE_CHECKING:
    from plexus.task import Predictor

PAUSE, LONGEST = 0.6, 15.0
"""Seconds of silence between two stretches that are heard on their own, and of one at most."""


def transcript_of(predictor: "Predictor", codec: TextCodec, raw: Any) -> Transcript:
    """What is said in a recording: each stretch between two pauses on its own, in bounded memory.

    Raises:
        InputError: it cannot be read, or there is nothing to hear; the line names it.
    """
    words = []
    for one in segments(heard_pieces(raw, codec.rate), codec.rate, PAUSE, LONGEST):
        logs = log_probabilities(predictor, codec, [in_16_bits(one.samples)])[0]
        words += codec.transcript(logs, after=one.start).words
    return Transcript(
        text=" ".join(word.word for word in words),
        confidence=min((word.confidence for word in words), default=0.0),
        words=tuple(words),
    )


def log_probabilities(predictor: "Predictor", codec: TextCodec, sounds: list[np.ndarray]) -> list[np.ndarray]:
    """Of each letter at each step `(steps, 1 + letters)`, of each sound in samples of 16 bits."""
    logs = log_softmax(predictor(codec.encode_sounds(sounds))["logits"])
    return [row[: steps_of(len(sound) // hop(codec.rate) + 1)] for row, sound in zip(logs, sounds, strict=True)]
