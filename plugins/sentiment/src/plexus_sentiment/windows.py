"""Computation of the windows of texts, a part at a time."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Arrays, Input
from plexus_sentiment.codec import TextCodec, as_text
from plexus_sentiment.length_sorted_predictor import MAX_WINDOWS

if TYPE_CHECKING:
    from plexus import Predictor

Window = Sequence[str]

MAX_CHARACTERS = 1 << 18
"""Characters of the windows that are in memory as arrays at once, each padded to the longest of them."""


def compute_texts(predictor: "Predictor", codec: TextCodec, texts: Sequence[Input]) -> Arrays:
    """Compute the outputs of the windows of texts.

    Args:
        predictor: The networks.
        codec: The codec.
        texts: The texts, any number.

    Returns:
        The outputs by name, the first axis along the windows of all texts in order.

    Raises:
        InputError: If a text is not a string.
    """
    words = (codec.split_words(as_text(text)) for text in texts)
    return compute_windows(predictor, codec, list(chain.from_iterable(map(codec.windows, words))))


def compute_windows(predictor: "Predictor", codec: TextCodec, windows: Sequence[Window]) -> Arrays:
    """Compute the outputs of windows, sorted by length, because each part is padded to its longest window.

    Args:
        predictor: The networks.
        codec: The codec.
        windows: The words of each window.

    Returns:
        The outputs by name, the first axis along the windows.
    """
    order = np.argsort([len(window) for window in windows], kind="stable")
    parts = [predictor(codec.encode_windows(part)) for part in _parts([windows[index] for index in order])]
    places = np.argsort(order)
    return {name: np.concatenate([part[name] for part in parts])[places] for name in parts[0]}


def _parts(windows: Sequence[Window]) -> Iterator[Sequence[Window]]:
    """Yield windows in order, as many at once as memory is meant for, at most `MAX_WINDOWS`; at least one part."""
    start, widest = 0, 0
    for end, window in enumerate(windows):
        widest = max(widest, sum(map(len, window)))
        if end > start and ((end + 1 - start) * widest > MAX_CHARACTERS or end - start == MAX_WINDOWS):
            yield windows[start:end]
            start, widest = end, sum(map(len, window))
    yield windows[start:]
