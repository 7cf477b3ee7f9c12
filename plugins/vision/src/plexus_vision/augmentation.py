"""Choice of an augmentation policy for a set of images."""

from dataclasses import replace

import numpy as np

from plexus.data.augmentation import AugmentationPolicy
from plexus_vision.drawing_layout import DrawingLayout

# Mirrored characters are other characters, or none.
DRAWING = AugmentationPolicy(steps=5000, rotate=0.2, shear=0.15, scale=0.15, shift=0.08)
# One object on a plain background, in the same pose.
OBJECT = AugmentationPolicy(steps=7500, flip=True, shift=0.06, erase=0.15)
PHOTO = AugmentationPolicy(
    steps=10_000, flip=True, rotate=0.1, scale=0.15, shift=0.1, color=0.3, erase=0.15, fill="reflect"
)
POLICIES: dict[str, AugmentationPolicy | None] = {"none": None, "drawing": DRAWING, "object": OBJECT, "photo": PHOTO}
MAX_QUERIES, MAX_REFERENCES = 500, 3000
GRID_SIDE = 16
MIN_AGREEMENT_RATIO = 0.75
"""Mirroring is safe if mirrored images match their class this often, relative to images as they are."""


def suitable_policy(
    images: np.ndarray, targets: np.ndarray, layout: DrawingLayout | None, queries: int | None = None
) -> AugmentationPolicy:
    """Return the augmentation policy that suits the training images.

    Args:
        images: Bytes of shape `(n, height, width, channels)`.
        targets: Class indices of shape `(n,)`.
        layout: The layout of the drawings, if the images are drawings.
        queries: Number of images, the first ones, that are mirrored and compared with all; None: a random sample.

    Returns:
        The policy.
    """
    flip = is_mirroring_safe(images, targets, queries)
    if layout is None:
        return replace(PHOTO, flip=flip)
    return OBJECT if flip else DRAWING


def is_mirroring_safe(images: np.ndarray, targets: np.ndarray, queries: int | None = None) -> bool:
    """Return whether mirrored images still look like their class, by the nearest neighbour of each.

    Args:
        images: Bytes of shape `(n, height, width, channels)`.
        targets: Class indices of shape `(n,)`.
        queries: Number of images, the first ones, that are mirrored and compared with all; None: a random sample.

    Returns:
        Whether images can be mirrored.
    """
    generator, count = np.random.default_rng(0), min(queries or len(images), MAX_QUERIES)
    first = generator.permutation(queries or len(images))
    rest = queries + generator.permutation(len(images) - queries) if queries else first[count:]
    order = np.concatenate([first[:count], rest[:MAX_REFERENCES]])
    images, targets = images[order], targets[order]
    references, itself = _downsample(images), np.arange(count)

    def agreement(query_images: np.ndarray) -> float:
        distances = (references**2).sum(axis=1) - 2 * _downsample(query_images) @ references.T
        distances[itself, itself] = np.inf
        return float(np.mean(targets[distances.argmin(axis=1)] == targets[:count]))

    return agreement(images[:count, :, ::-1]) >= MIN_AGREEMENT_RATIO * agreement(images[:count])


def _downsample(images: np.ndarray) -> np.ndarray:
    """Return about `GRID_SIDE` x `GRID_SIDE` pixels of each image as one row."""
    step = max(min(images.shape[1:3]) // GRID_SIDE, 1)
    # The grid is symmetric, so that mirroring maps it onto itself.
    offset_y, offset_x = ((size - 1) % step // 2 for size in images.shape[1:3])
    sampled = images[:, offset_y::step, offset_x::step]
    return sampled.reshape(len(sampled), -1).astype(np.float32)
