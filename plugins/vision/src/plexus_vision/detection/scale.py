"""The size of the network's images and its strides, by the sizes of the objects."""

import math
from collections.abc import Sequence

import numpy as np

STRIDES = (4, 8, 16, 32)
SIDE_MULTIPLE = 32
"""The sides of the network's images are multiples of its largest stride."""
SMALL_OBJECT = 20
"""Side in pixels that objects of the smallest label have in the network's images, in the median."""
MIN_SIDE, MAX_SIDE = 128, 640
"""Limits of the longer side of the network's images that is chosen by the objects."""
SIDES_PER_STRIDE = (2, 8)
"""Objects of a label are detected on maps whose stride is at most half and at least an eighth of their median side."""


def network_size(
    sizes: Sequence[tuple[int, int]], shares: Sequence[np.ndarray], longer_side: int | None
) -> tuple[int, int]:
    """Choose the size of the network's images: as small as the objects allow, as the time grows with the area.

    Args:
        sizes: Height and width of the training images.
        shares: Square roots of the areas of the boxes, as shares of the longer side of their image, one array per
            label.
        longer_side: The longer side in pixels, if the user has chosen it.

    Returns:
        Height and width, multiples of 32.
    """
    longest = float(np.median([max(size) for size in sizes]))
    if longer_side is None:
        smallest = min(float(np.median(each)) for each in shares if len(each))
        longer_side = round(np.clip(SMALL_OBJECT / smallest, MIN_SIDE, max(min(longest, MAX_SIDE), MIN_SIDE)))
    ratio = float(np.median([height / width for height, width in sizes]))
    height, width = longer_side * min(ratio, 1), longer_side * min(1 / ratio, 1)
    return _multiple(height), _multiple(width)


def network_strides(sides: Sequence[np.ndarray]) -> tuple[int, ...]:
    """Choose the strides of the maps from which objects are detected.

    Args:
        sides: Square roots of the areas of the boxes in pixels of the network's images, one array per label.

    Returns:
        Consecutive strides, the finest first.
    """
    medians = [float(np.median(each)) for each in sides if len(each)]
    finest = _power(min(medians) / SIDES_PER_STRIDE[0], STRIDES[0], STRIDES[-1])
    coarsest = _power(max(medians) / SIDES_PER_STRIDE[1], finest, STRIDES[-1])
    return tuple(stride for stride in STRIDES if finest <= stride <= coarsest)


def _multiple(side: float) -> int:
    return max(math.ceil(side / SIDE_MULTIPLE - 0.01), 1) * SIDE_MULTIPLE


def _power(value: float, low: int, high: int) -> int:
    """Return the largest power of two that is not above a value, within limits."""
    return int(np.clip(2 ** math.floor(math.log2(max(value, 1))), low, high))
