"""Augmentation policies for images."""

import numpy as np

from plexus.data.augmentation import AugmentationPolicy

POLICIES: dict[str, AugmentationPolicy | None] = {
    "none": None,
    "drawing": AugmentationPolicy(rotate=0.17, shear=0.1, scale=0.1, shift=0.08),
    "object": AugmentationPolicy(rotate=0.05, shear=0.05, scale=0.05, shift=0.04),
    "photo": AugmentationPolicy(flip=True, rotate=0.1, scale=0.1, shift=0.08, color=0.2, fill="reflect"),
}
EDGE_TOLERANCE, MIN_PLAIN_FRACTION = 0.1, 0.7


def suitable_policy(images: np.ndarray) -> AugmentationPolicy | None:
    """Choose the policy for drawings on a plain background, or for photos.

    Args:
        images: Images of shape `(n, height, width, channels)`, from 0 to 1.

    Returns:
        The policy.
    """
    return POLICIES["drawing" if is_drawing(images) else "photo"]


def is_drawing(images: np.ndarray) -> bool:
    """Return whether images of one channel have a plain background.

    Args:
        images: Images of shape `(n, height, width, channels)`, from 0 to 1.

    Returns:
        Whether they have.
    """
    edges = np.concatenate([images[:, 0].ravel(), images[:, -1].ravel(), images[:, :, 0].ravel()])
    plain = np.mean(np.abs(edges - np.median(edges)) < EDGE_TOLERANCE) > MIN_PLAIN_FRACTION
    return bool(plain) and images.shape[-1] == 1
