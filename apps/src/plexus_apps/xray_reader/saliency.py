"""A saliency map over its image."""

import numpy as np

FOR, AGAINST = (200, 55, 45), (42, 111, 219)
"""Colors of places that speak for the outcome, and against it."""
OPACITY = 0.7
"""Largest opacity of the map: the image stays visible."""


def to_color(image: np.ndarray) -> np.ndarray:
    """Return an image in color.

    Args:
        image: Bytes of shape `(height, width, channels)`, grey or RGB.

    Returns:
        Bytes of shape `(height, width, 3)`.
    """
    return np.asarray(np.broadcast_to(image, (*image.shape[:2], 3)) if image.shape[2] == 1 else image)


def draw_saliency(image: np.ndarray, saliency: np.ndarray) -> np.ndarray:
    """Draw a map over its image: red speaks for the outcome, blue against it.

    Where the decision does not depend on a place, the image shows through.

    Args:
        image: Bytes of shape `(height, width, channels)`.
        saliency: The map, above 0 for the outcome, shape `(height, width)`.

    Returns:
        Bytes of shape `(height, width, 3)`.
    """
    shares = saliency / max(float(np.abs(saliency).max()), 1e-9)
    opacity = OPACITY * np.abs(shares)[..., None]
    color = np.where(shares[..., None] > 0, FOR, AGAINST)
    return np.asarray(np.rint((1 - opacity) * to_color(image) + opacity * color), np.uint8)
