"""The data of one epoch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

Structure = Any
"""An array, a dictionary of arrays, or a dataset of the backend: what `keras.Model.fit` takes."""


@dataclass(frozen=True)
class Batches:
    """The data of one epoch for `keras.Model.fit`, in the order in which it is used.

    Args:
        x: Arrays (one, or one per name), a `tf.data.Dataset` or a `keras.utils.PyDataset`.
        y: Targets, if `x` is arrays.
        batch_size: Rows per step, if `x` is arrays; rows that remain at the end are dropped.
        steps: Steps in the epoch, if `x` is not arrays.
        rows: Rows per step, if `x` is not arrays.
        examples: Number of examples in the epoch, if some are used more than once.

    Example:
        ```python
        Batches.shuffled({"image": images}, labels, batch_size=64, seed=0, epoch=3)
        ```
    """

    x: Structure
    y: Structure = None
    batch_size: int | None = None
    steps: int | None = None
    rows: int | None = None
    examples: int | None = None

    @classmethod
    def shuffled(cls, x: Structure, y: Structure, batch_size: int, seed: int, epoch: int, passes: int = 1) -> Self:
        """Return all rows once in each pass, in an order that depends on seed and epoch alone.

        Several passes in one epoch are the same training as that many epochs of one pass, without the time that the
        ends of epochs take.

        Args:
            x: Inputs, the first axis along the rows.
            y: Targets.
            batch_size: Rows per step.
            seed: Random seed.
            epoch: The epoch.
            passes: Passes over the rows.

        Returns:
            The batches.
        """
        rows = _row_count(x)
        batch_size = min(batch_size, rows)
        generators = (np.random.default_rng((seed, epoch * passes + each)) for each in range(passes))
        order = np.concatenate([each.permutation(rows)[: rows - rows % batch_size] for each in generators])
        return cls(_take(x, order), _take(y, order), batch_size)

    @classmethod
    def bucketed(
        cls, x: dict[str, np.ndarray], y: np.ndarray, lengths: np.ndarray, batch_size: int, seed: int, epoch: int
    ) -> Self:
        """Return all rows once, rows of similar length in the same batch, which leaves little padding.

        Args:
            x: Arrays of shape `(n, width)`, padded with 0.
            y: Targets.
            lengths: Lengths of the rows, shape `(n,)`.
            batch_size: Rows per step.
            seed: Random seed.
            epoch: The epoch.

        Returns:
            The batches.
        """
        from plexus.data.length_buckets import bucketed_batches, bucketed_rows

        batch_size = min(batch_size, len(lengths))
        batches = bucketed_rows(lengths, batch_size, seed, epoch)
        return cls(bucketed_batches(x, y, batches), steps=len(batches), rows=batch_size)

    @classmethod
    def generated(cls, make: Callable[[int], tuple[dict[str, np.ndarray], np.ndarray]], steps: int, rows: int) -> Self:
        """Return batches that are generated on use, such as augmented examples.

        Args:
            make: Returns inputs and targets of a batch, a function of its number alone.
            steps: Number of batches.
            rows: Examples per batch.

        Returns:
            The batches.
        """
        from plexus.data.generated_batches import GeneratedBatches

        return cls(GeneratedBatches(make, steps), steps=steps, rows=rows)

    def __len__(self) -> int:
        if self.batch_size is not None:
            return _row_count(self.x) // self.batch_size
        if self.steps is None:
            raise ValueError("batches that are not arrays need `steps`")
        return self.steps

    @property
    def rows_per_step(self) -> int:
        """Examples per step."""
        return self.batch_size or self.rows or 1

    @property
    def total(self) -> int:
        """Number of examples in the epoch."""
        return self.examples or len(self) * self.rows_per_step

    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shapes of a batch's inputs.

        Returns:
            Shapes by name, that of a single array by "". The first axis of arrays is that of all rows; None stands for
            an axis that a `tf.data.Dataset` does not know beforehand.
        """
        first = self.x
        if self.batch_size is None:
            first = first.element_spec[0] if hasattr(first, "element_spec") else first[0][0]
        by_name = first if isinstance(first, Mapping) else {"": first}
        return {name: tuple(array.shape) for name, array in by_name.items()}

    def shard(self, process: int, processes: int, devices: int) -> Self:
        """Return the epoch of one of several processes: its equal part of every batch.

        Args:
            process: Number of the process, from 0.
            processes: Number of processes.
            devices: Devices of all processes. Of batches that are not arrays, rows that cannot be divided among them
                are dropped.

        Returns:
            The batches of the process.
        """
        if devices == 1:
            return self
        if self.batch_size is None:
            from plexus.data.generated_batches import sharded

            x = sharded(self.x, process, processes, devices)
            return replace(self, x=x, rows=self.rows_per_step // processes, examples=self.total)
        if processes == 1:
            return self
        rows = self.batch_size // processes
        part = slice(process * rows, (process + 1) * rows)
        order = np.arange(len(self) * self.batch_size).reshape(len(self), -1)[:, part].reshape(-1)
        return replace(self, x=_take(self.x, order), y=_take(self.y, order), batch_size=rows, examples=self.total)

    def skip(self, steps: int) -> Self:
        """Return the epoch without its first steps, to resume within it.

        Args:
            steps: Number of steps to skip.

        Returns:
            The remaining batches.

        Raises:
            TypeError: If `x` cannot be iterated from a later step.
        """
        if steps == 0:
            return self
        if self.batch_size is not None:
            rest = slice(steps * self.batch_size, None)
            return replace(self, x=_take(self.x, rest), y=_take(self.y, rest))
        if not hasattr(self.x, "skip"):
            raise TypeError(
                f"cannot resume within an epoch of {type(self.x).__name__}: use arrays or a tf.data.Dataset"
            )
        return replace(self, x=self.x.skip(steps), steps=len(self) - steps)


def _row_count(x: Structure) -> int:
    return len(next(iter(x.values()))) if isinstance(x, Mapping) else len(x)


def _take(x: Structure, rows: np.ndarray | slice) -> Structure:
    if isinstance(x, Mapping):
        return {name: values[rows] for name, values in x.items()}
    return None if x is None else x[rows]
