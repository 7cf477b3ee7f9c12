"""Where in a recording someone speaks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from plexus_speech.features import HOP, emphasised, hop

QUIETER, LOUDER = 45.0, 6.0
"""Decibels below the loudest, and above the noise, from which on it is speech."""
FORGOTTEN = 6.0
"""Decibels by which what was loud counts less, from piece to piece."""
MARGIN = 0.05
SHORTEST = 0.06


@dataclass(frozen=True)
class Segment:
    """A stretch of speech.

    Args:
        samples: `(n,)`, with a little before and after.
        start: of the samples in the recording, in seconds.
    """

    samples: np.ndarray
    start: float


def trimmed(samples: np.ndarray, rate: int) -> np.ndarray:
    """A recording without the silence before and after."""
    energies = _energies(samples, rate)
    spoken = np.flatnonzero(_is_speech(energies, _loudest(energies)))
    return _between(samples, rate, int(spoken[0]), int(spoken[-1]) + 1) if len(spoken) else samples


def segments(pieces: Iterable[np.ndarray], rate: int, pause: float, longest: float) -> Iterator[Segment]:
    """The stretches of speech of a recording of any length, in the memory of one piece and one segment.

    Args:
        pieces: of the recording, in order.
        rate: of the samples.
        pause: seconds of silence that end a segment.
        longest: seconds, beyond which a segment is cut where it is quietest.
    """
    rest, at, loudest = np.zeros(0, np.float32), 0, -np.inf
    iterator = iter(pieces)
    piece = next(iterator, None)
    while piece is not None:
        following = next(iterator, None)
        held = np.concatenate([rest, piece])
        used, energies = 0, _energies(held, rate)
        loudest = max(_loudest(energies), loudest - FORGOTTEN)
        for first, last in _stretches(energies, loudest, pause, longest):
            if following is not None and last * hop(rate) > len(held) - pause * rate:
                break  # it may go on in the next piece
            start = max(int((first * HOP - MARGIN) * rate), used)
            used = min(int((last * HOP + MARGIN) * rate), len(held))
            yield Segment(held[start:used], (at + start) / rate)
        keep = len(held) - used if following is not None else 0
        keep = min(keep, int((longest + pause) * rate))
        rest, at, piece = held[len(held) - keep :], at + len(held) - keep, following


def _between(samples: np.ndarray, rate: int, first: int, last: int) -> np.ndarray:
    return samples[max(int((first * HOP - MARGIN) * rate), 0) : int((last * HOP + MARGIN) * rate)]


def _stretches(energies: np.ndarray, loudest: float, pause: float, longest: float) -> list[tuple[int, int]]:
    """First and last frame of each segment."""
    spoken = np.flatnonzero(_is_speech(energies, loudest))
    if not len(spoken):
        return []
    gaps = np.flatnonzero(np.diff(spoken) > pause / HOP)
    firsts, lasts = spoken[np.append(0, gaps + 1)], spoken[np.append(gaps, len(spoken) - 1)] + 1
    found = [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True) if b - a >= SHORTEST / HOP]
    return [part for stretch in found for part in _cut(energies, *stretch, int(longest / HOP))]


def _cut(energies: np.ndarray, first: int, last: int, most: int) -> Iterator[tuple[int, int]]:
    """Parts of at most so many frames, cut where it is quietest in their second half."""
    while last - first > most:
        at = first + most // 2 + int(np.argmin(energies[first + most // 2 : first + most])) + 1
        yield first, at
        first = at
    yield first, last


def _energies(samples: np.ndarray, rate: int) -> np.ndarray:
    """The mean power of each frame in decibels."""
    size = 2 * hop(rate)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(emphasised(samples), size // 2), size)[:: hop(rate)]
    return 10 * np.log10(np.einsum("fs,fs->f", frames, frames) / size + 1e-10)


def _loudest(energies: np.ndarray) -> float:
    return float(np.percentile(energies, 98))


def _is_speech(energies: np.ndarray, loudest: float) -> np.ndarray:
    """Whether each frame is loud enough, `(frames,)`: not far below the loudest, and above what is always there."""
    quietest = np.percentile(energies, 5)
    return energies > max(loudest - QUIETER, min(quietest + LOUDER, loudest - LOUDER), -85.0)
