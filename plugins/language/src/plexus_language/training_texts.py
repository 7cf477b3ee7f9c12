"""The training pairs in all their forms, and the batches of an epoch."""

from typing import TYPE_CHECKING

import numpy as np

from plexus import Batches
from plexus_language.codec import BEGIN, END, TranslationCodec
from plexus_language.sentence_forms import INFORMAL_SHARE, MASKED_SHARE, informal, masked, small_words
from plexus_language.subwords import Ragged, SubwordSampler
from plexus_language.typography import plain_spaces
from plexus_language.word_pairs import find_word_pairs

if TYPE_CHECKING:
    from plexus.codec import Arrays
    from plexus_language.pairs import PairExamples

BUCKET_BATCHES = 64
"""Batches whose pairs are sorted by length together: with 16, a fifth of the tokens is padding instead of a tenth."""
MAX_LENGTH = 10_000
"""More than the tokens of any side: the factor of the first of two sorting keys."""


class TrainingTexts:
    """Training pairs as they are, in lowercase without end mark, with placeholders, and pairs of single words.

    Args:
        pairs: The training pairs.
        codec: The codec.

    Example:
        ```python
        batches = TrainingTexts(dataset["train"], codec).batches(batch_size=256, dropout=0.1, seed=0, epoch=0)
        ```
    """

    def __init__(self, pairs: "PairExamples", codec: TranslationCodec) -> None:
        self.codec, self.pairs = codec, len(pairs)
        sides = [[plain_spaces(text) for text in side] for side in (pairs.inputs, pairs.targets)]
        small = [small_words(side) for side in sides]
        forms = [list(side) for side in sides]
        for side, words in enumerate(small):
            forms[side] += [informal(text, words) for text in sides[side]]
        self.masked = np.full(self.pairs, -1)
        for number, (source, target) in enumerate(zip(*sides, strict=True)):
            if codec.placeholders and (pair := masked(source, target, codec.placeholder_texts)) is not None:
                self.masked[number] = len(forms[0])
                for side in (0, 1):
                    forms[side].append(pair[side])
        word_pairs = [
            pair
            for pair in find_word_pairs(*sides)
            if all(word in words and not codec.has_unknown(word) for word, words in zip(pair, small, strict=True))
        ]
        self.word_pairs = len(forms[0]) + np.arange(len(word_pairs))
        for side in (0, 1):
            forms[side] += [pair[side] for pair in word_pairs]
        self.samplers = [SubwordSampler(codec, texts) for texts in forms]

    def batches(self, batch_size: int, dropout: float, seed: int, epoch: int) -> Batches:
        """Return every pair once in each direction, in one of its forms, pairs of similar length together.

        Args:
            batch_size: Pairs per batch.
            dropout: Share of merges that are left out.
            seed: Random seed.
            epoch: The epoch.

        Returns:
            The batches: `source`, and `target` that begins with the token of the beginning; as targets the tokens that
            follow, padded with 0.
        """
        import keras

        from plexus.data.length_buckets import bucketed_rows

        parts = [
            self._direction(number, dropout, (seed, epoch, number)) for number in range(len(self.codec.directions))
        ]
        sources, targets = (_joined([part[side] for part in parts]) for side in (0, 1))
        size = min(batch_size, len(sources.lengths))
        lengths = np.maximum(sources.lengths, targets.lengths) * MAX_LENGTH + targets.lengths
        rows = bucketed_rows(lengths, size, seed, epoch, BUCKET_BATCHES)
        widest = [int(side.lengths.max()) for side in (sources, targets)]

        def make(number: int) -> "tuple[Arrays, np.ndarray]":
            chosen = rows[number]
            widths = [int(side.lengths[chosen].max()) for side in (sources, targets)]
            if keras.backend.backend() == "jax":  # it compiles a program for each width
                widths = widest
            source, target = sources.padded(chosen, widths[0]), targets.padded(chosen, widths[1])
            return {"source": source, "target": np.where(target[:, :-1] == END, 0, target[:, :-1])}, target[:, 1:]

        return Batches.generated(make, len(rows), size)

    def _direction(self, number: int, dropout: float, seed: tuple[int, ...]) -> tuple[Ragged, Ragged]:
        """Return sources and targets of all pairs in one direction, with tag, begin and end."""
        rows = np.concatenate([self._forms(seed), self.word_pairs])
        first, second = ((0, 1), (1, 0))[number]
        sources = self.samplers[first].sample(rows, dropout, (*seed, 1))
        targets = self.samplers[second].sample(rows, dropout, (*seed, 2))
        tag = self.codec.tag(self.codec.directions[number])
        return _enclosed(sources, tag, END), _enclosed(targets, BEGIN, END)

    def _forms(self, seed: tuple[int, ...]) -> np.ndarray:
        """Choose the form of each pair."""
        generator = np.random.default_rng((*seed, 0))
        rows = np.arange(self.pairs)
        rows = np.where(generator.random(self.pairs) < INFORMAL_SHARE, rows + self.pairs, rows)
        is_masked = (self.masked >= 0) & (generator.random(self.pairs) < MASKED_SHARE)
        return np.where(is_masked, self.masked, rows)


def _enclosed(rows: Ragged, first: int, last: int) -> Ragged:
    """Add a token before and one after each row."""
    count = len(rows.lengths)
    values = np.full(len(rows.values) + 2 * count, last, np.int32)
    starts = rows.starts + 2 * np.arange(count + 1)
    values[starts[:-1]] = first
    values[np.arange(len(rows.values)) + np.repeat(2 * np.arange(count) + 1, rows.lengths)] = rows.values
    return Ragged(values, starts)


def _joined(parts: list[Ragged]) -> Ragged:
    lengths = np.concatenate([part.lengths for part in parts])
    return Ragged(np.concatenate([part.values for part in parts]), np.concatenate([[0], np.cumsum(lengths)]))
