"""Detection of exact and near duplicates among texts."""

import base64
import zlib
from collections.abc import Sequence
from itertools import chain
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus_sentiment.canonical_text import canonical_text
from plexus_sentiment.tokenization import alphanumeric, split_spaced_words

SHINGLE_WORDS = 4
SKETCH_SHINGLES = 3
"""Shingles in a sketch. Two are not enough: reviews that have the same two common phrases are no duplicates."""
SEPARATE_SHINGLES = 2
"""Shingles of each text in bundles that have no sketches."""


class TextFingerprints:
    """Hashes of many texts: of their letters, and sketches.

    A text has two sketches: one hash of the three shingles, runs of four words, that have the lowest hashes (Broder
    1997, section 3), and one of those with the highest. Texts that share a sketch are near duplicates.

    Args:
        letters: Hashes of the letters and digits of each text, sorted.
        sketches: Sketches of the texts with three shingles or more, sorted.
        shingles: Of bundles without sketches, the two lowest hashes of each text's shingles, sorted; else None.

    Example:
        ```python
        TextFingerprints.fit(["a fine film"]).contains(["A fine film!"])  # array([True])
        ```
    """

    def __init__(self, letters: np.ndarray, sketches: np.ndarray, shingles: np.ndarray | None = None) -> None:
        self.letters, self.sketches, self.shingles = letters, sketches, shingles

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Self:
        """Compute the fingerprints of texts.

        Args:
            texts: The texts.

        Returns:
            The fingerprints.
        """
        letters = np.array([_hash_letters(text) for text in texts], np.uint32)
        sketches = list(chain.from_iterable(map(_sketches, texts)))
        return cls(np.unique(letters), np.unique(np.array(sketches, np.uint32)))

    def contains(self, texts: Sequence[str]) -> np.ndarray:
        """Return which texts are exact or near duplicates of the fitted ones.

        Args:
            texts: The texts to look up.

        Returns:
            Boolean array of shape `(texts,)`.
        """
        letters = set(self.letters.tolist())
        exact = [_hash_letters(text) in letters for text in texts]
        if self.shingles is not None:
            near = _share_shingles(set(self.shingles.tolist()), texts)
        else:
            sketches = set(self.sketches.tolist())
            near = [not sketches.isdisjoint(_sketches(text)) for text in texts]
        return np.asarray(np.logical_or(exact, near), bool)

    def to_json(self) -> JsonObject:
        """Return the hashes in base 64.

        Returns:
            The object that `from_json` takes.
        """
        names = ["letters", "sketches" if self.shingles is None else "shingles"]
        return {name: base64.b64encode(getattr(self, name).tobytes()).decode() for name in names}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create fingerprints from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The fingerprints.
        """
        hashes = {name: np.frombuffer(base64.b64decode(value), np.uint32) for name, value in state.items()}
        return cls(**{"sketches": np.zeros(0, np.uint32), **hashes})


def _hash_letters(text: str) -> int:
    return zlib.crc32(alphanumeric(text).encode())


def _sketches(text: str) -> list[int]:
    hashes = _hash_shingles(canonical_text(text))
    ends = [hashes[:SKETCH_SHINGLES], hashes[-SKETCH_SHINGLES:]] if len(hashes) >= SKETCH_SHINGLES else []
    return [zlib.crc32(np.array(end, np.uint32).tobytes()) for end in ends]


def _share_shingles(shingles: set[int], texts: Sequence[str]) -> list[bool]:
    lowest = [_hash_shingles(text)[:SEPARATE_SHINGLES] for text in texts]
    return [len(low) == SEPARATE_SHINGLES and shingles.issuperset(low) for low in lowest]


def _hash_shingles(text: str) -> list[int]:
    """Return the different hashes of a text's shingles, ascending."""
    words = [word for word in split_spaced_words(text) if word[0].isalnum()]
    starts = range(len(words) - SHINGLE_WORDS + 1)
    return sorted({zlib.crc32(" ".join(words[start : start + SHINGLE_WORDS]).encode()) for start in starts})
