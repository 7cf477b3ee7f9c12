"""The n-grams of texts as numbers: of words, and of the letters within them."""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

PRIME = np.uint64(0x100000001B3)
"""Of the hash of Fowler, Noll and Vo, by which letters and words are chained."""
MIXER = np.uint64(0x9E3779B97F4A7C15)
SPACE, PAIRED = 32, np.uint64(500)


@lru_cache(maxsize=1 << 20)
def _word_hash(word: str) -> int:
    return zlib.crc32(word.encode())


def hashed_ngrams(
    texts: Sequence[Sequence[str]], words: int, gap: int, letters: tuple[int, int] | None, buckets: int
) -> tuple[np.ndarray, np.ndarray]:
    """The different n-grams of each text, hashed (Weinberger et al. 2009, arXiv:0902.2206).

    Args:
        texts: each as its words.
        words: the longest n-gram of words.
        gap: pairs of words too, with up to so many others between them (skip-grams, Guthrie et al. 2006).
        letters: the shortest and the longest n-gram of letters, which begins and ends within a word or its two spaces;
            None: none.
        buckets: how many numbers there are; they begin at 1.

    Returns:
        The text of each n-gram, ascending, and its bucket: both `(n-grams,)`.
    """
    hashes, owners = _of_words(texts, words, gap)
    if letters is not None:
        more, theirs = _of_letters(texts, letters)
        hashes, owners = np.concatenate([hashes, more]), np.concatenate([owners, theirs])
    keys = owners.astype(np.int64) * (buckets + 1) + 1 + (_mixed(hashes) % np.uint64(buckets)).astype(np.int64)
    keys.sort()
    keys = keys[np.diff(keys, prepend=-1) > 0]
    return keys // (buckets + 1), keys % (buckets + 1)


def padded(owners: np.ndarray, buckets: np.ndarray, texts: int, width: int | None = None) -> np.ndarray:
    """One row a text, filled up with 0: `(texts, width)`, by default as wide as the longest needs."""
    counts = np.bincount(owners, minlength=texts)
    places = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    width = max(int(counts.max(initial=1)), 1) if width is None else width
    rows = np.zeros((texts, width), np.int32)
    kept = places < width
    rows[owners[kept], places[kept]] = buckets[kept]
    return rows


def _of_words(texts: Sequence[Sequence[str]], longest: int, gap: int) -> tuple[np.ndarray, np.ndarray]:
    lengths = [len(words) for words in texts]
    single = np.fromiter(map(_word_hash, chain.from_iterable(texts)), np.uint64, sum(lengths))
    owners = np.repeat(np.arange(len(texts)), lengths)
    chained, hashes, whose = single, [single], [owners]
    for n in range(2, longest + 1):
        if len(chained) < 2:
            break
        chained = chained[:-1] * PRIME ^ single[n - 1 :]
        within = owners[: len(chained)] == owners[n - 1 :]
        hashes.append(chained[within] + np.uint64(n))
        whose.append(owners[: len(chained)][within])
    for apart in range(2, min(gap + 2, len(single))):
        within = owners[:-apart] == owners[apart:]
        hashes.append((single[:-apart] * PRIME ^ single[apart:])[within] + PAIRED)
        whose.append(owners[:-apart][within])
    return np.concatenate(hashes), np.concatenate(whose)


def _of_letters(texts: Sequence[Sequence[str]], span: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    lines = [f" {' '.join(words)} ".encode() for words in texts]
    letters = np.frombuffer(b"".join(lines), np.uint8)
    owners = np.repeat(np.arange(len(texts)), [len(line) for line in lines])
    spaces = np.concatenate([[0], np.cumsum(letters == SPACE)])
    chained, hashes, whose = letters.astype(np.uint64), [], []
    for n in range(2, span[1] + 1):
        if len(chained) < 2:
            break
        chained = chained[:-1] * PRIME + letters[n - 1 :]
        first = np.arange(len(chained))
        # No space between the first letter and the last, both of one text.
        inside = spaces[first + n - 1] - spaces[first + 1]
        kept = (owners[first] == owners[first + n - 1]) & (inside == 0)
        if n >= span[0]:
            hashes.append(chained[kept] + np.uint64(1000 + n))
            whose.append(owners[first][kept])
    return np.concatenate([*hashes, chained[:0]]), np.concatenate([*whose, owners[:0]])


def _mixed(hashes: np.ndarray) -> np.ndarray:
    """Spread over all bits (Stafford's variant of MurmurHash3's last step)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * MIXER
    return hashes ^ (hashes >> np.uint64(27))
