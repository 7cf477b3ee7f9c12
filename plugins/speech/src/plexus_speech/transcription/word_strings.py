"""Strings of words, composed of recordings of single words."""

from collections import defaultdict

import numpy as np

from plexus_speech.audio import FULL_SCALE, Waveform
from plexus_speech.recordings import Recordings

MIN_WORDS, MAX_WORDS = 3, 7
PAUSE_RANGE = (0.02, 0.35)
"""Shortest and longest pause between two words, in seconds."""
LEVEL, LEVEL_DECIBELS = 2500, 3
"""Root mean square of the words, and the range in which it varies."""
DIGIT_NAMES = dict(
    zip("0123456789", ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), strict=True)
)


def compose_strings(words: Recordings, count: int, seed: int) -> Recordings:
    """Compose strings of three to seven words of one speaker, with pauses and noise.

    Args:
        words: Recordings of single words.
        count: Number of strings.
        seed: Random seed.

    Returns:
        The strings, whose targets are the words with spaces between.
    """
    generator, rows = np.random.default_rng(seed), defaultdict(list)
    for row, speaker in enumerate(words.speakers):
        rows[speaker].append(row)
    names = sorted(rows)
    speakers = [names[i % len(names)] for i in range(count)]
    strings = [_compose_string(words, rows[speaker], generator) for speaker in speakers]
    waveforms = [samples for samples, _ in strings]
    return Recordings(
        inputs=[Waveform(samples, words.rate, f"string {i}, seed {seed}") for i, samples in enumerate(waveforms)],
        targets=[text for _, text in strings],
        speakers=speakers,
        waveforms=waveforms,
        rate=words.rate,
    )


def _compose_string(words: Recordings, rows: list[int], generator: np.random.Generator) -> tuple[np.ndarray, str]:
    sample = generator.choice(rows, int(generator.integers(MIN_WORDS, MAX_WORDS + 1)))
    parts: list[np.ndarray] = []
    for row in sample:
        waveform = words.waveforms[row].astype(np.float32)
        rms = np.sqrt(np.mean(waveform**2)) or 1.0
        level = LEVEL * 10 ** (generator.uniform(-LEVEL_DECIBELS, LEVEL_DECIBELS) / 20)
        pause = int(generator.uniform(*PAUSE_RANGE) * words.rate)
        parts += [np.zeros(pause, np.float32), waveform * level / rms]
    joined = np.concatenate(parts[1:])
    noise = generator.standard_normal(len(joined)) * LEVEL * 10 ** -generator.uniform(1.25, 2)
    samples = np.clip(joined + noise, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return samples, " ".join(words.targets[row] for row in sample)
