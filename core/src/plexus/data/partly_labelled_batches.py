"""Batches of labelled and unlabelled images."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.data.batches import Batches
from plexus.data.partly_labelled_images import PartlyLabelledImages

if TYPE_CHECKING:
    from plexus.tasks.classification_codec import ClassificationCodec

RATIO = 4
"""Unlabelled images per labelled one of a batch."""
MIN_STEPS, MAX_STEPS = 100, 200
"""An epoch is one pass over the unlabelled images, within these numbers of steps."""


def count_steps(unlabelled: int, batch_size: int) -> int:
    """Return the steps of an epoch.

    Args:
        unlabelled: Number of unlabelled images.
        batch_size: Labelled images of a batch.

    Returns:
        The number of steps.
    """
    return min(max(unlabelled // (RATIO * batch_size), MIN_STEPS), MAX_STEPS)


def partly_labelled_batches(
    dataset: PartlyLabelledImages, codec: "ClassificationCodec", batch_size: int, seed: int, epoch: int
) -> Batches:
    """Return an epoch in which each labelled image is accompanied by `RATIO` unlabelled ones.

    Both kinds are passed over again and again, each time in another order, independently of the ends of epochs.

    Args:
        dataset: The dataset.
        codec: The codec, which encodes images as `image`.
        batch_size: Labelled images of a batch.
        seed: Random seed.
        epoch: The epoch.

    Returns:
        Batches of `image`, `unlabelled` of shape `(n, RATIO, height, width, channels)`, and their `graph_labels` by
        `PartlyLabelledImages.graph_labels`, of shape `(n, RATIO, classes)`; targets are the classes of `image`.

    Example:
        ```python
        partly_labelled_batches(dataset, codec, batch_size=32, seed=0, epoch=0).x["unlabelled"].shape
        ```
    """
    train, unlabelled = dataset["train"], dataset.unlabelled
    rows = count_steps(len(unlabelled), batch_size) * batch_size
    labelled_rows = cyclic_rows(len(train), epoch * rows, rows, (seed, 0))
    unlabelled_rows = cyclic_rows(len(unlabelled), epoch * rows * RATIO, rows * RATIO, (seed, 1)).reshape(rows, RATIO)
    x = {
        "image": train.encode(codec)["image"][labelled_rows],
        "unlabelled": unlabelled.encode(codec)["image"][unlabelled_rows],
        "graph_labels": dataset.graph_labels(codec)[unlabelled_rows],
    }
    return Batches(x, codec.label_indices(train.targets)[labelled_rows], batch_size)


def cyclic_rows(count: int, start: int, length: int, seed: tuple[int, int]) -> np.ndarray:
    """Return a part of an endless sequence of permutations of rows.

    Args:
        count: Number of rows.
        start: Where the part begins, counted from 0.
        length: Its length.
        seed: Random seed; different sequences have different ones.

    Returns:
        Indices of shape `(length,)`, from 0 to `count - 1`.
    """
    first, last = start // count, (start + length - 1) // count
    passes = [np.random.default_rng((*seed, number)).permutation(count) for number in range(first, last + 1)]
    return np.concatenate(passes)[start - first * count :][:length]
