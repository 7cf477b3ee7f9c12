"""Accuracy on subsets of texts that differ in difficulty."""

from collections.abc import Sequence

import numpy as np

from plexus_sentiment.negation import NEGATIONS
from plexus_sentiment.tokenization import split_words

MIN_TEXTS = 20
"""Slices of fewer texts have no metric."""


def slice_accuracies(texts: Sequence[str], correct: np.ndarray) -> dict[str, float]:
    """Compute the accuracy on texts with a negation ("not bad"), on the shorter half and on the longer half.

    Args:
        texts: The texts.
        correct: Whether the prediction of each text is correct, shape `(texts,)`.

    Returns:
        `negated_accuracy`, `short_accuracy` and `long_accuracy`, those of slices of at least 20 texts.
    """
    words = [split_words(text) for text in texts]
    negated = np.array([any(word in NEGATIONS or word.endswith("n't") for word in line) for line in words])
    lengths = np.array([len(line) for line in words])
    is_long = lengths > np.median(lengths)
    slices = {"negated_accuracy": negated, "short_accuracy": ~is_long, "long_accuracy": is_long}
    return {name: float(correct[rows].mean()) for name, rows in slices.items() if rows.sum() >= MIN_TEXTS}
