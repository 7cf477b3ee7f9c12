"""From samples to what a network hears: a log-mel spectrogram. Training and answering share it."""

import functools

import numpy as np

WINDOW, HOP = 0.032, 0.01
"""Seconds of a frame, and from one to the next."""
BANDS, LOWEST = 40, 60.0
SILENCE = -4.0
"""On the scale of loudness: the logarithm of what is 40 dB below speech."""
EMPHASIS = 0.97
"""Of high frequencies, without which an s is as quiet as the noise: y(t) = x(t) - 0.97 x(t - 1)."""


def emphasised(samples: np.ndarray) -> np.ndarray:
    """Samples `(n,)` with their high frequencies raised (pre-emphasis)."""
    return np.append(samples[:1], samples[1:] - EMPHASIS * samples[:-1])


def spectra(samples: np.ndarray, rate: int) -> np.ndarray:
    """The power of each frequency, `(frames, bins)`; a frame lies around every `HOP` seconds of the samples `(n,)`."""
    from scipy.fft import rfft

    window = _window(rate)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(emphasised(samples), len(window) // 2), len(window))[
        :: hop(rate)
    ]
    found = rfft(frames * window, axis=1)
    return found.real**2 + found.imag**2


def hop(rate: int) -> int:
    """Samples from one frame to the next."""
    return round(HOP * rate)


def compressed(mel: np.ndarray) -> np.ndarray:
    """Powers of mel bands `(frames, bands)` on a scale of loudness: the loudest quarter is at 0, silence at -4."""
    loudness = np.sort(mel.mean(axis=1))
    level = loudness[-max(len(mel) // 4, 1) :].mean()
    return np.log10(mel / max(level, 1e-12) + 10**SILENCE).astype(np.float32)


def in_window(mel: np.ndarray, frames: int, generator: np.random.Generator | None = None) -> np.ndarray:
    """A word on a scale of loudness in a window of so many frames: in its middle, or anywhere by a generator."""
    sound = compressed(mel)
    if len(sound) > frames:
        start = (len(sound) - frames) // 2 if generator is None else int(generator.integers(len(sound) - frames + 1))
        return sound[start : start + frames]
    room = frames - len(sound)
    before = room // 2 if generator is None else int(generator.integers(room + 1))
    return np.pad(sound, ((before, room - before), (0, 0)), constant_values=SILENCE)


@functools.lru_cache(maxsize=256)
def mel_bands(rate: int, warp: float = 1.0) -> np.ndarray:
    """Triangular bands, equally spaced in mels (O'Shaughnessy 1987), each of sum 1: `(bins, BANDS)`.

    Args:
        rate: of the samples.
        warp: divides all frequencies of the voice: above 1, a longer vocal tract.
    """
    bins = len(_window(rate)) // 2 + 1
    at = np.linspace(0, rate / 2, bins)
    edges = _edges(rate) * warp
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = np.minimum((at - low) / (centre - low), (high - at) / (high - centre))
    nearest = np.maximum(0, 1 - np.abs(at - np.minimum(centre, rate / 2)) / at[1])
    bands = np.where(np.maximum(0, rising).sum(axis=1, keepdims=True) < 1, nearest, np.maximum(0, rising))
    return np.ascontiguousarray((bands / bands.sum(axis=1, keepdims=True)).T, np.float32)


def mel_centres(rate: int) -> np.ndarray:
    """The middle of each band in hertz, `(BANDS,)`."""
    return _edges(rate)[1:-1]


def band_warp(rate: int, warp: float) -> np.ndarray:
    """What turns bands of a voice into those of one whose frequencies are divided by `warp`: `(BANDS, BANDS)`.

    By interpolation between bands; what is beyond the last is taken to be as loud as it.
    """
    at = np.interp(mel_centres(rate) * warp, mel_centres(rate), np.arange(BANDS))
    return np.maximum(0, 1 - np.abs(np.arange(BANDS)[:, None] - at)).astype(np.float32)


def _edges(rate: int) -> np.ndarray:
    return _hertz(np.linspace(_mels(LOWEST), _mels(0.95 * rate / 2), BANDS + 2))


@functools.lru_cache(maxsize=16)
def _window(rate: int) -> np.ndarray:
    size = round(WINDOW * rate)
    return np.hanning(size + 1)[:-1].astype(np.float32)


def _mels(hertz: float) -> float:
    return 2595 * np.log10(1 + hertz / 700)


def _hertz(mels: np.ndarray) -> np.ndarray:
    return 700 * (10 ** (mels / 2595) - 1)
