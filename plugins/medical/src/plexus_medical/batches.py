"""The batches of training images, in which the folds take turns."""

import numpy as np

from plexus import Batches
from plexus.codec import Arrays

FOLD = "fold"
"""Name of the input that holds each image's fold."""
ROUNDING = 8
"""Images of a fold in a batch are a multiple of it, so that up to as many devices get whole turns of the folds."""


def fold_batches(
    arrays: Arrays, outcomes: np.ndarray, folds: np.ndarray, batch_size: int, seed: int, epoch: int
) -> Batches:
    """Return the data of one epoch: row i of each batch is an image of fold `i % folds`.

    Each member learns from the rows of the other folds, which are at the same places in every batch. About as many
    images are used in an epoch as there are. Where folds differ in size, images of a smaller one are used more often.

    Args:
        arrays: The encoded training images.
        outcomes: 1 or 0, shape `(n,)`.
        folds: Fold of each image, counted from 0, shape `(n,)`; each fold has an image.
        batch_size: Images per step, about.
        seed: Random seed.
        epoch: The epoch, counted from 0.

    Returns:
        The batches, with the input `fold`.
    """
    count = int(folds.max()) + 1
    per_fold = images_per_fold(len(folds), count, batch_size)
    steps = max(round(len(folds) / (per_fold * count)), 1)
    generator = np.random.default_rng((seed, epoch))
    columns = [_shuffled(np.flatnonzero(folds == fold), steps * per_fold, generator) for fold in range(count)]
    order = np.stack(columns, axis=1).reshape(-1)
    x = {name: values[order] for name, values in arrays.items()} | {FOLD: folds[order].astype(np.int32)}
    return Batches(x, outcomes[order].astype(np.int32), per_fold * count)


def images_per_fold(images: int, folds: int, batch_size: int) -> int:
    """Return the number of images of each fold in a batch.

    Args:
        images: Number of training images.
        folds: Number of folds.
        batch_size: Images per step, about.

    Returns:
        A multiple of `ROUNDING` if the batch is large enough; at least 1, and no more than a fold has on average.
    """
    count = max(min(batch_size, images) // folds, 1)
    return max(round(count / ROUNDING) * ROUNDING, ROUNDING) if count >= ROUNDING else count


def _shuffled(rows: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return rows in random order, each as often as any other within one."""
    passes = -(-count // len(rows))
    return np.concatenate([generator.permutation(rows) for _ in range(passes)])[:count]
