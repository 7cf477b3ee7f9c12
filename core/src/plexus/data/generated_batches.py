"""Batches that are generated during the training."""

from collections.abc import Callable
from typing import Any, Self

import keras
import numpy as np

PREFETCHED = 2
"""Batches that are made ahead of the training."""

Make = Callable[[int], tuple[dict[str, np.ndarray], np.ndarray]]


class GeneratedBatches(keras.utils.PyDataset):
    """The batches of an epoch, each a function of its number.

    Args:
        make: Returns inputs and targets of a batch; widths may differ between batches.
        steps: Number of batches.
        first: Number of the first batch.

    Example:
        ```python
        GeneratedBatches(lambda index: ({"x": images[index]}, labels[index]), steps=len(images))
        ```
    """

    def __init__(self, make: Make, steps: int, first: int = 0) -> None:
        super().__init__()
        self.make, self.steps, self.first = make, steps, first

    def __len__(self) -> int:
        return self.steps - self.first

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return self.make(self.first + index)

    def skip(self, batches: int) -> Self:
        """Return the batches without the first ones; `tf.data.Dataset` has a method of the same name.

        Args:
            batches: Number of batches to skip.

        Returns:
            The remaining batches.
        """
        return type(self)(self.make, self.steps, self.first + batches)


def sharded(batches: Any, process: int, processes: int, devices: int) -> Any:
    """Return one process's equal part of every batch; rows that cannot be divided among the devices are dropped.

    Args:
        batches: A `GeneratedBatches`, or a `tf.data.Dataset`, with which only one process can train.
        process: Number of the process, from 0.
        processes: Number of processes.
        devices: Devices of all processes.

    Returns:
        The batches of the process, of the same type.
    """

    def part(rows: Any) -> slice:
        count = rows // devices * devices // processes
        return slice(process * count, (process + 1) * count)

    if not isinstance(batches, GeneratedBatches):
        return batches.map(lambda *both: keras.tree.map_structure(lambda v: v[part(keras.ops.shape(v)[0])], both))

    def make(index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        x, y = batches.make(index)
        rows = part(len(y))
        return {name: values[rows] for name, values in x.items()}, y[rows]

    return GeneratedBatches(make, batches.steps, batches.first)
