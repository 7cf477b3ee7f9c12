"""Detection of words in recordings of any length."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from plexus_speech.audio import RawRecording, read_blocks, to_int16
from plexus_speech.codec import CommandCodec, CommandPrediction, DetectedWord
from plexus_speech.recordings import UNKNOWN
from plexus_speech.segmentation import Segment, split_at_pauses, trim

if TYPE_CHECKING:
    from plexus import Predictor

PAUSE_SECONDS = 0.15
"""Silence that ends a word."""
MAX_WINDOWS = 1.6
"""Longest word, as a multiple of the network's window; the middle of it is classified."""
BATCH_SIZE = 128
"""Words that are classified at once."""


def detect_words(predictor: "Predictor", codec: CommandCodec, recording: RawRecording) -> CommandPrediction:
    """Classify the words of a recording of any length, in bounded memory.

    Args:
        predictor: The network.
        codec: The codec.
        recording: The recording.

    Returns:
        The word of a recording that fits one window; of a longer one the most confident word, and all words.

    Raises:
        InputError: If it cannot be read, or has no sound; the line names it.
    """
    words = [word for word, _ in _classified_segments(predictor, codec, recording)]
    best = max(words, key=_confidence)
    return CommandPrediction(
        label=best.label,
        probability=best.probability,
        alternatives=best.alternatives,
        words=tuple(words) if len(words) > 1 else (),
    )


def most_confident_word(
    predictor: "Predictor", codec: CommandCodec, recording: RawRecording
) -> tuple[np.ndarray, DetectedWord]:
    """Return the most confident word of a recording, and the network's input for it.

    Args:
        predictor: The network.
        codec: The codec.
        recording: The recording.

    Returns:
        The spectrogram of shape `(frames, bands)`, and the word.

    Raises:
        InputError: If it cannot be read, or has no sound; the line names it.
    """
    classified = _classified_segments(predictor, codec, recording)
    word, segment = max(classified, key=lambda pair: _confidence(pair[0]))
    return codec.encode_waveforms([to_int16(segment.samples)])["sound"][0], word


def _confidence(word: DetectedWord) -> tuple[bool, float]:
    """Rank words of the model before unknown ones."""
    return word.label != UNKNOWN, word.probability


def _classified_segments(
    predictor: "Predictor", codec: CommandCodec, recording: RawRecording
) -> Iterator[tuple[DetectedWord, Segment]]:
    segments = _segments(codec, recording)
    while batch := list(itertools.islice(segments, BATCH_SIZE)):
        arrays = codec.encode_waveforms([to_int16(segment.samples) for segment in batch])
        for segment, probabilities in zip(batch, codec.probabilities(predictor(arrays)), strict=True):
            end = segment.start + len(segment.samples) / codec.rate
            times = {"start": round(segment.start, 2), "end": round(end, 2)}
            yield DetectedWord.from_probabilities(codec.labels, probabilities, **times), segment


def _segments(codec: CommandCodec, recording: RawRecording) -> Iterator[Segment]:
    """Return all speech of a recording as one segment if it fits a window, otherwise the segments between pauses."""
    rate, blocks = codec.rate, read_blocks(recording, codec.rate)
    max_seconds = MAX_WINDOWS * codec.window_seconds
    first = next(blocks)
    second = next(blocks, None)
    speech = trim(first, rate)
    if second is None and len(speech) <= max_seconds * rate:
        yield Segment(speech, 0.0)
        return
    all_blocks = itertools.chain([first], [] if second is None else [second], blocks)
    segments = split_at_pauses(all_blocks, rate, PAUSE_SECONDS, max_seconds)
    yield next(segments, Segment(speech, 0.0))
    yield from segments
