"""Token ids of many sentences with dropout of merges, sampled again in each epoch."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from plexus_language.bpe import apply_merges, split_words
from plexus_language.codec import TranslationCodec

MAX_VARIANTS = 4
"""Different divisions of a word that are sampled per epoch; its occurrences get one of them at random."""


class Ragged(NamedTuple):
    """Rows of different lengths.

    Attributes:
        values: The values of all rows, one row after the other.
        starts: Where each row starts, and the end of the last one, shape `(rows + 1,)`.

    Example:
        ```python
        rows = Ragged(np.array([5, 6, 7]), np.array([0, 2, 3]))  # [5, 6] and [7]
        ```
    """

    values: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Ragged":
        """Join rows.

        Args:
            rows: The rows.

        Returns:
            The same as arrays.
        """
        starts = np.cumsum([0, *map(len, rows)])
        return cls(np.fromiter((value for row in rows for value in row), np.int32, starts[-1]), starts)

    @property
    def lengths(self) -> np.ndarray:
        """Length of each row."""
        return np.diff(self.starts)

    def take(self, rows: np.ndarray) -> "Ragged":
        """Return some of the rows.

        Args:
            rows: Numbers of the rows, in any order.

        Returns:
            These rows.
        """
        starts = np.concatenate([[0], np.cumsum(self.lengths[rows])])
        offsets = np.repeat(self.starts[:-1][rows] - starts[:-1], np.diff(starts))
        return Ragged(self.values[np.arange(starts[-1]) + offsets], starts)

    def padded(self, rows: np.ndarray, width: int) -> np.ndarray:
        """Return rows as an array.

        Args:
            rows: Numbers of the rows.
            width: Width of the array, at least the length of the longest row.

        Returns:
            Shape `(len(rows), width)`, padded with 0.
        """
        chosen = self.take(rows)
        array = np.zeros((len(rows), width), np.int32)
        array[np.arange(width) < chosen.lengths[:, None]] = chosen.values
        return array


class SubwordSampler:
    """Samples the token ids of sentences.

    Args:
        codec: The codec.
        texts: The sentences.

    Example:
        ```python
        ids = SubwordSampler(codec, texts).sample(np.arange(len(texts)), dropout=0.1, seed=(0, epoch))
        ```
    """

    def __init__(self, codec: TranslationCodec, texts: Sequence[str]) -> None:
        self.codec = codec
        numbers: dict[str, int] = {}
        lines = [[numbers.setdefault(word, len(numbers)) for word in split_words(text)] for text in texts]
        self.words, self.lines = list(numbers), Ragged.of(lines)
        self.plain = Ragged.of([codec.word_ids(word) for word in self.words])

    def sample(self, rows: np.ndarray, dropout: float, seed: tuple[int, ...]) -> Ragged:
        """Return the token ids of sentences.

        Args:
            rows: Numbers of the sentences.
            dropout: Share of merges that are left out.
            seed: Random seed.

        Returns:
            The ids of each sentence.
        """
        lines = self.lines.take(rows)
        generator = np.random.default_rng(seed)
        variants, words = self.plain, lines.values
        if dropout:
            counts = np.minimum(np.bincount(words, minlength=len(self.words)), MAX_VARIANTS)
            variants = self._variants(counts, dropout, int(generator.integers(2**62)))
            chosen = (generator.random(len(words)) * counts[words]).astype(np.int64)
            words = (np.cumsum(counts) - counts)[words] + chosen
        tokens = variants.take(words)
        return Ragged(tokens.values, tokens.starts[lines.starts])

    def _variants(self, counts: np.ndarray, dropout: float, seed: int) -> Ragged:
        """Return so many sampled divisions of each word."""
        generator, codec = random.Random(seed), self.codec  # noqa: S311 - not for cryptography
        rows: list[tuple[int, ...]] = []
        for word, count in zip(self.words, counts.tolist(), strict=True):
            if len(word) < 2 or word in codec.placeholder_texts:
                rows += [codec.word_ids(word)] * count
                continue
            for _ in range(count):
                rows.append(codec.token_ids(apply_merges(word, codec.ranks, dropout, generator)))
        return Ragged.of(rows)
