"""Power spectrograms and their compression, the same for training and prediction.

Prediction imports neither librosa nor Keras: the spectrogram is computed with SciPy, as `librosa.stft` does (a test
compares them), and the mel filterbank is stored in the bundle.
"""

import functools

import numpy as np

WINDOW_SECONDS, HOP_SECONDS = 0.032, 0.01
"""Length of a frame, and distance of two frames."""
BANDS = 40
"""Mel bands of a spectrogram."""
SILENCE = -4.0
"""Value of silence in a compressed spectrogram: 40 dB below speech."""
PREEMPHASIS = 0.97
"""Coefficient of the filter y(t) = x(t) - 0.97 x(t - 1), which raises high frequencies."""


def preemphasize(samples: np.ndarray) -> np.ndarray:
    """Raise the high frequencies, without which fricatives are as quiet as noise.

    Args:
        samples: Samples of shape `(n,)`.

    Returns:
        Samples of the same shape.
    """
    return np.append(samples[:1], samples[1:] - PREEMPHASIS * samples[:-1])


def power_spectrogram(samples: np.ndarray, rate: int) -> np.ndarray:
    """Compute the power spectrum of each frame.

    Args:
        samples: Samples of shape `(n,)` from -1 to 1.
        rate: Sampling rate in hertz.

    Returns:
        Powers of shape `(frames, bins)`; frame `i` is centred at `i * HOP_SECONDS`.
    """
    from scipy.fft import rfft

    window = _hann_window(rate)
    padded = np.pad(preemphasize(samples), len(window) // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[:: hop_length(rate)]
    spectrum = rfft(frames * window, axis=1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


def hop_length(rate: int) -> int:
    """Return the distance of two frames.

    Args:
        rate: Sampling rate in hertz.

    Returns:
        The number of samples.
    """
    return round(HOP_SECONDS * rate)


def window_length(rate: int) -> int:
    """Return the length of a frame.

    Args:
        rate: Sampling rate in hertz.

    Returns:
        The number of samples.
    """
    return round(WINDOW_SECONDS * rate)


def compress(mel: np.ndarray) -> np.ndarray:
    """Return the logarithms of a mel spectrogram relative to the level of speech.

    The level is the mean of the loudest quarter of the frames, so that loudness does not matter.

    Args:
        mel: Powers of shape `(frames, bands)`.

    Returns:
        Logarithms to base 10 of the same shape: about 0 for speech, `SILENCE` for silence.
    """
    loudness = np.sort(mel.mean(axis=1))
    level = loudness[-max(len(mel) // 4, 1) :].mean()
    return np.asarray(np.log10(mel / max(level, 1e-12) + 10**SILENCE), np.float32)


def compress_to_window(mel: np.ndarray, frames: int, generator: np.random.Generator | None = None) -> np.ndarray:
    """Compress a mel spectrogram and crop or pad it to a window.

    Args:
        mel: Powers of shape `(any, bands)`.
        frames: Frames of the window.
        generator: Draws the position in the window; by default the middle.

    Returns:
        Array of shape `(frames, bands)`.
    """
    compressed = compress(mel)
    spare = abs(frames - len(compressed))
    offset = spare // 2 if generator is None else int(generator.integers(spare + 1))
    if len(compressed) > frames:
        return compressed[offset : offset + frames]
    return np.pad(compressed, ((offset, spare - offset), (0, 0)), constant_values=SILENCE)


@functools.lru_cache(maxsize=16)
def _hann_window(rate: int) -> np.ndarray:
    return np.hanning(window_length(rate) + 1)[:-1].astype(np.float32)
