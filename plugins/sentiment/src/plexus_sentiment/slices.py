"""Parts of the texts that are harder than others."""

from collections.abc import Sequence

import numpy as np

from plexus_sentiment.words import words_of

NEGATIONS = {"not", "no", "never", "nothing", "nobody", "none", "neither", "nor", "hardly", "without", "cannot"}
FEWEST = 20
"""Texts, below which the figure of a slice says nothing."""


def slices(texts: Sequence[str], right: np.ndarray) -> dict[str, float]:
    """The accuracy on texts with a negation ("not bad"), on the shorter and on the longer half.

    Args:
        right: whether each text was answered rightly.
    """
    words = [words_of(text) for text in texts]
    negated = np.array([any(word in NEGATIONS or word.endswith("n't") for word in line) for line in words])
    lengths = np.array([len(line) for line in words])
    longer = lengths > np.median(lengths)
    found = {"negated_accuracy": negated, "short_accuracy": ~longer, "long_accuracy": longer}
    return {name: float(right[chosen].mean()) for name, chosen in found.items() if chosen.sum() >= FEWEST}
