"""Images of any aspect ratio at the size of the network's images."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from plexus.codec import Input
from plexus.data.images import evenly_spaced, resize
from plexus_medical.pixel_data import pixel_shape

Resizing = Literal["stretch", "pad", "crop"]
"""How an image of another aspect ratio becomes one of the network: scaled along each axis by itself; scaled as a whole
and surrounded by black; or scaled as a whole and cut off at both ends."""
ALIKE = 0.02
"""Aspect ratios that differ by no more than this share are taken as the same: the image is stretched by as much."""


def suitable_resizing(inputs: Sequence[Input] | np.ndarray, shape: tuple[int, int, int]) -> Resizing:
    """Return how images of other aspect ratios are resized, by the training images.

    Where these all have the aspect ratio of the network's images, the network learns from no black border and would
    not know one: other images are cropped. Where they differ, cropping could cut off a finding: they are padded.

    Args:
        inputs: The training images.
        shape: Height, width and channels of the network's images.

    Returns:
        `crop` or `pad`.
    """
    sides = {pixel_shape(raw)[:2] for raw in evenly_spaced(inputs)}
    return "crop" if all(_is_alike(height, width, shape) for height, width in sides) else "pad"


def resize_image(image: np.ndarray, shape: tuple[int, int, int], resizing: Resizing) -> np.ndarray:
    """Scale an image, with anti-aliasing.

    Args:
        image: Bytes of shape `(height, width, 1 or 3)`.
        shape: Height, width and channels of the network's images.
        resizing: What is done if the aspect ratios differ.

    Returns:
        Bytes of that shape.
    """
    height, width = image.shape[:2]
    if resizing == "stretch" or _is_alike(height, width, shape):
        return resize(image, shape)
    if resizing == "crop":
        inner_height, inner_width = _cropped_size(height, width, shape)
        top, left = (height - inner_height) // 2, (width - inner_width) // 2
        return resize(image[top : top + inner_height, left : left + inner_width], shape)
    inner_height, inner_width = _padded_size(height, width, shape)
    top, left = (shape[0] - inner_height) // 2, (shape[1] - inner_width) // 2
    canvas = np.zeros(shape, np.uint8)
    canvas[top : top + inner_height, left : left + inner_width] = resize(image, (inner_height, inner_width, shape[2]))
    return canvas


def cut_warning(raw: Input, shape: tuple[int, int, int], resizing: Resizing) -> str:
    """Return what of an image is cut off: a finding there is not seen.

    Args:
        raw: The image; of a file, the header alone is read.
        shape: Height, width and channels of the network's images.
        resizing: What is done if the aspect ratios differ.

    Returns:
        A text for the prediction; empty if nothing is cut off.
    """
    height, width, _ = pixel_shape(raw)
    if resizing != "crop" or _is_alike(height, width, shape):
        return ""
    seen_height, seen_width = _cropped_size(height, width, shape)
    cut, side = max((1 - seen_height / height, "height"), (1 - seen_width / width, "width"))
    return (
        f"{cut:.0%} of its {side} was cut off: its aspect ratio is {width / height:.3g}, that of the training images "
        f"{shape[1] / shape[0]:.3g}"
    )


def _is_alike(height: int, width: int, shape: tuple[int, int, int]) -> bool:
    """Return whether an image has the network's aspect ratio, as far as whole pixels allow."""
    scales = shape[0] / height, shape[1] / width
    return min(scales) >= (1 - ALIKE) * max(scales) or _padded_size(height, width, shape) == shape[:2]


def _padded_size(height: int, width: int, shape: tuple[int, int, int]) -> tuple[int, int]:
    """Return the largest height and width of the image within those of the network, of its own aspect ratio."""
    scale = min(shape[0] / height, shape[1] / width)
    return max(round(height * scale), 1), max(round(width * scale), 1)


def _cropped_size(height: int, width: int, shape: tuple[int, int, int]) -> tuple[int, int]:
    """Return the largest height and width within those of the image, of the network's aspect ratio."""
    scale = min(height / shape[0], width / shape[1])
    return max(round(shape[0] * scale), 1), max(round(shape[1] * scale), 1)
