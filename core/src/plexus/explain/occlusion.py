"""Why a network answers as it does, asked of the network alone."""

from collections.abc import Callable

import numpy as np


def occlusion_map(
    score: Callable[[np.ndarray], np.ndarray], array: np.ndarray, fill: float, window: tuple[int, int], stride: int
) -> np.ndarray:
    """What each place of an array with two spatial axes is worth to a score (Zeiler & Fergus 2014, section 4.2).

    Args:
        score: from `(n, height, width, channels)` to `(n,)`, the log-probability of an answer, say.
        array: `(height, width, channels)`.
        fill: the value that hides.
        window: height and width of the patch that is hidden; stride: how far it moves.

    Returns:
        `(height, width)`: by how much hiding a place lowers the score, on average over the patches that cover it.
    """
    height, width = array.shape[:2]
    masks = []
    for top in range(1 - window[0], height, stride):
        for left in range(1 - window[1], width, stride):
            mask = np.zeros((height, width), bool)
            mask[max(top, 0) : top + window[0], max(left, 0) : left + window[1]] = True
            masks.append(mask)
    stacked = np.stack(masks)
    hidden = np.where(stacked[..., None], np.asarray(fill, array.dtype), array)
    lost = score(array[None])[0] - score(hidden)
    return np.asarray(np.tensordot(lost, stacked, axes=1) / stacked.sum(axis=0))
