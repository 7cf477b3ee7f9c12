"""GeneratedBatches-up sounds that are none of the words."""

import numpy as np

from plexus_speech.recordings import UNKNOWN, Recordings


def stranger(train: Recordings, row: int, generator: np.random.Generator) -> np.ndarray:
    """A word that nobody says: one played backwards, the beginning of one and the end of another, or noise.

    Args:
        row: of the recording it is made from.

    Returns:
        Samples of 16 bits.
    """
    sound, kind = train.sounds[row], generator.random()
    if kind < 0.15:
        level = float(np.abs(sound).mean()) or 1.0
        noise = np.cumsum(generator.standard_normal(len(sound))) if kind < 0.05 else generator.laplace(size=len(sound))
        return np.clip(level * noise / np.abs(noise).mean(), -(2**15), 2**15 - 1).astype(np.int16)
    if kind < 0.4:
        return sound[::-1]
    first = int(generator.integers(len(train)))
    onwards = ((first + step) % len(train) for step in range(len(train)))
    other = next((place for place in onwards if train.labels[place] != train.labels[row]), None)
    if other is None:  # one word alone
        return sound[::-1]
    share, ending = generator.uniform(0.4, 0.6), train.sounds[other]
    return np.concatenate([sound[: int(share * len(sound))], ending[int(share * len(ending)) :]])


def strangers(known: Recordings, count: int, seed: int) -> list[np.ndarray]:
    """So many made-up sounds, from the words of a split, by a seed; none if it has no words."""
    generator = np.random.default_rng(seed)
    words = known.take(np.flatnonzero(np.array(known.labels) != UNKNOWN))
    made = range(count if len(words) else 0)
    return [stranger(words, int(generator.integers(len(words))), generator) for _ in made]
