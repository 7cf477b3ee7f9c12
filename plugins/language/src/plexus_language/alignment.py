"""Word alignment by cross-attention."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

Spans = Sequence[tuple[int, int]]
"""First character and the one after the last, of each token or word."""


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return the words of a text: what stands between spaces; a no-break space is a part of a word.

    Args:
        text: The text.

    Returns:
        The span of each word.
    """
    return [match.span() for match in re.finditer(r"[^ \t\r\n]+", text)]


def positions(text: str, spans: Spans, replacements: Mapping[str, str] | None = None) -> np.ndarray:
    """Return where spans of a text are in another text that differs in white space and in replaced parts.

    Args:
        text: The text.
        spans: Its spans.
        replacements: Parts of the text and what stands for them in the other text.

    Returns:
        First and last position of each span, counted in characters that are no white space, shape `(spans, 2)`.
    """
    weights = np.array([not character.isspace() for character in text], np.int64)
    for part, output in (replacements or {}).items():
        for match in re.finditer(re.escape(part), text):
            weights[match.start() : match.end()] = 0
            weights[match.start()] = len("".join(output.split()))
    totals = np.concatenate([[0], np.cumsum(weights)])
    return np.asarray(totals[np.array(spans, np.int64).reshape(-1, 2)])


def token_words(tokens: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Return the word of each token.

    Args:
        tokens: Positions of the tokens, shape `(tokens, 2)`.
        words: Positions of the words, shape `(words, 2)`.

    Returns:
        Number of the word with the largest overlap; -1 for tokens without one, such as tags. Shape `(tokens,)`.
    """
    if not len(words) or not len(tokens):
        return np.full(len(tokens), -1)
    starts = np.maximum(tokens[:, None, 0], words[None, :, 0])
    overlaps = np.minimum(tokens[:, None, 1], words[None, :, 1]) - starts
    return np.where(overlaps.max(axis=1) > 0, overlaps.argmax(axis=1), -1)


def align_words(
    attention: np.ndarray, target_words: np.ndarray, source_words: np.ndarray, sizes: tuple[int, int]
) -> np.ndarray:
    """Sum the attention of tokens to that of words.

    Args:
        attention: Cross-attention of target tokens to source tokens, shape `(target tokens, source tokens)`.
        target_words: Word of each target token, shape `(target tokens,)`.
        source_words: Word of each source token, shape `(source tokens,)`.
        sizes: Number of target words and of source words.

    Returns:
        Attention of each target word to the source words, shape `sizes`; rows sum to 1, or 0 without attention.
    """
    words = np.zeros(sizes)
    targets, sources = np.flatnonzero(target_words >= 0), np.flatnonzero(source_words >= 0)
    rows, columns = np.ix_(target_words[targets], source_words[sources])
    np.add.at(words, (rows, columns), attention[np.ix_(targets, sources)])
    totals = words.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(words, totals, out=np.zeros_like(words), where=totals > 0))


def aligned_words(words: np.ndarray) -> list[int]:
    """Return the source word that each target word attends to most.

    Args:
        words: The result of `align_words`.

    Returns:
        Number of the source word; -1 without attention.
    """
    return [int(row.argmax()) if row.any() else -1 for row in words]
