"""The batches of training images, in which the folds take turns."""

import numpy as np

from plexus import Batches
from plexus.codec import Arrays
from plexus.data.partly_labelled_batches import RATIO, count_steps, cyclic_rows

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
    order = _fold_order(folds, steps * per_fold, (seed, epoch))
    x = {name: values[order] for name, values in arrays.items()} | {FOLD: folds[order].astype(np.int32)}
    return Batches(x, outcomes[order].astype(np.int32), per_fold * count)


def partly_labelled_fold_batches(
    arrays: Arrays, outcomes: np.ndarray, folds: np.ndarray, unlabelled: Arrays, batch_size: int, seed: int, epoch: int
) -> Batches:
    """Return an epoch of `fold_batches` in which each labelled image is accompanied by `RATIO` unlabelled ones.

    Args:
        arrays: The encoded training images.
        outcomes: 1 or 0, shape `(n,)`.
        folds: Fold of each training image, counted from 0, shape `(n,)`; each fold has an image.
        unlabelled: `image`, the encoded unlabelled images, and `graph_labels` of shape `(unlabelled, folds, 2)`, of
            which those of a fold depend on no label of it.
        batch_size: Images per step, about, labelled and unlabelled ones together.
        seed: Random seed.
        epoch: The epoch, counted from 0.

    Returns:
        The batches, with `unlabelled` of shape `(n, RATIO, height, width, channels)` and `graph_labels` of shape
        `(n, RATIO, folds, 2)`.
    """
    per_fold, steps = partly_labelled_steps(folds, len(unlabelled["image"]), batch_size)
    order = _fold_order(folds, steps * per_fold, (seed, epoch))
    count, length = len(unlabelled["image"]), len(order) * RATIO
    rows = cyclic_rows(count, epoch * length, length, (seed, 1)).reshape(-1, RATIO)
    others = {"unlabelled": unlabelled["image"][rows], "graph_labels": unlabelled["graph_labels"][rows]}
    x = {name: values[order] for name, values in arrays.items()} | others
    return Batches(x, outcomes[order].astype(np.int32), len(order) // steps)


def partly_labelled_steps(folds: np.ndarray, unlabelled: int, batch_size: int) -> tuple[int, int]:
    """Return the size of an epoch of `partly_labelled_fold_batches`.

    Args:
        folds: Fold of each training image, counted from 0, shape `(n,)`.
        unlabelled: Number of unlabelled images.
        batch_size: Images per step, about, labelled and unlabelled ones together.

    Returns:
        Labelled images of each fold in a batch, and steps.
    """
    count = int(folds.max()) + 1
    per_fold = images_per_fold(len(folds), count, batch_size // (1 + RATIO))
    return per_fold, count_steps(unlabelled, per_fold * count)


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


def _fold_order(folds: np.ndarray, count: int, seed: tuple[int, int]) -> np.ndarray:
    """Return rows of which row i is of fold `i % folds`, `count` of each fold in random order."""
    generator = np.random.default_rng(seed)
    columns = [_shuffled(np.flatnonzero(folds == fold), count, generator) for fold in range(int(folds.max()) + 1)]
    return np.stack(columns, axis=1).reshape(-1)


def _shuffled(rows: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return rows in random order, each as often as any other within one."""
    passes = -(-count // len(rows))
    return np.concatenate([generator.permutation(rows) for _ in range(passes)])[:count]
