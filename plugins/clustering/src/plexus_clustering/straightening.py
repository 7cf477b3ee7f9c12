"""Removal of the slant of drawings."""

from typing import Literal

import numpy as np

MAX_SLANT = 1.0
"""Largest shear that is removed, in columns per row."""
CHUNK = 4096
"""Images that are straightened at once."""
Shear = Literal["no", "horizontal", "vertical"]
"""Direction in which the slant of images shifts pixels: that of handwriting is horizontal."""


def choose_shear(images: np.ndarray) -> Shear:
    """Choose the direction of the slant of drawings: that whose removal makes the nearest neighbours nearer.

    Images of some data sets, such as EMNIST, are transposed. No labels are used.

    Args:
        images: Bytes of shape `(n, height, width, 1)`, at least two.

    Returns:
        `horizontal` or `vertical`.
    """
    from sklearn.metrics import pairwise_distances

    def relative_distance(shear: Shear) -> float:
        distances = pairwise_distances(straighten_images(images, shear).reshape(len(images), -1) / np.float32(255))
        mean = distances.sum() / max(len(images) - 1, 1)
        np.fill_diagonal(distances, np.inf)
        return float(distances.min(axis=1).sum() / max(mean, 1e-9))

    return "horizontal" if relative_distance("horizontal") <= relative_distance("vertical") else "vertical"


def straighten_images(images: np.ndarray, shear: Shear) -> np.ndarray:
    """Remove the slant of drawings on a plain background, and move their center of mass to the middle.

    The slant is the shear at which the rows and columns of the strokes are not correlated (LeCun et al. 1998,
    "Gradient-based learning applied to document recognition", section III.A): handwriting of one letter differs in it.
    Predicting depends on NumPy and ONNX Runtime only: the interpolations of SciPy and scikit-image are not available.

    Args:
        images: Bytes of shape `(n, height, width, 1)`.
        shear: Direction of the slant; `no` for images that have none.

    Returns:
        Bytes of the same shape. An image without strokes is unchanged.
    """
    if shear == "no":
        return images
    if shear == "vertical":
        return straighten_images(images.transpose(0, 2, 1, 3), "horizontal").transpose(0, 2, 1, 3)
    parts = [_straighten(images[start : start + CHUNK, ..., 0]) for start in range(0, len(images), CHUNK)]
    return np.concatenate(parts)[..., None] if parts else images


def _straighten(images: np.ndarray) -> np.ndarray:
    edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    background = np.median(np.concatenate(edges, axis=1), axis=1).astype(np.float32)[:, None, None]
    strokes = images - background
    rows, columns = (np.arange(size, dtype=np.float32) - (size - 1) / 2 for size in images.shape[1:])
    mass = np.abs(strokes)
    total = np.maximum(mass.sum(axis=(1, 2)), 1)[:, None]
    by_row, by_column = mass.sum(axis=2) / total, mass.sum(axis=1) / total
    center_y, center_x = by_row @ rows[:, None], by_column @ columns[:, None]
    variance = np.sum(by_row * np.square(rows - center_y), axis=1)
    means = np.einsum("nrc,c->nr", mass, columns) / total  # of each row, times its mass
    covariance = np.sum((means - by_row * center_x) * (rows - center_y), axis=1)
    slant = np.clip(covariance / np.maximum(variance, 1), -MAX_SLANT, MAX_SLANT)
    moved = _interpolate(strokes.transpose(0, 2, 1), np.broadcast_to(center_y, (len(images), images.shape[2])))
    upright = _interpolate(moved.transpose(0, 2, 1), center_x + slant[:, None] * rows)
    return np.asarray(np.rint(np.clip(upright + background, 0, 255)), np.uint8)


def _interpolate(lines: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return lines of shape `(n, lines, length)` from positions that are farther by an offset per line; 0 beyond."""
    length = lines.shape[2]
    positions = np.arange(length, dtype=np.float32) + offsets[..., None]
    lower = np.floor(positions).astype(np.int64)
    padded = np.pad(lines, ((0, 0), (0, 0), (1, 2)))  # the first and the last two are 0
    first, second = (np.take_along_axis(padded, np.clip(lower + step, 0, length + 1), axis=2) for step in (1, 2))
    fraction = (positions - lower).astype(np.float32)
    return np.asarray(first * (1 - fraction) + second * fraction)
