"""Detection of speech by its energy: trimming, and segmentation at pauses.

`librosa.effects.trim` and `split` need the whole recording in memory and one threshold below the peak; this works on
blocks, adapts to background noise, and prediction does not import librosa.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from plexus_speech.audio import RawRecording, read_recording, to_int16
from plexus_speech.spectrogram import HOP_SECONDS, hop_length, preemphasize

MAX_BELOW_PEAK, MIN_ABOVE_NOISE = 45.0, 6.0
"""Decibels: a frame is speech if it is no more below the loudest frame, and that much above the noise."""
MIN_DECIBELS = -85.0
"""Frames below this are never speech."""
PEAK_DECAY = 6.0
"""Decibels by which the peak of earlier blocks decays per block."""
MARGIN_SECONDS = 0.05
"""Seconds that are kept before and after speech."""
MIN_SECONDS = 0.06
"""Shorter segments are dropped."""


@dataclass(frozen=True)
class Segment:
    """A segment of speech.

    Args:
        samples: Samples of shape `(n,)`, with a margin before and after.
        start: Time of the first sample in the recording, in seconds.

    Example:
        ```python
        for segment in split_at_pauses(read_blocks(path, 16_000), 16_000, pause=0.2, max_seconds=2.0):
            print(segment.start)
        ```
    """

    samples: np.ndarray
    start: float


def trim(samples: np.ndarray, rate: int) -> np.ndarray:
    """Cut the silence before and after speech.

    Args:
        samples: Samples of shape `(n,)`.
        rate: Sampling rate in hertz.

    Returns:
        The samples between, with a margin; all samples if there is no speech.
    """
    energies = _frame_energies(samples, rate)
    speech = np.flatnonzero(_is_speech(energies, _peak(energies)))
    if not len(speech):
        return samples
    first, end = int(speech[0]), int(speech[-1]) + 1
    start = max(int((first * HOP_SECONDS - MARGIN_SECONDS) * rate), 0)
    return samples[start : int((end * HOP_SECONDS + MARGIN_SECONDS) * rate)]


def read_speech(recording: RawRecording, rate: int) -> np.ndarray:
    """Read a recording without the silence before and after speech.

    Args:
        recording: The recording.
        rate: Sampling rate to resample to, in hertz.

    Returns:
        16-bit samples of shape `(n,)`.

    Raises:
        InputError: If it cannot be read; the line names it.
    """
    return to_int16(trim(read_recording(recording, rate), rate))


def split_at_pauses(blocks: Iterable[np.ndarray], rate: int, pause: float, max_seconds: float) -> Iterator[Segment]:
    """Split a recording of any length into segments of speech, with one block and one segment in memory.

    Args:
        blocks: Blocks of the recording's samples, in order.
        rate: Sampling rate in hertz.
        pause: Seconds of silence that end a segment.
        max_seconds: Longer segments are cut where they are quietest.

    Yields:
        The segments, in order.
    """
    rest, offset, peak = np.zeros(0, np.float32), 0, -np.inf
    iterator = iter(blocks)
    block = next(iterator, None)
    while block is not None:
        following = next(iterator, None)
        samples = np.concatenate([rest, block])
        end, energies = 0, _frame_energies(samples, rate)
        peak = max(_peak(energies), peak - PEAK_DECAY)
        for first, last in _speech_spans(energies, peak, pause, max_seconds):
            if following is not None and last * hop_length(rate) > len(samples) - pause * rate:
                break  # it may continue in the next block
            start = max(int((first * HOP_SECONDS - MARGIN_SECONDS) * rate), end)
            end = min(int((last * HOP_SECONDS + MARGIN_SECONDS) * rate), len(samples))
            yield Segment(samples[start:end], (offset + start) / rate)
        remaining = len(samples) - end if following is not None else 0
        remaining = min(remaining, int((max_seconds + pause) * rate))
        rest, offset = samples[len(samples) - remaining :], offset + len(samples) - remaining
        block = following


def _speech_spans(energies: np.ndarray, peak: float, pause: float, max_seconds: float) -> list[tuple[int, int]]:
    """Return the first frame of each segment, and the frame after its last."""
    speech = np.flatnonzero(_is_speech(energies, peak))
    if not len(speech):
        return []
    gaps = np.flatnonzero(np.diff(speech) > pause / HOP_SECONDS)
    firsts, ends = speech[np.append(0, gaps + 1)], speech[np.append(gaps, len(speech) - 1)] + 1
    spans = [(int(a), int(b)) for a, b in zip(firsts, ends, strict=True) if b - a >= MIN_SECONDS / HOP_SECONDS]
    return [part for span in spans for part in _cut_span(energies, *span, int(max_seconds / HOP_SECONDS))]


def _cut_span(energies: np.ndarray, first: int, end: int, max_frames: int) -> Iterator[tuple[int, int]]:
    """Cut a span into parts of at most `max_frames`, at the quietest frame of their second half.

    No part is shorter than a segment may be, without the margin of the part before.
    """
    min_frames = round((MIN_SECONDS + MARGIN_SECONDS) / HOP_SECONDS) + 1  # the last frame is centred at the end
    while end - first > max_frames:
        middle = first + max_frames // 2
        cut = middle + int(np.argmin(energies[middle : min(first + max_frames, end - min_frames)])) + 1
        yield first, cut
        first = cut
    yield first, end


def _frame_energies(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the mean power of each frame in decibels."""
    size = 2 * hop_length(rate)
    padded = np.pad(preemphasize(samples), size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: hop_length(rate)]
    return np.asarray(10 * np.log10(np.einsum("fs,fs->f", frames, frames) / size + 1e-10))


def _peak(energies: np.ndarray) -> float:
    return float(np.percentile(energies, 98))


def _is_speech(energies: np.ndarray, peak: float) -> np.ndarray:
    noise = np.percentile(energies, 5)
    threshold = max(peak - MAX_BELOW_PEAK, min(noise + MIN_ABOVE_NOISE, peak - MIN_ABOVE_NOISE), MIN_DECIBELS)
    return np.asarray(energies > threshold)
