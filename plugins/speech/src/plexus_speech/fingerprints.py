"""Which recordings a model has learned from."""

import base64
import zlib
from collections.abc import Sequence

import numpy as np

from plexus import InputError

MOST_KNOWN = 0.02
"""Of the recordings to measure on, the share that may look like ones of the training by chance."""


def fingerprints(sounds: Sequence[np.ndarray]) -> str:
    """Checksums (CRC-32) of sounds, packed as text."""
    return base64.b64encode(_checksums(sounds).tobytes()).decode()


def require_unheard(known: str, sounds: Sequence[np.ndarray]) -> None:
    """Refuse to measure on recordings that the model learned from.

    Args:
        known: the fingerprints of those.

    Raises:
        InputError: they are among the sounds.
    """
    share = np.isin(_checksums(sounds), np.frombuffer(base64.b64decode(known), np.uint32)).mean()
    if share > MOST_KNOWN:
        raise InputError(
            f"{share:.0%} of the {len(sounds):,} recordings to measure on are among those that the model learned from: "
            "what it would say of them tells nothing; give recordings that it has not heard"
        )


def _checksums(sounds: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([zlib.crc32(np.ascontiguousarray(sound)) for sound in sounds], np.uint32)
