"""Random changes of spectrograms in training that simulate other voices, rooms, microphones and noise.

It works on spectrograms that are computed once a recording; `librosa.effects.time_stretch` and `pitch_shift` transform
the samples and back, which takes longer than a training step.
"""

import numpy as np

from plexus_speech.filterbank import mel_weights
from plexus_speech.spectrogram import BANDS

MAX_LOG_TEMPO = 0.35
"""Tempo changes by a factor whose logarithm is uniform between plus and minus this."""
TEMPO_SCALES = np.array([0.3, 0.15, 0.1])
"""Standard deviations of the cosine series of the logarithmic tempo over the time of a recording."""
MAX_LOG_WARP, WARP_STEPS = 0.2, 15
"""The same for frequencies; factors are taken from a grid with so many steps to either side."""
REVERBERATION_SHARE, NOISE_SHARE = 0.2, 0.5
"""Shares of the recordings with reverberation, and with noise."""
RESPONSE_SCALES = np.array([0.5, 0.4, 0.3, 0.25, 0.2], np.float32)
"""Standard deviations of the cosine series of a microphone's logarithmic frequency response."""
_COSINES = np.cos(np.pi * np.outer(np.arange(1, len(RESPONSE_SCALES) + 1), np.arange(BANDS) + 0.5) / BANDS).astype(
    np.float32
)


def vary_tempo(power: np.ndarray, generator: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Speed up some parts of a recording of a word and slow down others.

    Words of speakers that were left out are recognized better with it. Texts are trained without: strings of words by
    the speakers of the training split had more errors with it.

    Args:
        power: Powers of shape `(frames, bins)`, from `power_spectrogram`.
        generator: Random generator.
        strength: Scales the variation; 0 for none.

    Returns:
        Powers of the same shape.
    """
    coefficients = strength * TEMPO_SCALES * generator.standard_normal(len(TEMPO_SCALES))
    harmonics = np.outer(np.arange(1, len(TEMPO_SCALES) + 1), np.linspace(0, np.pi, len(power)))
    elapsed = np.cumsum(np.exp(coefficients @ np.cos(harmonics)))
    span = max(elapsed[-1] - elapsed[0], 1e-9)
    return _interpolate(power, (elapsed - elapsed[0]) / span * (len(power) - 1))


def vary_voice(power: np.ndarray, rate: int, generator: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Return the mel spectrogram of the same words by another speaker, in another room, with another microphone.

    Tempo changes by interpolation in time; the length of the vocal tract by warped frequencies (Jaitly & Hinton 2013);
    a room is an exponential decay; a microphone is a smooth filter.

    Args:
        power: Powers of shape `(frames, bins)`, from `power_spectrogram`.
        rate: Sampling rate in hertz.
        generator: Random generator.
        strength: Scales all variations; 0 for none.

    Returns:
        Powers of mel bands, shape `(any, BANDS)`.
    """
    tempo = np.exp(strength * generator.uniform(-MAX_LOG_TEMPO, MAX_LOG_TEMPO))
    warp = np.exp(strength * MAX_LOG_WARP * generator.integers(-WARP_STEPS, WARP_STEPS + 1) / WARP_STEPS)
    mel = _stretch(power, tempo) @ mel_weights(rate, float(warp))
    if generator.random() < REVERBERATION_SHARE * strength:
        mel = _reverberate(mel, generator)
    return np.asarray(mel * _frequency_response(generator, strength))


def add_noise(mel: np.ndarray, generator: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Add colored noise to half of the spectrograms, 5 to 40 dB below speech.

    Args:
        mel: Powers of shape `(frames, BANDS)`, whose loudest quarter is speech.
        generator: Random generator.
        strength: Scales the share of the spectrograms.

    Returns:
        Powers of the same shape.
    """
    if generator.random() >= NOISE_SHARE * strength:
        return mel
    level = np.sort(mel.mean(axis=1))[-max(len(mel) // 4, 1) :].mean()
    power = level * 10 ** -generator.uniform(0.5, 4) * _frequency_response(generator, 2.0)
    return np.asarray(mel + power * generator.gamma(2, 0.5, mel.shape).astype(np.float32))


def mask(spectrogram: np.ndarray, generator: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Mask two spans of time and two of frequency (SpecAugment, Park et al. 2019, arXiv:1904.08779, section 2).

    Args:
        spectrogram: Compressed spectrogram of shape `(frames, BANDS)`, changed in place.
        generator: Random generator.
        strength: Scales the length of the spans.

    Returns:
        The spectrogram.
    """
    mean = spectrogram.mean()
    for _ in range(2):
        for axis, longest in ((0, min(len(spectrogram) / 8, 12)), (1, spectrogram.shape[1] / 8)):
            size = int(generator.integers(0, int(longest * strength) + 1))
            start = int(generator.integers(0, max(spectrogram.shape[axis] - size, 0) + 1))
            spectrogram[(slice(None),) * axis + (slice(start, start + size),)] = mean
    return spectrogram


def _stretch(power: np.ndarray, factor: float) -> np.ndarray:
    return _interpolate(power, np.linspace(0, len(power) - 1, max(round(len(power) * factor), 2)))


def _interpolate(power: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the powers at positions between frames."""
    below = np.minimum(positions.astype(int), max(len(power) - 2, 0))
    fraction = (positions - below)[:, None].astype(np.float32)
    return np.asarray(power[below] * (1 - fraction) + power[np.minimum(below + 1, len(power) - 1)] * fraction)


def _reverberate(mel: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    from scipy.signal import lfilter

    share, decay = generator.uniform(0.05, 0.3), np.exp(-generator.uniform(0.15, 0.6))
    return np.asarray(mel + share * lfilter([0.0, 1.0], [1.0, -decay], mel, axis=0), np.float32)


def _frequency_response(generator: np.random.Generator, strength: float) -> np.ndarray:
    coefficients = strength * RESPONSE_SCALES * generator.standard_normal(len(RESPONSE_SCALES)).astype(np.float32)
    return np.asarray(np.exp(coefficients @ _COSINES))
