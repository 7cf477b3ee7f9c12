"""Checksums of the training recordings, so that no model is evaluated on them."""

import base64
import zlib
from collections.abc import Sequence

import numpy as np

from plexus import InputError

MAX_COLLISIONS = 0.02
"""Share of the recordings that may have the checksum of a training recording by chance."""


def checksums(waveforms: Sequence[np.ndarray]) -> np.ndarray:
    """Compute the CRC-32 of each waveform.

    Args:
        waveforms: 16-bit samples of each recording.

    Returns:
        Array of shape `(n,)` and type uint32.
    """
    return np.array([zlib.crc32(np.ascontiguousarray(waveform).data) for waveform in waveforms], np.uint32)


def encode_checksums(waveforms: Sequence[np.ndarray]) -> str:
    """Compute the checksums of waveforms as text, for JSON.

    Args:
        waveforms: 16-bit samples of each recording.

    Returns:
        The checksums in base 64.
    """
    return base64.b64encode(checksums(waveforms).tobytes()).decode()


def require_not_trained_on(training_checksums: str, waveforms: Sequence[np.ndarray]) -> None:
    """Refuse to evaluate on the training recordings.

    Args:
        training_checksums: Checksums of the training recordings, from `encode_checksums`.
        waveforms: 16-bit samples of each recording to evaluate on.

    Raises:
        InputError: If more of them have such a checksum than by chance.
    """
    seen = np.isin(checksums(waveforms), np.frombuffer(base64.b64decode(training_checksums), np.uint32))
    if seen.mean() > MAX_COLLISIONS:
        raise InputError(
            f"{seen.mean():.0%} of the {len(waveforms):,} recordings are training recordings of this model, so that "
            "its metrics would be too high: pass recordings that it was not trained on"
        )
