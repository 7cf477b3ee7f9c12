"""Labelled texts."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples

if TYPE_CHECKING:
    from plexus_sentiment.codec import TextCodec

MIN_FOLDS, MAX_FOLDS = 5, 20
STACKING_TEXTS = 3000
"""Texts that are enough to fit the weights of a stacking."""


@dataclass
class TextExamples(Examples[str]):
    """Texts and their labels.

    Args:
        inputs: The texts.
        targets: The labels.
        pseudo_labels: Number of labels at the end that a teacher predicted.
        teacher_accuracy: Accuracy of that teacher on the test split; None without pseudo-labels.

    Example:
        ```python
        examples = TextExamples(["good film", "bad film"], ["positive", "negative"])
        examples.word_counts(codec)  # array([2, 2])
        ```
    """

    pseudo_labels: int = 0
    teacher_accuracy: float | None = None
    _word_counts: dict[bool, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def word_counts(self, codec: "TextCodec") -> np.ndarray:
        """Count the words and punctuation marks of each text.

        Args:
            codec: The codec, which splits texts into words.

        Returns:
            The numbers, shape `(texts,)`.
        """
        if codec.canonical not in self._word_counts:
            self._word_counts[codec.canonical] = codec.word_counts(list(self.inputs))
        return self._word_counts[codec.canonical]

    def folds(self, classes: np.ndarray, networks: int, seed: int) -> np.ndarray:
        """Assign each text to a fold, the classes spread evenly.

        A network is not trained on the texts of its fold, on which its weight is fitted: where texts are many, folds
        are small.

        Args:
            classes: Class of each text, shape `(texts,)`.
            networks: Number of networks; there are at least as many folds.
            seed: Random seed.

        Returns:
            Fold of each text, shape `(texts,)`; -1 for texts with pseudo-labels.
        """
        labelled = classes[: len(self) - self.pseudo_labels]
        count = min(max(networks * len(labelled) // STACKING_TEXTS, networks, MIN_FOLDS), MAX_FOLDS)
        order = np.random.default_rng(seed).permutation(len(labelled))
        order = order[np.argsort(labelled[order], kind="stable")]
        folds = np.full(len(self), -1, np.int32)
        folds[order] = np.arange(len(labelled)) % count
        return folds
