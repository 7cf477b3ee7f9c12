"""Texts that stand in two places."""

import base64
import zlib
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from plexus_sentiment.words import letters_of, words_of

SHINGLE = 4
"""Words in a row; two texts that share their two rarest-looking rows are taken as one (Broder 1997)."""
KEPT = 2


class Fingerprints:
    """Of many texts: enough to tell whether another text is one of them, or nearly.

    Args:
        letters: the hashes of their letters, sorted; shingles: the lowest hashes of each text's rows of words, sorted.
    """

    def __init__(self, letters: np.ndarray, shingles: np.ndarray) -> None:
        self.letters, self.shingles = letters, shingles

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """The fingerprints of these texts."""
        letters = np.array([_letters(text) for text in texts], np.uint32)
        shingles = [hashed for text in texts for hashed in _lowest(text)]
        return cls(np.unique(letters), np.unique(np.array(shingles, np.uint32)))

    def among(self, texts: Sequence[str]) -> np.ndarray:
        """Whether each text is one of these: the same letters in the same order, or the same rows of words."""
        letters, shingles = set(self.letters.tolist()), set(self.shingles.tolist())
        lowest = map(_lowest, texts)
        near = [len(rows) == KEPT and shingles.issuperset(rows) for rows in lowest]
        return np.array([_letters(text) in letters for text in texts], bool) | np.array(near, bool)

    def to_json(self) -> dict[str, str]:
        """For `from_json`."""
        return {name: base64.b64encode(getattr(self, name).tobytes()).decode() for name in ("letters", "shingles")}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The fingerprints that gave this state."""
        return cls(*(np.frombuffer(base64.b64decode(state[name]), np.uint32) for name in ("letters", "shingles")))


def _letters(text: str) -> int:
    return zlib.crc32(letters_of(text).encode())


def _lowest(text: str) -> list[int]:
    words = [word for word in words_of(text) if word[0].isalnum()]
    rows = {zlib.crc32(" ".join(words[at : at + SHINGLE]).encode()) for at in range(len(words) - SHINGLE + 1)}
    return sorted(rows)[:KEPT]
