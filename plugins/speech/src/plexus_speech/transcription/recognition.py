"""Transcription of recordings of any length."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.calibration import log_softmax
from plexus_speech.audio import RawRecording, read_blocks, to_int16
from plexus_speech.segmentation import split_at_pauses
from plexus_speech.spectrogram import hop_length
from plexus_speech.transcription.codec import TimedWord, Transcript, TranscriptCodec, output_steps

if TYPE_CHECKING:
    from plexus import Predictor

PAUSE_SECONDS, MAX_SECONDS = 0.6, 15.0
"""Silence between two segments, and the longest segment."""


def transcribe_recording(predictor: "Predictor", codec: TranscriptCodec, recording: RawRecording) -> Transcript:
    """Transcribe a recording of any length, one segment between two pauses at a time, in bounded memory.

    Args:
        predictor: The network.
        codec: The codec.
        recording: The recording.

    Returns:
        The transcript.

    Raises:
        InputError: If it cannot be read, or has no sound; the line names it.
    """
    words: list[TimedWord] = []
    for segment in split_at_pauses(read_blocks(recording, codec.rate), codec.rate, PAUSE_SECONDS, MAX_SECONDS):
        (logs,) = log_probabilities(predictor, codec, [to_int16(segment.samples)])
        words += codec.transcribe(logs, offset=segment.start).words
    return Transcript(
        text=" ".join(word.word for word in words),
        confidence=min((word.confidence for word in words), default=0.0),
        words=tuple(words),
    )


def log_probabilities(
    predictor: "Predictor", codec: TranscriptCodec, waveforms: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Compute the log-probabilities of letters.

    Args:
        predictor: The network.
        codec: The codec.
        waveforms: 16-bit samples of each recording; at least one.

    Returns:
        For each recording an array of shape `(steps, 1 + letters)`, without the steps of the padding.
    """
    logs = log_softmax(predictor(codec.encode_waveforms(waveforms))["logits"])
    frames = (len(waveform) // hop_length(codec.rate) + 1 for waveform in waveforms)
    return [row[: output_steps(count)] for row, count in zip(logs, frames, strict=True)]
