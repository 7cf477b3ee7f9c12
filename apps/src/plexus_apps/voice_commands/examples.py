"""Example recordings, composed of words of the synthesized data set `spoken`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus import InputError
from plexus.plugins.registry import registry

WORDS = ("left", "stop", "yes")
RECORDING = 40
"""Number of the recording among those of a word. Its speaker is in the test split of the default options."""
FULL_SCALE = 2**15
NOISE = 1e-3


def write_example(file: Path, words: Sequence[str] = WORDS) -> Path:
    """Write a recording of several words, half a second apart, with a little noise.

    Args:
        file: WAV file to write.
        words: The words.

    Returns:
        The file.

    Raises:
        InputError: If the installed speech plugin has no synthesized words.
    """
    import soundfile

    dataset = registry().dataset("spoken")
    if dataset.embedded is None:
        raise InputError("the data set spoken is not embedded: update plexus-speech")
    waveforms, labels = dataset.embedded()["train"]
    recordings = [waveforms[np.flatnonzero(labels == word)[RECORDING]] for word in words]
    rate = recordings[0].rate
    pause = np.zeros(rate // 2)
    samples = np.concatenate([pause, *[part for item in recordings for part in (item.samples / FULL_SCALE, pause)]])
    noise = np.random.default_rng(0).normal(0, NOISE, len(samples))
    soundfile.write(file, np.clip(samples + noise, -1, 1), rate)
    return file
