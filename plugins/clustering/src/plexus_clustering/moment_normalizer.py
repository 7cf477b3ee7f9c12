"""Normalization of drawings by their moments."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple, Self

import numpy as np

from plexus.codec import JsonObject
from plexus_clustering.augmentation import EDGE_TOLERANCE

MAX_SLANT = 1.0
"""Largest slant that is removed, in columns per row."""
MAX_SCALE = 2.0
"""Largest factor by which an image is scaled."""
MAX_DISTANCE_RATIO = 0.98
"""Ratio of the distances, vertical to horizontal, below which `vertical` is chosen."""
MIN_DEVIATION = 0.5
"""Standard deviation in pixels of strokes that are one pixel wide."""
MAX_PIXELS, MAX_SAMPLE_PIXELS = 1 << 21, 1 << 23
"""Pixels of the images that are normalized at once, and of those that a normalizer is fitted on."""
Direction = Literal["horizontal", "vertical"]


class _Moments(NamedTuple):
    """Moments of the strokes of images, each of shape `(n, 1)`; coordinates from the middle of the image."""

    mass: np.ndarray
    center_y: np.ndarray
    center_x: np.ndarray
    slant: np.ndarray
    deviation_y: np.ndarray
    deviation_x: np.ndarray


@dataclass(frozen=True)
class MomentNormalizer:
    """Normalizes the position, slant and size of drawings on a plain background, and partly their aspect ratio.

    Handwriting of one letter differs in them. The slant is the shear at which the rows and columns of the strokes are
    not correlated (LeCun et al. 1998, "Gradient-based learning applied to document recognition", section III.A). The
    aspect ratio becomes the square root of what it was, relative to the usual one, as in aspect-ratio adaptive
    normalization (Liu et al. 2003, "Handwritten digit recognition: investigation of normalization and feature
    extraction techniques"): an `l` stays narrower than an `o`. Predicting depends on NumPy and ONNX Runtime only: the
    transformations of SciPy and scikit-image are not available there.

    Args:
        direction: Direction in which slants shift pixels; `vertical` if the images are transposed.
        deviations: Usual standard deviations of the strokes across and along this direction, in pixels.

    Example:
        ```python
        normalizer = MomentNormalizer.fit(images)
        normalizer.apply(images).shape  # (n, 28, 28, 1)
        ```
    """

    direction: Direction
    deviations: tuple[float, float]

    @classmethod
    def fit(cls, images: np.ndarray, direction: Direction | None = None) -> Self:
        """Compute the usual standard deviations, and choose the direction.

        Args:
            images: Bytes of shape `(n, height, width, 1)`, at least one image.
            direction: The direction; None for `horizontal`, unless nearest neighbours are nearer, relative to all
                pairs, with `vertical`.

        Returns:
            The normalizer.
        """
        images = images[:: -(-images.size // MAX_SAMPLE_PIXELS)]
        if direction is not None:
            parts = [_moments(_strokes(part)[0]) for part in _parts(_oriented(images, direction))]
            deviations = [np.concatenate(each) for each in zip(*parts, strict=True)][-2:]
            return cls(direction, (_median(deviations[0]), _median(deviations[1])))
        horizontal, vertical = cls.fit(images, "horizontal"), cls.fit(images, "vertical")
        distances = [_relative_neighbour_distance(each.apply(images)) for each in (horizontal, vertical)]
        return vertical if distances[1] < MAX_DISTANCE_RATIO * distances[0] else horizontal

    def apply(self, images: np.ndarray) -> np.ndarray:
        """Normalize images.

        Args:
            images: Bytes of shape `(n, height, width, 1)`.

        Returns:
            Bytes of the same shape. An image without strokes, or with faint ones alone, is unchanged.
        """
        oriented = _oriented(images, self.direction)
        normalized = np.concatenate([oriented[:0], *map(self._apply, _parts(oriented))])[..., None]
        return normalized.transpose(0, 2, 1, 3) if self.direction == "vertical" else normalized

    def to_json(self) -> JsonObject:
        """Return the constructor's arguments.

        Returns:
            The object that `from_json` takes.
        """
        return asdict(self) | {"deviations": list(self.deviations)}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a normalizer from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The normalizer.
        """
        return cls(state["direction"], tuple(state["deviations"]))

    def _apply(self, images: np.ndarray) -> np.ndarray:
        strokes, background = _strokes(images)
        moments = _moments(strokes)
        usual_y, usual_x = self.deviations
        ratio_y, ratio_x = np.log(moments.deviation_y / usual_y), np.log(moments.deviation_x / usual_x)
        size, half_aspect = (ratio_y + ratio_x) / 2, (ratio_y - ratio_x) / 4
        limit = np.log(MAX_SCALE)
        scale_y, scale_x = (np.exp(np.clip(size + sign * half_aspect, -limit, limit)) for sign in (1, -1))
        rows, columns = (np.arange(length, dtype=np.float32) - (length - 1) / 2 for length in images.shape[1:])
        ys = scale_y * rows  # (n, height)
        scaled = _interpolate(strokes.transpose(0, 2, 1), (moments.center_y + ys)[:, None])
        xs = (moments.center_x + moments.slant * ys)[..., None] + (scale_x * columns)[:, None]
        normalized = _interpolate(scaled.transpose(0, 2, 1), xs)
        normalized = np.rint(np.clip(normalized + background, 0, 255)).astype(np.uint8)
        return np.where(moments.mass[..., None] > 0, normalized, images)


def _oriented(images: np.ndarray, direction: Direction) -> np.ndarray:
    """Return images of shape `(n, height, width)` whose slant is horizontal."""
    return images[..., 0].transpose(0, 2, 1) if direction == "vertical" else images[..., 0]


def _parts(images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield images of shape `(n, height, width)`, as many at once as memory is meant for."""
    size = max(MAX_PIXELS // max(images[0].size, 1), 1) if len(images) else 1
    for start in range(0, len(images), size):
        yield np.ascontiguousarray(images[start : start + size])


def _strokes(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the differences from the background, and the background of each image."""
    edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    background = np.median(np.concatenate(edges, axis=1), axis=1).astype(np.float32)[:, None, None]
    return images - background, background


def _moments(strokes: np.ndarray) -> _Moments:
    """Compute the moments of each image by sums: how matrix products are rounded depends on the number of images."""
    mass = np.abs(strokes).astype(np.float64)
    mass[mass < EDGE_TOLERANCE * 255] = 0  # the noise of a background outweighs thin strokes
    total_mass = mass.sum(axis=2).sum(axis=1, keepdims=True)
    total = np.maximum(total_mass, 1)
    rows, columns = (np.arange(length) - (length - 1) / 2 for length in strokes.shape[1:])
    by_row, by_column = mass.sum(axis=2) / total, mass.sum(axis=1) / total
    center_y, center_x = (by_row * rows).sum(axis=1, keepdims=True), (by_column * columns).sum(axis=1, keepdims=True)
    variance_y = (by_row * np.square(rows - center_y)).sum(axis=1, keepdims=True)
    variance_x = (by_column * np.square(columns - center_x)).sum(axis=1, keepdims=True)
    row_means = (mass * columns).sum(axis=2) / total  # of each row, times its mass
    covariance = ((row_means - by_row * center_x) * (rows - center_y)).sum(axis=1, keepdims=True)
    slant = np.clip(covariance / np.maximum(variance_y, MIN_DEVIATION**2), -MAX_SLANT, MAX_SLANT)
    variance_x = variance_x - 2 * slant * covariance + np.square(slant) * variance_y  # without the slant
    deviations = (np.sqrt(np.maximum(variance, MIN_DEVIATION**2)) for variance in (variance_y, variance_x))
    return _Moments(*(each.astype(np.float32) for each in (total_mass, center_y, center_x, slant, *deviations)))


def _median(values: np.ndarray) -> float:
    return round(float(np.median(values)), 3)


def _interpolate(lines: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return lines of shape `(n, lines, length)` at positions from their middle; 0 beyond them."""
    length = lines.shape[2]
    positions = (positions + (length - 1) / 2).astype(np.float32)
    lower = np.floor(positions)
    fraction, lower = positions - lower, lower.astype(np.int32)
    padded = np.pad(lines, ((0, 0), (0, 0), (1, 1)))  # the first and the last are 0
    shape = (*lines.shape[:2], positions.shape[2])
    indices = (np.broadcast_to(np.clip(lower + step, 0, length + 1), shape) for step in (1, 2))
    first, second = (np.take_along_axis(padded, each, axis=2) for each in indices)
    return np.asarray(first * (1 - fraction) + second * fraction)


def _relative_neighbour_distance(images: np.ndarray) -> float:
    """Return the mean distance to the nearest neighbour, relative to that between all images."""
    from sklearn.metrics import pairwise_distances

    distances = pairwise_distances(images.reshape(len(images), -1) / np.float32(255))
    mean = distances.mean()
    np.fill_diagonal(distances, np.inf)
    return float(distances.min(axis=1).mean() / mean) if mean > 0 else 0.0
