"""Rows of unequal length, with little filling."""

from collections.abc import Sequence
from typing import Any, Self

import keras
import numpy as np

STEP = 16
"""Widths are its multiples: each width is a program of its own to some backends."""
TOGETHER = 16
"""Batches whose rows are ordered by length among each other: the more, the less filling and the less mixing."""


class OfALength(keras.utils.PyDataset):
    """Batches of rows that are nearly of one length, each cut to what its longest row needs.

    On XLA, which compiles a program for every width, rows keep their full width.

    Args:
        x: arrays `(n, width)`, their rows filled up with 0; y: targets.
        batches: the rows of each batch.
    """

    def __init__(self, x: dict[str, np.ndarray], y: np.ndarray, batches: Sequence[np.ndarray]) -> None:
        super().__init__()
        self.x, self.y, self.batches = x, y, batches
        self.cut = keras.backend.backend() != "jax"

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        rows = self.batches[index]
        return {name: self._needed(values[rows]) for name, values in self.x.items()}, self.y[rows]

    def _needed(self, values: np.ndarray) -> np.ndarray:
        if not self.cut:
            return values
        longest = int(np.max(np.nonzero(values.any(axis=0))[0], initial=0)) + 1
        return values[:, : -(-longest // STEP) * STEP]

    def skip(self, batches: int) -> Self:
        """The same without its first batches: the name that `tf.data.Dataset` has for it."""
        return type(self)(self.x, self.y, self.batches[batches:])


def batches_of_a_length(lengths: np.ndarray, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Rows in batches of nearly one length, in an order that is a function of the seed and the epoch alone.

    Args:
        lengths: of the rows `(n,)`; rows left over at the end are dropped, as of `Batches.shuffled`.
    """
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(lengths))[: len(lengths) - len(lengths) % batch_size]
    groups = [order[start : start + batch_size * TOGETHER] for start in range(0, len(order), batch_size * TOGETHER)]
    ordered = np.concatenate([group[np.argsort(lengths[group], kind="stable")] for group in groups])
    batches = np.split(ordered, len(ordered) // batch_size)
    return [batches[at] for at in generator.permutation(len(batches))]


def of_a_length(x: dict[str, np.ndarray], y: np.ndarray, batches: Sequence[np.ndarray]) -> Any:
    """An `OfALength`; on TensorFlow a `tf.data.Dataset`, since Keras takes the first batch's width for that of all.

    Args:
        x, y, batches: as of `OfALength`.
    """
    made = OfALength(x, y, batches)
    if keras.backend.backend() != "tensorflow":
        return made
    import tensorflow as tf

    wanted = {name: tf.TensorSpec((None, None), values.dtype) for name, values in x.items()}
    kinds = wanted, tf.TensorSpec((None, *y.shape[1:]), y.dtype)
    return tf.data.Dataset.from_generator(lambda: map(made.__getitem__, range(len(made))), output_signature=kinds)
