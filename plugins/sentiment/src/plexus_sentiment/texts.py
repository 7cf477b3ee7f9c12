"""Labelled texts, each in windows of words."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples
from plexus_sentiment.words import words_of

if TYPE_CHECKING:
    from plexus.codec import Arrays
    from plexus_sentiment.codec import TextCodec


FOLDS = 5


@dataclass
class Texts(Examples):
    """Texts and their labels; encoded once for a codec, and kept.

    Args:
        guessed: how many of the last labels are a model's, not given.
    """

    guessed: int = 0
    _windows: "tuple[TextCodec, Arrays, np.ndarray] | None" = field(default=None, repr=False)

    def windows(self, codec: "TextCodec") -> "tuple[Arrays, np.ndarray]":
        """The network's inputs, a row a window, and which text each window is of, ascending."""
        if self._windows is None or self._windows[0].tokenizer != codec.tokenizer:
            self._windows = codec, *encode_words(codec, list(map(words_of, self.raws)))
        return self._windows[1:]

    def folds(self, codec: "TextCodec", nets: int, seed: int) -> np.ndarray:
        """Which fold each text belongs to `(n,)`, the classes spread evenly; of those with a guessed label, none: -1.

        There are five folds, or more if there are more nets.
        """
        targets = codec.targets(self.labels[: len(self) - self.guessed])
        order = np.random.default_rng(seed).permutation(len(targets))
        order = order[np.argsort(targets[order], kind="stable")]
        folds = np.full(len(self), -1, np.int32)
        folds[order] = np.arange(len(targets)) % max(nets, FOLDS)
        return folds


def encode_words(codec: "TextCodec", texts: "list[list[str]]") -> "tuple[Arrays, np.ndarray]":
    """As `Texts.windows`, of any texts, each as its words."""
    windows = [codec.windows(words) for words in texts]
    owners = np.repeat(np.arange(len(texts)), [len(parts) for parts in windows])
    return codec.encode_windows([words for parts in windows for words in parts]), owners


def of_texts(outputs: "Arrays", owners: np.ndarray) -> "Arrays":
    """The outputs of whole texts: the votes of all windows together, and the mean of what the nets read in each."""
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    counts = np.diff(np.append(starts, len(owners)))[:, None, None]
    sums = {name: np.add.reduceat(values, starts, axis=0) for name, values in outputs.items()}
    return {"linear": sums["linear"], "nets": sums["nets"] / counts}
