"""A recording to begin with: words of the made-up set `spoken`."""

from pathlib import Path

import numpy as np

from plexus.registry import registry

SAID = ("left", "stop", "yes")
SPEAKER = 40
"""Which of each word's takes."""


def spoken(file: Path) -> Path:
    """Write three words, half a second apart, with a little noise behind them."""
    import soundfile

    made = registry().dataset("spoken").embedded
    assert made is not None  # noqa: S101 - the set is made up, and has no files
    sounds, labels = made()["train"]
    rate = sounds[0].rate
    pause = np.zeros(rate // 2)
    takes = [[sound for sound, label in zip(sounds, labels, strict=True) if label == word][SPEAKER] for word in SAID]
    whole = np.concatenate([pause, *[part for one in takes for part in (one.samples / 2**15, pause)]])
    noise = np.random.default_rng(0).normal(0, 1e-3, len(whole))
    soundfile.write(file, np.clip(whole + noise, -1, 1), rate)
    return file
