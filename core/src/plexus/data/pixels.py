"""Pixels of any depth as bytes."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus.utils.messages import note

if TYPE_CHECKING:
    from PIL import Image

STRIP = 1 << 22
"""Pixels that are converted at once, so that a large image needs little memory besides its own."""
DEPTHS = (8, 10, 12, 14, 16)
"""Usual numbers of bits of a pixel."""
_MULTIPLE = "scale them to 0..1, to 0..255, or to the range of their bits"


def to_bytes(pixels: np.ndarray, place: str, pixel_range: float | None = None) -> np.ndarray:
    """Scale pixels to bytes.

    Args:
        pixels: Bytes, which are returned as they are; or other numbers, finite and not negative.
        place: Where they come from, for the error message.
        pixel_range: The value that becomes 255, as `fit_pixel_range` returns it; larger ones are clipped. None: 1 for
            pixels up to 1, else the largest number of the fewest bits (8, 10, 12, 14 or 16) that hold them all.

    Returns:
        Bytes of the same shape.

    Raises:
        InputError: If a pixel is negative or not finite.
    """
    if pixels.dtype == np.uint8:
        return pixels
    full = pixel_range or _full_scale(largest_pixel(pixels, place))
    if pixels.dtype == np.float16:
        pixels = pixels.astype(np.float32)
    scaled = np.empty(pixels.shape, np.uint8)
    rows = max(STRIP * len(pixels) // max(pixels.size, 1), 1)
    for start in range(0, len(pixels), rows):
        strip = pixels[start : start + rows] * (255.0 / full)
        scaled[start : start + rows] = np.clip(np.rint(strip), 0, 255)
    return scaled


def largest_pixel(pixels: np.ndarray, place: str) -> float:
    """Return the largest pixel.

    Args:
        pixels: Numbers of any shape.
        place: Where they come from, for the error message.

    Returns:
        The largest one; 0 if there are none.

    Raises:
        InputError: If a pixel is negative, not finite, or no number.
    """
    if pixels.dtype.kind not in "buif":
        raise InputError(f"{place}: expected pixels that are numbers, got an array of type {pixels.dtype}")
    most, least = float(pixels.max(initial=0)), float(pixels.min(initial=0))
    if not (np.isfinite(most) and np.isfinite(least)):
        raise InputError(f"{place} has pixels that are not finite numbers (NaN or infinite): replace them")
    if least < 0:
        raise InputError(f"{place} has negative pixels, down to {least:g}: {_MULTIPLE}")
    return most


def with_channels_last(images: np.ndarray, place: str) -> np.ndarray:
    """Move the axis of the channels to the end, if it comes first; a move of several images is announced.

    Args:
        images: One image with three axes, or several with four.
        place: Where they come from, for the message.

    Returns:
        Images whose last axis has 1, 3 or 4 channels, if the first or the last axis of each has.
    """
    first = images.ndim - 3
    if images.shape[-1] in {1, 3, 4} or images.shape[first] not in {1, 3, 4}:
        return images
    if first:
        note(f"{place}: images of shape (n, channels, height, width) are read as (n, height, width, channels)")
    return np.moveaxis(images, first, -1)


def is_deep(picture: "Image.Image") -> bool:
    """Return whether a grey image has more than 8 bits per pixel, or floats.

    Args:
        picture: An image that Pillow opened.

    Returns:
        True for 16 or 32 bits.
    """
    return picture.mode == "F" or picture.mode.startswith("I")


def flatten(picture: "Image.Image") -> np.ndarray:
    """Return an image of 8 bits as grey or RGB, transparent pixels composited on white.

    Args:
        picture: An image that Pillow opened.

    Returns:
        Bytes of shape `(height, width, 1 or 3)`.
    """
    width, height = picture.size
    rows = max(STRIP // max(width, 1), 1)
    if rows >= height:
        return _flat(picture)
    pixels = np.empty((height, width, 1 if picture.mode in {"1", "L"} else 3), np.uint8)
    for top in range(0, height, rows):
        pixels[top : top + rows] = _flat(picture.crop((0, top, width, min(top + rows, height))))
    return pixels


def _flat(picture: "Image.Image") -> np.ndarray:
    from PIL import Image

    if picture.mode in {"1", "L"}:
        return np.asarray(picture.convert("L"))[..., None]
    if picture.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in picture.info:
        over = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    return np.asarray(picture.convert("RGB"))


def _full_scale(most: float) -> float:
    return 1 if most <= 1 else next((2.0**bits - 1 for bits in DEPTHS if most < 2**bits), most)
