"""Attribution by occlusion."""

from collections.abc import Callable

import numpy as np

BATCH_SIZE = 64
"""Copies of the array that are in memory at once."""


def occlusion_map(
    score: Callable[[np.ndarray], np.ndarray], array: np.ndarray, fill: float, window: tuple[int, int], stride: int
) -> np.ndarray:
    """Compute how much each place of an array contributes to a score (Zeiler & Fergus 2014, section 4.2).

    Args:
        score: Maps arrays of shape `(n, height, width, channels)` to scores of shape `(n,)`: the log-probability of a
            label.
        array: The array, shape `(height, width, channels)`.
        fill: Value of the occluding patch.
        window: Height and width of the patch.
        stride: Distance between two positions of the patch.

    Returns:
        Array of shape `(height, width)`: the decrease of the score, averaged over the patches that cover a place.
    """
    height, width = array.shape[:2]
    places = [
        (slice(max(top, 0), top + window[0]), slice(max(left, 0), left + window[1]))
        for top in range(1 - window[0], height, stride)
        for left in range(1 - window[1], width, stride)
    ]
    complete = score(array[None])[0]
    decrease, patches = np.zeros((height, width)), np.zeros((height, width))
    for start in range(0, len(places), BATCH_SIZE):
        batch = places[start : start + BATCH_SIZE]
        occluded = np.repeat(array[None], len(batch), axis=0)
        for copy, place in zip(occluded, batch, strict=True):
            copy[place] = fill
        for place, value in zip(batch, score(occluded), strict=True):
            decrease[place] += complete - value
            patches[place] += 1
    return decrease / patches
