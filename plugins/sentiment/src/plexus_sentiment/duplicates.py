"""Detection of exact and near duplicates among texts."""

import base64
import zlib
from collections.abc import Sequence
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus_sentiment.tokenization import alphanumeric, split_spaced_words

SHINGLE_WORDS = 4
SHINGLES_PER_TEXT = 2
"""Texts that share their shingles with the two lowest hashes are near duplicates."""


class TextFingerprints:
    """Hashes of many texts: of their letters, and of shingles, runs of four words (Broder 1997, MinHash).

    Args:
        letters: Hashes of the letters and digits of each text, sorted.
        shingles: The lowest hashes of each text's shingles, sorted.

    Example:
        ```python
        TextFingerprints.fit(["a fine film"]).contains(["A fine film!"])  # array([True])
        ```
    """

    def __init__(self, letters: np.ndarray, shingles: np.ndarray) -> None:
        self.letters, self.shingles = letters, shingles

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Self:
        """Compute the fingerprints of texts.

        Args:
            texts: The texts.

        Returns:
            The fingerprints.
        """
        letters = np.array([_hash_letters(text) for text in texts], np.uint32)
        shingles = [value for text in texts for value in _lowest_shingles(text)]
        return cls(np.unique(letters), np.unique(np.array(shingles, np.uint32)))

    def contains(self, texts: Sequence[str]) -> np.ndarray:
        """Return which texts are exact or near duplicates of the fitted ones.

        Args:
            texts: The texts to look up.

        Returns:
            Boolean array of shape `(texts,)`.
        """
        letters, shingles = set(self.letters.tolist()), set(self.shingles.tolist())
        exact = [_hash_letters(text) in letters for text in texts]
        near = [len(low) == SHINGLES_PER_TEXT and shingles.issuperset(low) for low in map(_lowest_shingles, texts)]
        return np.asarray(np.logical_or(exact, near), bool)

    def to_json(self) -> JsonObject:
        """Return the hashes in base 64.

        Returns:
            The object that `from_json` takes.
        """
        return {name: base64.b64encode(getattr(self, name).tobytes()).decode() for name in ("letters", "shingles")}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create fingerprints from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The fingerprints.
        """
        return cls(*(np.frombuffer(base64.b64decode(state[name]), np.uint32) for name in ("letters", "shingles")))


def _hash_letters(text: str) -> int:
    return zlib.crc32(alphanumeric(text).encode())


def _lowest_shingles(text: str) -> list[int]:
    words = [word for word in split_spaced_words(text) if word[0].isalnum()]
    starts = range(len(words) - SHINGLE_WORDS + 1)
    hashes = {zlib.crc32(" ".join(words[start : start + SHINGLE_WORDS]).encode()) for start in starts}
    return sorted(hashes)[:SHINGLES_PER_TEXT]
