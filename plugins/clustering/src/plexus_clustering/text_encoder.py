"""Encoding of texts."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from plexus import InputError
from plexus.codec import Arrays, JsonObject
from plexus_clustering.array_json import array_from_json, array_to_json
from plexus_clustering.input_encoder import InputEncoder

if TYPE_CHECKING:
    from plexus_clustering.input_encoder import RawInputs

HASH_BUCKETS = 1024
_PUNCTUATION = ".,;:!?\"'()[]"


class TextEncoder(InputEncoder):
    """Texts as TF-IDF vectors of hashed words, normalized to unit length.

    It does what scikit-learn's `HashingVectorizer` and `TfidfTransformer` do, with NumPy alone: predicting stays light.

    Args:
        idf: Smoothed inverse document frequency of each hash bucket (Spärck Jones 1972), shape `(HASH_BUCKETS,)`.

    Example:
        ```python
        TextEncoder.fit(["rain and wind", "a late goal"]).encode(["wind"])["x"].shape  # (1, 1024)
        ```
    """

    kind = "texts"

    def __init__(self, idf: np.ndarray) -> None:
        self.idf = idf.astype(np.float32)
        self.shape = (len(idf),)

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Self:
        """Compute the inverse document frequencies.

        Args:
            texts: The documents.

        Returns:
            The encoder.
        """
        document_frequency = (_count_words(texts) > 0).sum(axis=0)
        return cls(np.log((1 + len(texts)) / (1 + document_frequency)) + 1)

    def encode(self, inputs: "RawInputs") -> Arrays:
        """Count words and weight them.

        Args:
            inputs: Texts.

        Returns:
            `x`: floats of shape `(n, HASH_BUCKETS)`.

        Raises:
            InputError: If an input is not a text.
        """
        weighted = np.log1p(_count_words(cast("Sequence[str]", inputs))) * self.idf
        return {"x": weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-6)}

    def to_json(self) -> JsonObject:
        """Return the inverse document frequencies.

        Returns:
            The object that `from_json` takes.
        """
        return {"kind": self.kind, "idf": array_to_json(self.idf)}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an encoder from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The encoder.
        """
        return cls(array_from_json(state["idf"]))


def _count_words(texts: Sequence[str]) -> np.ndarray:
    """Return word counts by hash bucket, shape `(n, HASH_BUCKETS)`."""
    counts = np.zeros((len(texts), HASH_BUCKETS), np.float32)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            kind = "a row" if isinstance(text, dict) else "an image" if isinstance(text, Path) else type(text).__name__
            raise InputError(f"expected a text, got {kind}: the model clusters texts")
        for word in text.lower().split():
            counts[row, zlib.crc32(word.strip(_PUNCTUATION).encode()) % HASH_BUCKETS] += 1
    return counts
