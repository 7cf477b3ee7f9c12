"""Words put together into strings, with pauses and noise."""

from collections import defaultdict

import numpy as np

from plexus_speech.audio import Sound
from plexus_speech.recordings import Recordings

FEWEST, MOST = 3, 7
PAUSES = 0.02, 0.35
"""Seconds between two words, at least and at most."""
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {str(digit): name for digit, name in enumerate(_NAMES)}


def strings(words: Recordings, count: int, seed: int) -> Recordings:
    """So many strings of three to seven words, each of one speaker, each by the seed and its number.

    Args:
        words: recordings of one word each.
    """
    generator, rows = np.random.default_rng(seed), defaultdict(list)
    for row, speaker in enumerate(words.speakers):
        rows[speaker].append(row)
    speakers = sorted(rows)
    made = [_string(words, rows[speakers[i % len(speakers)]], generator) for i in range(count)]
    sounds, labels = zip(*made, strict=True)
    raws = [Sound(sound, words.rate, f"string {number} of {seed}") for number, sound in enumerate(sounds)]
    voices = [speakers[i % len(speakers)] for i in range(count)]
    return Recordings(raws, list(labels), None, voices, list(sounds), words.rate)


def _string(words: Recordings, rows: list[int], generator: np.random.Generator) -> tuple[np.ndarray, str]:
    chosen = generator.choice(rows, int(generator.integers(FEWEST, MOST + 1)))
    parts: list[np.ndarray] = []
    for row in chosen:
        sound = words.sounds[row].astype(np.float32)
        level = np.sqrt(np.mean(sound**2)) or 1.0
        loudness = 2500 * 10 ** (generator.uniform(-3, 3) / 20)
        parts += [np.zeros(int(generator.uniform(*PAUSES) * words.rate), np.float32), sound * loudness / level]
    whole = np.concatenate(parts[1:])
    noise = generator.standard_normal(len(whole)) * 2500 * 10 ** -generator.uniform(1.25, 2)
    return np.clip(whole + noise, -(2**15), 2**15 - 1).astype(np.int16), " ".join(words.labels[row] for row in chosen)
