"""Fits the codec on training pairs."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from plexus_language.bpe import learn_merges, split_words
from plexus_language.codec import TranslationCodec
from plexus_language.layout import MAX_WORDS
from plexus_language.recognition import sentence_words
from plexus_language.sentence_forms import MAX_PLACEHOLDERS, MIN_MASKABLE, MIN_MASKABLE_SHARE, masked
from plexus_language.typography import plain_spaces

if TYPE_CHECKING:
    from plexus_language.pairs import PairExamples

MIN_RATIO_TOKENS, QUANTILE = 4, 0.999
"""Shortest source for the largest ratio of lengths, and the quantile that is taken as the largest value."""
MIN_WORDS = 10
"""Sentences of so many words are translated as a whole, even if those of the training were shorter."""


def fit_codec(
    pairs: "PairExamples", languages: tuple[str, str], both_directions: bool, vocabulary_size: int
) -> TranslationCodec:
    """Fit vocabulary, words and statistics.

    Args:
        pairs: The training pairs.
        languages: Codes of the two languages.
        both_directions: Whether the model learns both directions.
        vocabulary_size: Largest number of tokens.

    Returns:
        The codec.
    """
    sides = [[plain_spaces(text) for text in side] for side in (pairs.inputs, pairs.targets)]
    counts = Counter(word for side in sides for text in side for word in split_words(text))
    tokens, merges = learn_merges(dict(counts), vocabulary_size)
    return _with_statistics(sides, languages, both_directions, tokens, merges)


def refit_codec(pairs: "PairExamples", codec: TranslationCodec) -> TranslationCodec:
    """Fit a codec whose tokens are those of another one, to train its network on other pairs.

    Args:
        pairs: The training pairs.
        codec: The other codec.

    Returns:
        The codec; it knows the words of both.
    """
    sides = [[plain_spaces(text) for text in side] for side in (pairs.inputs, pairs.targets)]
    new = _with_statistics(sides, codec.languages, codec.both_directions, codec.tokens, codec.merges)
    words = {language: sorted({*new.words[language], *codec.words[language]}) for language in codec.languages}
    return TranslationCodec(
        codec.languages,
        codec.both_directions,
        codec.tokens,
        codec.merges,
        words,
        max(new.length_ratio, codec.length_ratio),
        new.digit_share,
        len(codec.placeholders),
        max_words=max(new.max_words, codec.max_words),
    )


def _with_statistics(
    sides: list[list[str]],
    languages: tuple[str, str],
    both_directions: bool,
    tokens: list[str],
    merges: list[tuple[str, str]],
) -> TranslationCodec:
    words = {
        language: sorted({word.casefold() for text in side for word in sentence_words(text)})
        for language, side in zip(languages, sides, strict=True)
    }
    placeholders = [f"⟦{number}⟧" for number in range(1, MAX_PLACEHOLDERS + 1)]
    maskable = sum(
        masked(source, target, placeholders) is not None for source, target in zip(sides[0], sides[1], strict=True)
    )
    is_trained = maskable >= max(MIN_MASKABLE, MIN_MASKABLE_SHARE * len(sides[0]))
    count = MAX_PLACEHOLDERS if is_trained else 0
    plain = TranslationCodec(languages, both_directions, tokens, merges, words, 1.0, 0.0, count)
    lengths = [np.array([len(ids) for ids in plain.encode_target(side)]) for side in sides]
    ratios = [_largest_ratio(*lengths), *([_largest_ratio(*lengths[::-1])] if both_directions else [])]
    return TranslationCodec(
        languages,
        both_directions,
        tokens,
        merges,
        words,
        max(ratios),
        _digit_share(*sides),
        count,
        max_words=_max_words(sides),
    )


def _max_words(sides: list[list[str]]) -> int:
    """Return the number of words that hardly any sentence of the training exceeds: longer ones are divided."""
    counts = [len(text.split()) for side in sides for text in side]
    return int(np.clip(np.quantile(counts, QUANTILE), MIN_WORDS, MAX_WORDS))


def _largest_ratio(sources: np.ndarray, targets: np.ndarray) -> float:
    ratios = (targets / np.maximum(sources, 1))[sources >= MIN_RATIO_TOKENS]
    return max(round(float(np.quantile(ratios, QUANTILE)), 3), 1.0) if len(ratios) else 2.0


def _digit_share(sources: list[str], targets: list[str]) -> float:
    """Return the share of pairs with digits whose sides have the same ones."""
    digits = [
        (sorted(filter(str.isdigit, source)), sorted(filter(str.isdigit, target)))
        for source, target in zip(sources, targets, strict=True)
    ]
    present = [first == second for first, second in digits if first or second]
    return round(sum(present) / len(present), 4) if present else 1.0
