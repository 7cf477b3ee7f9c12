"""How much to vary pictures in training, by what they are."""

from dataclasses import replace

import numpy as np

from plexus.data.augmentation import AugmentationPolicy
from plexus_vision.drawing_layout import DrawingLayout

POLICIES: dict[str, AugmentationPolicy | None] = {
    "none": None,
    # Characters: mirrored they are others, or none.
    "drawing": AugmentationPolicy(steps=5000, rotate=0.2, shear=0.15, scale=0.15, shift=0.08),
    # One thing on a plain ground, set out with care.
    "object": AugmentationPolicy(steps=7500, flip=True, shift=0.06, erase=0.15),
    "photo": AugmentationPolicy(
        steps=10_000, flip=True, rotate=0.1, scale=0.15, shift=0.1, colour=0.3, erase=0.15, fill="reflect"
    ),
}

_QUERIES, _KNOWN, _SIDE = 500, 3000, 16
_STILL_KNOWN = 0.75


def suitable_policy(pictures: np.ndarray, targets: np.ndarray, layout: DrawingLayout | None) -> AugmentationPolicy:
    """The recipe that the training pictures call for.

    Args:
        pictures: bytes `(n, height, width, channels)`.
        targets: their classes.
        layout: the layout of drawings, if the pictures have one.
    """
    mirrored = survives_mirroring(pictures, targets)
    if layout is not None:
        return POLICIES["object" if mirrored else "drawing"]
    return replace(POLICIES["photo"], flip=mirrored)


def survives_mirroring(pictures: np.ndarray, targets: np.ndarray) -> bool:
    """Whether a mirrored picture still looks like its class: its nearest neighbour says so nearly as often."""
    order = np.random.default_rng(0).permutation(len(pictures))
    queries, known = order[:_QUERIES], order[_QUERIES : _QUERIES + _KNOWN]
    if len(known) < _QUERIES:
        half = len(order) // 2
        queries, known = order[:half], order[half:]
    references = _flat(pictures[known])

    def agreement(asked: np.ndarray) -> float:
        flat = _flat(asked)
        distances = (references**2).sum(axis=1) - 2 * flat @ references.T
        return float(np.mean(targets[known][distances.argmin(axis=1)] == targets[queries]))

    return agreement(pictures[queries][:, :, ::-1]) >= _STILL_KNOWN * agreement(pictures[queries])


def _flat(pictures: np.ndarray) -> np.ndarray:
    """Pictures thinned to about `_SIDE` pixels a side, as rows of floats."""
    step = max(min(pictures.shape[1:3]) // _SIDE, 1)
    # A pixel of the middle of each cell, so that mirroring maps the grid onto itself.
    offset_y, offset_x = ((size - 1) % step // 2 for size in pictures.shape[1:3])
    thinned = pictures[:, offset_y::step, offset_x::step]
    return thinned.reshape(len(thinned), -1).astype(np.float32)
