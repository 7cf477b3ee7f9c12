"""Recordings varied at random, as other speakers, rooms and microphones would give them."""

import numpy as np

from plexus_speech.features import BANDS, mel_bands

TEMPO, TRACT, WARPS = 0.35, 0.2, 15
"""How far, as a logarithm, speech is stretched and a vocal tract is longer or shorter; steps of the latter."""
ROOM, NOISE = 0.2, 0.5
"""Shares of recordings that are put into a room, and that noise is added to."""
COLOUR = np.array([0.5, 0.4, 0.3, 0.25, 0.2], np.float32)
"""Of a microphone: standard deviations of the cosine series of the logarithm of what it passes."""
_WAVES = np.cos(np.pi * np.outer(np.arange(1, len(COLOUR) + 1), np.arange(BANDS) + 0.5) / BANDS).astype(np.float32)


def varied(power: np.ndarray, rate: int, generator: np.random.Generator, amount: float = 1.0) -> np.ndarray:
    """Power of mel bands `(frames, BANDS)` of the same words said by another voice in another room.

    Tempo is changed by interpolation in time, the vocal tract's length by warping the frequencies (Jaitly & Hinton
    2013), a room is an exponential decay, a microphone a smooth filter.

    Args:
        power: as `spectra` gives it.
        amount: of all of it; 1 is the usual, 0 none.
    """
    tempo = np.exp(amount * generator.uniform(-TEMPO, TEMPO))
    warp = np.exp(amount * TRACT * generator.integers(-WARPS, WARPS + 1) / WARPS)
    mel = _stretched(power, tempo) @ mel_bands(rate, float(warp))
    if generator.random() < ROOM * amount:
        mel = _in_room(mel, generator)
    return mel * _colour(generator, amount)


def noisy(mel: np.ndarray, generator: np.random.Generator, amount: float = 1.0) -> np.ndarray:
    """The same with coloured noise, of 5 to 40 dB less than speech, added in half of the cases.

    Args:
        mel: `(frames, BANDS)`, of which the loudest quarter is speech.
    """
    if generator.random() >= NOISE * amount:
        return mel
    loudness = np.sort(mel.mean(axis=1))[-max(len(mel) // 4, 1) :].mean()
    power = loudness * 10 ** -generator.uniform(0.5, 4) * _colour(generator, 2.0)
    return mel + power * generator.gamma(2, 0.5, mel.shape).astype(np.float32)


def masked(sound: np.ndarray, generator: np.random.Generator, amount: float = 1.0) -> np.ndarray:
    """Two stretches of time and two of frequencies blotted out (SpecAugment, Park et al. 2019, arXiv:1904.08779).

    Args:
        sound: `(frames, BANDS)`, changed in place.
    """
    mean = sound.mean()
    for _ in range(2):
        for axis, most in ((0, min(len(sound) / 8, 12)), (1, sound.shape[1] / 8)):
            size = int(generator.integers(0, int(most * amount) + 1))
            start = int(generator.integers(0, max(sound.shape[axis] - size, 0) + 1))
            sound[(slice(None),) * axis + (slice(start, start + size),)] = mean
    return sound


def _stretched(power: np.ndarray, factor: float) -> np.ndarray:
    at = np.linspace(0, len(power) - 1, max(round(len(power) * factor), 2))
    below = np.minimum(at.astype(int), max(len(power) - 2, 0))
    share = (at - below)[:, None].astype(np.float32)
    return power[below] * (1 - share) + power[np.minimum(below + 1, len(power) - 1)] * share


def _in_room(mel: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """What was said before goes on, ever quieter."""
    from scipy.signal import lfilter

    share, decay = generator.uniform(0.05, 0.3), np.exp(-generator.uniform(0.15, 0.6))
    return (mel + share * lfilter([0.0, 1.0], [1.0, -decay], mel, axis=0)).astype(np.float32)


def _colour(generator: np.random.Generator, amount: float) -> np.ndarray:
    return np.exp((amount * COLOUR * generator.standard_normal(len(COLOUR)).astype(np.float32)) @ _WAVES)
