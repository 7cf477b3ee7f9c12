"""Length bucketing: batches of rows of similar length, which need little padding."""

from collections.abc import Sequence

import keras
import numpy as np

from plexus.data.generated_batches import GeneratedBatches

WIDTH_STEP = 16
"""Widths are multiples of it: some backends compile a program for each width."""
BUCKET_BATCHES = 16
"""Batches whose rows are sorted by length together: more leave less padding, and shuffle less."""


def bucketed_rows(
    lengths: np.ndarray, batch_size: int, seed: int, epoch: int, bucket_batches: int = BUCKET_BATCHES
) -> list[np.ndarray]:
    """Group rows of similar length to batches, in an order that depends on seed and epoch alone.

    Args:
        lengths: Lengths of the rows, shape `(n,)`.
        batch_size: Rows per batch; rows that remain at the end are dropped.
        seed: Random seed.
        epoch: The epoch.
        bucket_batches: Batches whose rows are sorted by length together.

    Returns:
        Indices of the rows of each batch.
    """
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(lengths))[: len(lengths) - len(lengths) % batch_size]
    rows = batch_size * bucket_batches
    buckets = [order[start : start + rows] for start in range(0, len(order), rows)]
    ordered = np.concatenate([bucket[np.argsort(lengths[bucket], kind="stable")] for bucket in buckets])
    batches = np.split(ordered, len(ordered) // batch_size)
    return [batches[index] for index in generator.permutation(len(batches))]


def bucketed_batches(x: dict[str, np.ndarray], y: np.ndarray, batches: Sequence[np.ndarray]) -> GeneratedBatches:
    """Create batches of rows, each without the columns that only padding uses.

    On JAX, which compiles a program for each width, rows keep their full width.

    Args:
        x: Arrays of shape `(n, width)`, padded with 0.
        y: Targets.
        batches: Indices of the rows of each batch.

    Returns:
        The batches.
    """
    trim = _keep_width if keras.backend.backend() == "jax" else _trim_padding
    return GeneratedBatches(
        lambda index: ({name: trim(values[batches[index]]) for name, values in x.items()}, y[batches[index]]),
        len(batches),
    )


def _keep_width(values: np.ndarray) -> np.ndarray:
    return values


def _trim_padding(values: np.ndarray) -> np.ndarray:
    longest = int(np.max(np.nonzero(values.any(axis=0))[0], initial=0)) + 1
    return values[:, : -(-longest // WIDTH_STEP) * WIDTH_STEP]
