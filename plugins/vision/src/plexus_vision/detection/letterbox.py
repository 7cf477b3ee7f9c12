"""Images of any size in the network's size: scaled, and padded at the right or at the bottom."""

import numpy as np

from plexus.data.images import resize, to_channels

PADDING = 114
"""Grey of the padding, near the mean of photos."""


def fitted_size(size: tuple[int, int], shape: tuple[int, int, int]) -> tuple[int, int]:
    """Return the size at which an image fits into the network's image.

    Args:
        size: Height and width of the image.
        shape: Height, width and channels of the network's images.

    Returns:
        Height and width of the scaled image, with its aspect ratio as far as whole pixels allow.
    """
    scale = min(shape[0] / size[0], shape[1] / size[1])
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def letterbox(image: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Scale an image to the network's size and pad the rest.

    Args:
        image: Bytes of shape `(height, width, 1 or 3)`.
        shape: Height, width and channels of the network's images.

    Returns:
        Bytes of that shape; the image is at the top left.
    """
    height, width = fitted_size((image.shape[0], image.shape[1]), shape)
    fitted = np.full(shape, PADDING, np.uint8)
    fitted[:height, :width] = resize(to_channels(image, shape[2]), (height, width, shape[2]))
    return fitted


def scale_boxes(boxes: np.ndarray, size: tuple[int, int], target: tuple[int, int]) -> np.ndarray:
    """Map boxes from an image to the same image of another size.

    Args:
        boxes: Left, top, right and bottom in pixels, shape `(boxes, 4)`.
        size: Height and width of the image.
        target: Height and width to which it is scaled.

    Returns:
        The boxes in pixels of the scaled image, float32.
    """
    factors = np.array([target[1] / size[1], target[0] / size[0]] * 2, np.float32)
    return np.asarray(boxes * factors, np.float32)
