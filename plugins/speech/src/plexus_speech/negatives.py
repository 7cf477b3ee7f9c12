"""Synthetic out-of-vocabulary examples, to learn and to evaluate the rejection of unknown words."""

import numpy as np

from plexus_speech.audio import FULL_SCALE
from plexus_speech.recordings import UNKNOWN, Recordings

NOISE_SHARE, REVERSED_SHARE = 0.15, 0.25
"""Shares of noise and of reversed words; the others are spliced from two words."""
BROWN_NOISE_SHARE = 0.05
"""Share of brown noise; the other noise is white."""


def synthesize_negative(recordings: Recordings, row: int, generator: np.random.Generator) -> np.ndarray:
    """Return a sound that is none of the words: a reversed word, the start of one and the end of another, or noise.

    Args:
        recordings: Recordings of words.
        row: Index of the recording to start from.
        generator: Random generator.

    Returns:
        16-bit samples of shape `(any,)`.
    """
    waveform, kind = recordings.waveforms[row], generator.random()
    if kind < NOISE_SHARE:
        return _noise_like(waveform, kind < BROWN_NOISE_SHARE, generator)
    if kind < NOISE_SHARE + REVERSED_SHARE:
        return waveform[::-1]
    first = int(generator.integers(len(recordings)))
    candidates = ((first + step) % len(recordings) for step in range(len(recordings)))
    other = next(
        (candidate for candidate in candidates if recordings.targets[candidate] != recordings.targets[row]), None
    )
    if other is None:  # there is one word only
        return waveform[::-1]
    share, ending = generator.uniform(0.4, 0.6), recordings.waveforms[other]
    return np.concatenate([waveform[: int(share * len(waveform))], ending[int(share * len(ending)) :]])


def synthesize_negatives(recordings: Recordings, count: int, seed: int) -> list[np.ndarray]:
    """Synthesize negatives from the words of a split.

    Args:
        recordings: The split; its unknown words are not used.
        count: Number of negatives.
        seed: Random seed.

    Returns:
        16-bit samples of each; an empty list if the split has no words.
    """
    generator = np.random.default_rng(seed)
    words = recordings.take(np.flatnonzero(np.array(recordings.targets) != UNKNOWN))
    return [
        synthesize_negative(words, int(generator.integers(len(words))), generator)
        for _ in range(count if len(words) else 0)
    ]


def _noise_like(waveform: np.ndarray, brown: bool, generator: np.random.Generator) -> np.ndarray:
    level = float(np.abs(waveform).mean()) or 1.0
    size = len(waveform)
    noise = np.cumsum(generator.standard_normal(size)) if brown else generator.laplace(size=size)
    return np.asarray(np.clip(level * noise / np.abs(noise).mean(), -FULL_SCALE, FULL_SCALE - 1), np.int16)
