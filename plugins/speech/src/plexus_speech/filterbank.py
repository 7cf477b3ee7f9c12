"""Mel filterbanks: computed by librosa in training, stored in the bundle for prediction."""

import base64
import functools
import warnings
import zlib
from typing import Self

import numpy as np

from plexus import InputError
from plexus.codec import JsonObject
from plexus_speech.spectrogram import BANDS, window_length

MIN_HERTZ, MAX_SHARE_OF_NYQUIST = 60.0, 0.95
"""Edges of the filterbank: a frequency, and a share of half the sampling rate."""
MAX_BINS = 4096


class MelFilterbank:
    """Triangular filters, equally spaced in mels, that turn a power spectrogram into a mel spectrogram.

    Args:
        weights: Filters of shape `(bins, bands)`; each sums to 1.
        rate: Sampling rate in hertz.

    Example:
        ```python
        filterbank = MelFilterbank.fit(16_000)
        mel = power_spectrogram(samples, 16_000) @ filterbank.weights
        ```
    """

    def __init__(self, weights: np.ndarray, rate: int) -> None:
        self.weights, self.rate = weights, rate

    @classmethod
    def fit(cls, rate: int) -> Self:
        """Compute the filterbank of a sampling rate with librosa.

        Args:
            rate: Sampling rate in hertz.

        Returns:
            The filterbank.
        """
        return cls(mel_weights(rate), rate)

    @property
    def frequencies(self) -> np.ndarray:
        """Centroid of each filter in hertz, shape `(bands,)`."""
        return np.asarray(np.linspace(0, self.rate / 2, len(self.weights)) @ self.weights)

    def to_json(self) -> JsonObject:
        """Return the filterbank as JSON types; most weights are 0, so that the compressed array is small.

        Returns:
            The object that `from_json` takes.
        """
        content = zlib.compress(np.ascontiguousarray(self.weights, "<f4").tobytes(), 9)
        return {"rate": self.rate, "shape": list(self.weights.shape), "weights": base64.b64encode(content).decode()}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a filterbank from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The filterbank.

        Raises:
            InputError: If it is damaged.
        """
        bins, bands = state["shape"]
        if not (0 < bins <= MAX_BINS and bands == BANDS):
            raise InputError(f"the mel filterbank has shape {bins} x {bands}: expected at most {MAX_BINS} x {BANDS}")
        size = 4 * bins * bands
        try:
            content = zlib.decompressobj().decompress(base64.b64decode(state["weights"]), size)
            weights = np.frombuffer(content, "<f4").reshape(bins, bands)
        except (ValueError, zlib.error) as error:
            raise InputError(f"the mel filterbank is damaged: {error}") from error
        if not np.isfinite(weights).all():
            raise InputError("the mel filterbank has weights that are not finite")
        return cls(weights, state["rate"])


@functools.lru_cache(maxsize=256)
def mel_weights(rate: int, warp: float = 1.0) -> np.ndarray:
    """Compute the filters of `librosa.filters.mel` (HTK mels, each of sum 1), warped for another vocal tract.

    Filters that are narrower than the distance of two bins would be empty or one-sided: they interpolate between the
    two nearest bins instead.

    Args:
        rate: Sampling rate in hertz.
        warp: Multiplies the frequencies of the filters; above 1 the result is that of a longer vocal tract.

    Returns:
        Array of shape `(bins, BANDS)`.
    """
    import librosa

    length = window_length(rate)
    highest = MAX_SHARE_OF_NYQUIST * rate / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of filters above half the sampling rate, which are empty
        # Filters warped by a factor are those of a sampling rate that is divided by it.
        filters = librosa.filters.mel(
            sr=rate / warp, n_fft=length, n_mels=BANDS, fmin=MIN_HERTZ, fmax=highest, htk=True, norm=None, dtype=float
        )
    frequencies = librosa.fft_frequencies(sr=rate, n_fft=length)
    centres = np.minimum(_band_frequencies(rate)[:, None] * warp, frequencies[-1])
    nearest = np.maximum(0, 1 - np.abs(frequencies - centres) / frequencies[1])
    filters = np.where(filters.sum(axis=1, keepdims=True) < 1, nearest, filters)
    return np.ascontiguousarray((filters / filters.sum(axis=1, keepdims=True)).T, np.float32)


def warp_matrix(rate: int, warp: float) -> np.ndarray:
    """Compute the matrix that approximates `mel_weights(rate, warp)` on a mel spectrogram.

    Args:
        rate: Sampling rate in hertz.
        warp: Multiplies the frequencies of the filters.

    Returns:
        Array of shape `(BANDS, BANDS)`, to multiply a mel spectrogram with from the right.
    """
    return interpolation_matrix(rate, _band_frequencies(rate) * warp)


def interpolation_matrix(rate: int, frequencies: np.ndarray) -> np.ndarray:
    """Compute the matrix that interpolates a mel spectrogram linearly at other frequencies.

    Frequencies beyond the last band have its values.

    Args:
        rate: Sampling rate in hertz.
        frequencies: Frequencies in hertz, shape `(n,)`.

    Returns:
        Array of shape `(BANDS, n)`, to multiply a mel spectrogram with from the right.
    """
    positions = np.interp(frequencies, _band_frequencies(rate), np.arange(BANDS))
    return np.asarray(np.maximum(0, 1 - np.abs(np.arange(BANDS)[:, None] - positions)), np.float32)


def _band_frequencies(rate: int) -> np.ndarray:
    """Return the centre of each filter in hertz, shape `(BANDS,)`."""
    import librosa

    highest = MAX_SHARE_OF_NYQUIST * rate / 2
    return np.asarray(librosa.mel_frequencies(BANDS + 2, fmin=MIN_HERTZ, fmax=highest, htk=True)[1:-1])
