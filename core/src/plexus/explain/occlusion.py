"""Attribution by occlusion."""

from collections.abc import Callable

import numpy as np


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
    masks = []
    for top in range(1 - window[0], height, stride):
        for left in range(1 - window[1], width, stride):
            mask = np.zeros((height, width), bool)
            mask[max(top, 0) : top + window[0], max(left, 0) : left + window[1]] = True
            masks.append(mask)
    stacked = np.stack(masks)
    occluded = np.where(stacked[..., None], np.asarray(fill, array.dtype), array)
    decrease = score(array[None])[0] - score(occluded)
    return np.asarray(np.tensordot(decrease, stacked, axes=1) / stacked.sum(axis=0))
