"""Recordings of several words of the made-up set `spoken`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus.plugins.registry import registry

SAID = ("left", "stop", "yes")
TAKE = 40
"""Which of each word's recordings: of a speaker whom the shipped bundle was tested on, and did not learn from."""


def example(file: Path) -> Path:
    """A recording to begin with."""
    made = registry().dataset("spoken").embedded
    assert made is not None  # noqa: S101 - the set is made up, and has no files
    sounds, labels = made()["train"]
    takes = [[sound for sound, label in zip(sounds, labels, strict=True) if label == word][TAKE] for word in SAID]
    return write_words([one.samples for one in takes], sounds[0].rate, file)


def write_words(words: Sequence[np.ndarray], rate: int, file: Path) -> Path:
    """Write words, 16-bit samples each, half a second apart, with a little noise behind them."""
    import soundfile

    pause = np.zeros(rate // 2)
    whole = np.concatenate([pause, *[part for word in words for part in (word / 2**15, pause)]])
    noise = np.random.default_rng(0).normal(0, 1e-3, len(whole))
    soundfile.write(file, np.clip(whole + noise, -1, 1), rate)
    return file
