"""Passages: short runs of words of longer texts, with the label of the whole."""

from collections.abc import Sequence

import numpy as np

SHORTEST, LONGEST = 5, 50
"""Words of a passage."""
LONG_TEXT = 2 * LONGEST
"""Words from which a text has passages: a part of a sentence often has another meaning than the whole."""
LONGEST_FOR_PRESET = 128
"""Tokens of a passage for a pretrained encoder."""
PASSAGE_SHARE = 0.5
"""Fraction of the long windows that are replaced by a passage."""


def cut_passages(texts: Sequence[Sequence[str]], generator: np.random.Generator) -> tuple[np.ndarray, list[list[str]]]:
    """Cut one passage from each text of `LONG_TEXT` words or more, of a length whose logarithm is uniform.

    Args:
        texts: The words of each text.
        generator: Source of random numbers.

    Returns:
        Index of the text of each passage, ascending, and the words of the passages.
    """
    rows, starts, ends = _draw_passages(np.array([len(words) for words in texts], np.int64), generator)
    return rows, [list(texts[row][start:end]) for row, start, end in zip(rows, starts, ends, strict=True)]


def cut_token_passages(tokens: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cut one passage from each window of `LONG_TEXT` tokens or more.

    Args:
        tokens: Tokens of windows, shape `(windows, width)`, padded with 0.
        generator: Source of random numbers.

    Returns:
        Index of the window of each passage, ascending, and its tokens of shape `(passages, width)`.
    """
    rows, starts, ends = _draw_passages(np.count_nonzero(tokens, axis=1), generator)
    places = starts[:, None] + np.arange(tokens.shape[1])
    values = tokens[rows[:, None], np.minimum(places, tokens.shape[1] - 1)]
    return rows, np.where(places < ends[:, None], values, 0)


def sample_encoder_windows(tokens: np.ndarray, window_counts: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Sample one window of each text, and replace half of those of `LONG_TEXT` tokens or more by a passage.

    The time of a step is proportional to its tokens, so each epoch has another window of a long text.

    Args:
        tokens: Tokens of windows, with special tokens at both ends, shape `(windows, width)`, padded with 0.
        window_counts: Number of windows of each text, shape `(texts,)`.
        generator: Source of random numbers.

    Returns:
        Tokens of shape `(texts, width)`, padded with 0.
    """
    offsets = (generator.random(len(window_counts)) * window_counts).astype(np.int64)
    tokens = tokens[np.cumsum(window_counts) - window_counts + offsets]
    shortened, lengths = tokens.copy(), np.count_nonzero(tokens, axis=1)
    rows, starts, ends = _draw_passages(lengths - 2, generator, LONGEST_FOR_PRESET)
    selected = generator.random(len(rows)) < PASSAGE_SHARE
    for row, start, size in zip(rows[selected], starts[selected], (ends - starts)[selected], strict=True):
        shortened[row, 1 : size + 1] = tokens[row, start + 1 : start + size + 1]
        shortened[row, size + 1] = tokens[row, lengths[row] - 1]
        shortened[row, size + 2 :] = 0
    return shortened


def _draw_passages(
    lengths: np.ndarray, generator: np.random.Generator, longest: int = LONGEST
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows that have a passage, and the starts and ends of the passages."""
    sizes = np.minimum(SHORTEST * ((longest + 1) / SHORTEST) ** generator.random(len(lengths)), lengths)
    sizes = sizes.astype(np.int64)
    starts = (generator.random(len(lengths)) * (lengths - sizes + 1)).astype(np.int64)
    rows = np.flatnonzero(lengths >= LONG_TEXT)
    return rows, starts[rows], (starts + sizes)[rows]
