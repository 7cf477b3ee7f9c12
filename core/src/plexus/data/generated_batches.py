"""Batches that are made when they are wanted."""

import itertools
from collections.abc import Callable
from typing import Any, Self

import keras
import numpy as np

AHEAD = 2
"""Batches that are made before they are wanted."""

Make = Callable[[int], tuple[dict[str, np.ndarray], np.ndarray]]


class GeneratedBatches(keras.utils.PyDataset):
    """An epoch's batches, each a function of its number.

    Args:
        make: gives inputs and targets of a batch; widths may change from batch to batch.
        steps: how many there are.
        first: the number of the first one.
    """

    def __init__(self, make: Make, steps: int, first: int = 0) -> None:
        super().__init__()
        self.make, self.steps, self.first = make, steps, first

    def __len__(self) -> int:
        return self.steps - self.first

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return self.make(self.first + index)

    def skip(self, batches: int) -> Self:
        """The same without its first batches: the name that `tf.data.Dataset` has for it."""
        return type(self)(self.make, self.steps, self.first + batches)


def sharded(batches: Any, process: int, processes: int, devices: int) -> Any:
    """The batches, each without the rows that the devices cannot share equally, and of those one process's part.

    Args:
        batches: a `GeneratedBatches`, or a `tf.data.Dataset`, which only TensorFlow, and so one process, trains from.
    """

    def part(rows: Any) -> slice:
        own = rows // devices * devices // processes
        return slice(process * own, (process + 1) * own)

    if not isinstance(batches, GeneratedBatches):
        return batches.map(lambda *both: keras.tree.map_structure(lambda v: v[part(keras.ops.shape(v)[0])], both))

    def make(index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        x, y = batches.make(index)
        rows = part(len(y))
        return {name: values[rows] for name, values in x.items()}, y[rows]

    return GeneratedBatches(make, batches.steps, batches.first)


def as_keras_input(batches: Any) -> Any:
    """What Keras is to fit: on TensorFlow a `GeneratedBatches` as a `tf.data.Dataset`, since Keras takes the first batch's shape
    for that of all."""
    if not isinstance(batches, GeneratedBatches) or keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    def like(values: np.ndarray) -> tf.TensorSpec:
        return tf.TensorSpec((None, None, *values.shape[2:])[: values.ndim], values.dtype)

    first = batches[0]
    kinds = {name: like(values) for name, values in first[0].items()}, like(first[1])

    def each() -> Any:
        return itertools.chain([first], (batches[index] for index in range(1, len(batches))))

    return tf.data.Dataset.from_generator(each, output_signature=kinds).prefetch(AHEAD)
