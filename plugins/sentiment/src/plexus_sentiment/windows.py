"""Computation of the windows of texts, a part at a time."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Arrays, Input
from plexus_sentiment.codec import TextCodec, as_text
from plexus_sentiment.length_sorted_predictor import LengthSortedPredictor

if TYPE_CHECKING:
    from plexus import Predictor

Section = Sequence[str]

MAX_CHARACTERS = 1 << 18
"""Characters of the sections that are in memory as arrays at once, each padded to the longest of them."""


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
    return compute_sections(predictor, codec, list(chain.from_iterable(map(codec.sections, words))))


def compute_sections(predictor: "Predictor", codec: TextCodec, sections: Sequence[Section]) -> Arrays:
    """Compute the outputs of the windows of sections.

    Args:
        predictor: The networks.
        codec: The codec.
        sections: The words of each section.

    Returns:
        The outputs by name, the first axis along the windows of all sections in order.
    """
    compute = LengthSortedPredictor(predictor, width_step=1)
    parts = [compute(codec.encode_sections(part)) for part in _parts(sections)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _parts(sections: Sequence[Section]) -> Iterator[Sequence[Section]]:
    """Yield sections in order, as many at once as memory is meant for; at least one part."""
    start, widest = 0, 0
    for end, section in enumerate(sections):
        widest = max(widest, sum(map(len, section)))
        if end > start and (end + 1 - start) * widest > MAX_CHARACTERS:
            yield sections[start:end]
            start, widest = end, sum(map(len, section))
    yield sections[start:]
