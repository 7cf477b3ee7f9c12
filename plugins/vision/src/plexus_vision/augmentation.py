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


def suitable_policy(images: np.ndarray, targets: np.ndarray, layout: DrawingLayout | None) -> AugmentationPolicy:
    """Return the augmentation policy that suits the training images.

    Args:
        images: Bytes of shape `(n, height, width, channels)`.
        targets: Class indices of shape `(n,)`.
        layout: The layout of the drawings, if the images are drawings.

    Returns:
        The policy.
    """
    flip = is_mirroring_safe(images, targets)
    if layout is None:
        return replace(PHOTO, flip=flip)
    return OBJECT if flip else DRAWING


def is_mirroring_safe(images: np.ndarray, targets: np.ndarray) -> bool:
    """Return whether mirrored images still look like their class, by the nearest neighbour of each.

    Args:
        images: Bytes of shape `(n, height, width, channels)`.
        targets: Class indices of shape `(n,)`.

    Returns:
        Whether images can be mirrored.
    """
    order = np.random.default_rng(0).permutation(len(images))
    queries, references = order[:MAX_QUERIES], order[MAX_QUERIES : MAX_QUERIES + MAX_REFERENCES]
    if len(references) < MAX_QUERIES:
        half = len(order) // 2
        queries, references = order[:half], order[half:]
    reference_rows = _downsample(images[references])

    def agreement(query_images: np.ndarray) -> float:
        rows = _downsample(query_images)
        distances = (reference_rows**2).sum(axis=1) - 2 * rows @ reference_rows.T
        return float(np.mean(targets[references][distances.argmin(axis=1)] == targets[queries]))

    return agreement(images[queries][:, :, ::-1]) >= MIN_AGREEMENT_RATIO * agreement(images[queries])


def _downsample(images: np.ndarray) -> np.ndarray:
    """Return about `GRID_SIDE` x `GRID_SIDE` pixels of each image as one row."""
    step = max(min(images.shape[1:3]) // GRID_SIDE, 1)
    # The grid is symmetric, so that mirroring maps it onto itself.
    offset_y, offset_x = ((size - 1) % step // 2 for size in images.shape[1:3])
    sampled = images[:, offset_y::step, offset_x::step]
    return sampled.reshape(len(sampled), -1).astype(np.float32)
