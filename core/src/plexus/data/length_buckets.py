"""Rows of unequal length, with little filling."""

from collections.abc import Sequence

import keras
import numpy as np

from plexus.data.generated_batches import GeneratedBatches

STEP = 16
"""Widths are its multiples: each width is a program of its own to some backends."""
TOGETHER = 16
"""Batches whose rows are ordered by length among each other: the more, the less filling and the less mixing."""


def bucketed_rows(lengths: np.ndarray, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
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


def bucketed_batches(x: dict[str, np.ndarray], y: np.ndarray, batches: Sequence[np.ndarray]) -> GeneratedBatches:
    """Batches of rows that are nearly of one length, each cut to what its longest row needs.

    On XLA, which compiles a program for every width, rows keep their full width.

    Args:
        x: arrays `(n, width)`, their rows filled up with 0; y: targets.
        batches: the rows of each batch.
    """
    needed = _all if keras.backend.backend() == "jax" else _needed
    return GeneratedBatches(
        lambda index: ({name: needed(values[batches[index]]) for name, values in x.items()}, y[batches[index]]),
        len(batches),
    )


def _all(values: np.ndarray) -> np.ndarray:
    return values


def _needed(values: np.ndarray) -> np.ndarray:
    longest = int(np.max(np.nonzero(values.any(axis=0))[0], initial=0)) + 1
    return values[:, : -(-longest // STEP) * STEP]
