"""The data of one epoch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np


@dataclass(frozen=True)
class Batches:
    """What `keras.Model.fit` takes for one epoch, in the order in which it is to be taken.

    Args:
        x: arrays (one, or one a name), a `tf.data.Dataset` or a `keras.utils.PyDataset`.
        y: targets, when `x` is arrays.
        batch_size: rows a step, when `x` is arrays; the rows left over at the end are dropped.
        steps, rows: steps in the epoch, and rows a step, when `x` is not arrays.
        examples: how many there are in the epoch, where each is gone through oftener than once.
    """

    x: Any
    y: Any = None
    batch_size: int | None = None
    steps: int | None = None
    rows: int | None = None
    examples: int | None = None

    @classmethod
    def shuffled(cls, x: Any, y: Any, batch_size: int, seed: int, epoch: int) -> Self:
        """All rows once, in an order that is a function of the seed and the epoch alone."""
        rows = _rows(x)
        batch_size = min(batch_size, rows)
        order = np.random.default_rng((seed, epoch)).permutation(rows)[: rows - rows % batch_size]
        return cls(_take(x, order), _take(y, order), batch_size)

    @classmethod
    def by_length(
        cls, x: dict[str, np.ndarray], y: np.ndarray, lengths: np.ndarray, batch_size: int, seed: int, epoch: int
    ) -> Self:
        """All rows once, as of `shuffled`, but those of nearly one length together, which leaves little filling.

        Args:
            x: arrays `(n, width)`, their rows filled up with 0; lengths: of the rows.
        """
        from plexus.data.length_buckets import batches_of_a_length, of_a_length

        batch_size = min(batch_size, len(lengths))
        batches = batches_of_a_length(lengths, batch_size, seed, epoch)
        return cls(of_a_length(x, y, batches), steps=len(batches), rows=batch_size)

    @classmethod
    def made(cls, make: Callable[[int], tuple[dict[str, np.ndarray], np.ndarray]], steps: int, rows: int) -> Self:
        """Batches that are made when they are wanted: examples varied anew, say.

        Args:
            make: inputs and targets of a batch, by its number: a function of that alone.
            steps: batches in the epoch; rows: examples in each.
        """
        from plexus.data.generated_batches import Made

        return cls(Made(make, steps), steps=steps, rows=rows)

    def __len__(self) -> int:
        if self.batch_size is not None:
            return _rows(self.x) // self.batch_size
        if self.steps is None:
            raise ValueError("batches that are not arrays need `steps`")
        return self.steps

    @property
    def rows_a_step(self) -> int:
        """How many examples a step takes."""
        return self.batch_size or self.rows or 1

    @property
    def total(self) -> int:
        """How many examples there are in the epoch."""
        return self.examples or len(self) * self.rows_a_step

    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """Of the inputs of a batch, by name, that of a single array by "".

        Of arrays the first axis is that of all rows; a `tf.data.Dataset` is only asked for what it says beforehand.
        """
        first = self.x
        if self.batch_size is None:
            first = first.element_spec[0] if hasattr(first, "element_spec") else first[0][0]
        named = first if isinstance(first, Mapping) else {"": first}
        return {name: tuple(values.shape) for name, values in named.items()}

    def share(self, process: int, processes: int, devices: int) -> Self:
        """The epoch of one of several processes that train together: its equal part of every batch.

        Args:
            devices: of all processes: of batches that are not arrays, rows that cannot be divided among them are
                dropped, as those left over at the end of an epoch are.
        """
        if devices == 1:
            return self
        if self.batch_size is None:
            from plexus.data.generated_batches import divided

            rows, x = self.rows_a_step // processes, divided(self.x, process, processes, devices)
            return replace(self, x=x, rows=rows, examples=self.total)
        if processes == 1:
            return self
        rows = self.batch_size // processes
        part = slice(process * rows, (process + 1) * rows)
        order = np.arange(len(self) * self.batch_size).reshape(len(self), -1)[:, part].reshape(-1)
        return replace(self, x=_take(self.x, order), y=_take(self.y, order), batch_size=rows, examples=self.total)

    def skip(self, steps: int) -> Self:
        """The same epoch without its first steps: where a training that was cut off goes on."""
        if steps == 0:
            return self
        if self.batch_size is not None:
            rest = slice(steps * self.batch_size, None)
            return replace(self, x=_take(self.x, rest), y=_take(self.y, rest))
        if not hasattr(self.x, "skip"):
            raise TypeError(f"{type(self.x).__name__} cannot be entered in mid-epoch: give arrays or a tf.data.Dataset")
        return replace(self, x=self.x.skip(steps), steps=len(self) - steps)


def _rows(x: Any) -> int:
    return len(next(iter(x.values()))) if isinstance(x, Mapping) else len(x)


def _take(x: Any, rows: Any) -> Any:
    if isinstance(x, Mapping):
        return {name: values[rows] for name, values in x.items()}
    return None if x is None else x[rows]
