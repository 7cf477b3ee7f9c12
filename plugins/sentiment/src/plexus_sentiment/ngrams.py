"""Hashed n-grams of words and characters."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Self

import numpy as np

from plexus_sentiment.negation import mark_negated

FNV_PRIME = np.uint64(0x100000001B3)
"""Prime of the hash of Fowler, Noll and Vo, by which characters and words are chained."""
MIX_FACTOR = np.uint64(0x9E3779B97F4A7C15)
SPACE = 32
SKIP_GRAM_OFFSET, END_OFFSET, CHARACTER_OFFSET = np.uint64(500), np.uint64(700), 1000
"""Added to the hashes, so that n-grams of different kinds have different hashes."""
CHARACTER_LENGTHS = (3, 6)
"""The shortest and the longest n-gram of characters."""
END_MAX_WORDS = 2
"""Longest n-gram of the words at the end."""


@dataclass(frozen=True)
class NgramHasher:
    """Maps the n-grams of texts to buckets (feature hashing, Weinberger et al. 2009, arXiv:0902.2206).

    The n-grams are those of one to `max_words` words; pairs of words with others between them (skip-grams, Guthrie et
    al. 2006); and those of three to six characters, which begin and end within a word or its two spaces. Those of one
    or two words at the end of a long text have buckets of their own as well: it often summarizes the text.

    scikit-learn's `HashingVectorizer` has no skip-grams, and prediction depends on NumPy and ONNX Runtime only.

    Args:
        max_words: Longest n-gram of words.
        max_gap: Most words between the two of a skip-gram; 0: no skip-grams.
        characters: Whether n-grams of characters are used.
        buckets: Number of buckets; they are numbered from 1.
        negation: Whether n-grams of negated words differ from those of the words themselves; see `mark_negated`.
        end_words: Number of words at the end of a text whose n-grams have buckets of their own as well, if the text has
            more than twice as many; 0: none. The sections of a text are texts here.

    Example:
        ```python
        owners, buckets = NgramHasher(2, 0, False, buckets=4096).hash([["not", "bad"]])
        ```
    """

    max_words: int
    max_gap: int
    characters: bool
    buckets: int
    negation: bool = False
    end_words: int = 0

    def hash(self, texts: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Return the different n-grams of each text.

        Args:
            texts: The words of each text.

        Returns:
            Index of the text of each n-gram, ascending, and its bucket, both of shape `(ngrams,)`.
        """
        texts = [mark_negated(words) for words in texts] if self.negation else texts
        hashes, owners = _hash_word_ngrams(texts, self.max_words, self.max_gap)
        if self.end_words:
            ends = [words[-self.end_words :] if len(words) > 2 * self.end_words else [] for words in texts]
            end_hashes, end_owners = _hash_word_ngrams(ends, min(self.max_words, END_MAX_WORDS), 0)
            hashes, owners = np.concatenate([hashes, end_hashes + END_OFFSET]), np.concatenate([owners, end_owners])
        if self.characters:
            character_hashes, character_owners = _hash_character_ngrams(texts)
            hashes, owners = np.concatenate([hashes, character_hashes]), np.concatenate([owners, character_owners])
        buckets = 1 + (_mix_bits(hashes) % np.uint64(self.buckets)).astype(np.int64)
        keys = owners.astype(np.int64) * (self.buckets + 1) + buckets
        keys.sort()
        keys = keys[np.diff(keys, prepend=-1) > 0]
        return keys // (self.buckets + 1), keys % (self.buckets + 1)

    def unigrams(self) -> Self:
        """Return the hasher of single words, with the same buckets.

        Returns:
            The hasher.
        """
        return replace(self, max_words=1, max_gap=0, characters=False, negation=False, end_words=0)


def pad_rows(owners: np.ndarray, values: np.ndarray, rows: int) -> np.ndarray:
    """Arrange values in rows that are padded with 0.

    Args:
        owners: Row of each value, ascending, shape `(values,)`.
        values: The values.
        rows: Number of rows.

    Returns:
        Array of shape `(rows, width)`, as wide as the longest row.
    """
    counts = np.bincount(owners, minlength=rows)
    columns = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    padded = np.zeros((rows, max(int(counts.max(initial=1)), 1)), np.int32)
    padded[owners, columns] = values
    return padded


@lru_cache(maxsize=1 << 20)
def _hash_word(word: str) -> int:
    return zlib.crc32(word.encode())


def _hash_word_ngrams(texts: Sequence[Sequence[str]], longest: int, max_gap: int) -> tuple[np.ndarray, np.ndarray]:
    lengths = [len(words) for words in texts]
    single = np.fromiter(map(_hash_word, chain.from_iterable(texts)), np.uint64, sum(lengths))
    text_of_word = np.repeat(np.arange(len(texts)), lengths)
    chained, hashes, owners = single, [single], [text_of_word]
    for n in range(2, longest + 1):
        if len(chained) < 2:
            break
        chained = chained[:-1] * FNV_PRIME ^ single[n - 1 :]
        within = text_of_word[: len(chained)] == text_of_word[n - 1 :]
        hashes.append(chained[within] + np.uint64(n))
        owners.append(text_of_word[: len(chained)][within])
    for distance in range(2, min(max_gap + 2, len(single))):
        within = text_of_word[:-distance] == text_of_word[distance:]
        pairs = single[:-distance] * FNV_PRIME ^ single[distance:]
        hashes.append(pairs[within] + SKIP_GRAM_OFFSET)
        owners.append(text_of_word[:-distance][within])
    return np.concatenate(hashes), np.concatenate(owners)


def _hash_character_ngrams(texts: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    shortest, longest = CHARACTER_LENGTHS
    lines = [f" {' '.join(words)} ".encode() for words in texts]
    characters = np.frombuffer(b"".join(lines), np.uint8)
    text_of_character = np.repeat(np.arange(len(texts)), [len(line) for line in lines])
    spaces = np.concatenate([[0], np.cumsum(characters == SPACE)])
    chained, hashes, owners = characters.astype(np.uint64), [], []
    for n in range(2, longest + 1):
        if len(chained) < 2:
            break
        chained = chained[:-1] * FNV_PRIME + characters[n - 1 :]
        first = np.arange(len(chained))
        # No space between the first character and the last, both of one text.
        spaces_inside = spaces[first + n - 1] - spaces[first + 1]
        within = (text_of_character[first] == text_of_character[first + n - 1]) & (spaces_inside == 0)
        if n >= shortest:
            hashes.append(chained[within] + np.uint64(CHARACTER_OFFSET + n))
            owners.append(text_of_character[first][within])
    return np.concatenate([*hashes, chained[:0]]), np.concatenate([*owners, text_of_character[:0]])


def _mix_bits(hashes: np.ndarray) -> np.ndarray:
    """Spread hashes over all bits (Stafford's variant of MurmurHash3's last step)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * MIX_FACTOR
    return np.asarray(hashes ^ (hashes >> np.uint64(27)))
