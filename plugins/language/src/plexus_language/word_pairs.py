"""Words and their translations, found in pairs of sentences."""

from collections.abc import Sequence

import numpy as np

from plexus_language.recognition import sentence_words

MAX_WORDS, MAX_SENTENCES = 14, 60_000
"""Longer sentences, and sentences beyond so many, are not used: short ones say most about their words."""
ITERATIONS = 6
MIN_COUNT, MIN_PROBABILITY = 3, 0.25
"""A translation occurs so often, and is at least so probable in both directions."""


def find_word_pairs(sources: Sequence[str], targets: Sequence[str]) -> list[tuple[str, str]]:
    """Find words that are most probably the translation of each other, by IBM Model 1 (Brown et al. 1993).

    Args:
        sources: Sentences of the first language.
        targets: Their translations.

    Returns:
        Pairs of words in lowercase, in the order of the first words.
    """
    first, second = _Words(sources), _Words(targets)
    rows = [
        row
        for row, sizes in enumerate(zip(first.sizes, second.sizes, strict=True))
        if min(sizes) > 0 and max(sizes) <= MAX_WORDS
    ][:MAX_SENTENCES]
    if not rows:
        return []
    links, forward = _translation_table(first, second, rows)
    _, backward = _translation_table(second, first, rows)
    size = len(second.names)
    # The links of both directions are the same words, in the order of their first and second word respectively.
    order = np.argsort(links % size * len(first.names) + links // size, kind="stable")
    reverse = np.empty(len(links))
    reverse[order] = backward
    good = (forward >= MIN_PROBABILITY) & (reverse >= MIN_PROBABILITY)
    counts = first.counts[links // size], second.counts[links % size]
    good &= np.minimum(*counts) >= MIN_COUNT
    product = forward * reverse
    best: dict[int, tuple[float, int]] = {}
    for link in np.flatnonzero(good):
        source, target = divmod(int(links[link]), size)
        best[source] = max(best.get(source, (0.0, -1)), (float(product[link]), -target))
    return [(first.names[source], second.names[-target]) for source, (_, target) in sorted(best.items())]


class _Words:
    """The words of sentences as numbers.

    Args:
        sentences: The sentences.
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        words = [[word.casefold() for word in sentence_words(sentence)] for sentence in sentences]
        self.names = sorted({word for line in words for word in line})
        numbers = {word: number for number, word in enumerate(self.names)}
        self.lines = [np.array([numbers[word] for word in line], np.int64) for line in words]
        self.sizes = [len(line) for line in words]
        self.counts = np.bincount(np.concatenate([*self.lines, np.zeros(0, np.int64)]), minlength=len(self.names))


def _translation_table(first: _Words, second: _Words, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the linked words as `first * number of second words + second`, and their translation probabilities."""
    size = len(second.names)
    linked = [(first.lines[row][None, :] * size + second.lines[row][:, None]).ravel() for row in rows]
    # Each occurrence of a second word is explained by the first words of its sentence.
    repeats = np.concatenate([np.full(second.sizes[row], first.sizes[row]) for row in rows])
    owners = np.repeat(np.arange(len(repeats)), repeats)
    links, places = np.unique(np.concatenate(linked), return_inverse=True)
    sources = links // size
    probabilities = np.full(len(links), 1.0)
    for _ in range(ITERATIONS):
        shares = probabilities[places]
        shares /= np.bincount(owners, shares)[owners]
        expected = np.bincount(places, shares)
        probabilities = expected / np.bincount(sources, expected, len(first.names))[sources]
    return links, probabilities
