"""Size and color of the network's images."""

from collections.abc import Sequence

import numpy as np

from plexus.codec import Input
from plexus.data.images import evenly_spaced
from plexus_medical.pixel_data import pixel_shape, read_pixels

MAX_SIDE = 128
"""Default limit of the longer side of the network's images, in pixels."""
MIN_SIDE = 8
"""Shorter side of the network's images at least, in pixels."""
COLOR_SAMPLE = 100
"""Training images that are read to find out whether images are colored."""


def suitable_shape(inputs: Sequence[Input] | np.ndarray, size: int | None = None) -> tuple[int, int, int]:
    """Return the shape of the network's images: the median of the images' shapes, scaled.

    The channels follow from the pixels, not from the header: many X-rays are stored as RGB with three equal channels.

    Args:
        inputs: The training images.
        size: The longer side in pixels; by default that of the median, at most `MAX_SIDE`.

    Returns:
        Height, width, and 3 channels if an image has color, else 1.
    """
    sides = [pixel_shape(raw)[:2] for raw in evenly_spaced(inputs)]
    height, width = (float(side) for side in np.median(sides, axis=0))
    scale = (size or min(max(height, width), MAX_SIDE)) / max(height, width)
    is_colored = any(read_pixels(raw).ndim == 3 for raw in evenly_spaced(inputs, COLOR_SAMPLE))
    return max(round(height * scale), MIN_SIDE), max(round(width * scale), MIN_SIDE), 3 if is_colored else 1
