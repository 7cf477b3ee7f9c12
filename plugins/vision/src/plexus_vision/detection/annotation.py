"""The boxes of an image as a file states them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class ImageAnnotation:
    """Boxes of one image as a file states them, before they are compared with the image.

    Args:
        image: The file of the image; it need not exist.
        place: The annotation file, and its line if it has one per box, for messages.
        corners: Left, top, right and bottom, shape `(boxes, 4)`, float64; NaN for what is no number.
        labels: One label per box, as written.
        difficult: Whether a box is left out of training and evaluation, shape `(boxes,)`.
        size: Width and height of the image in pixels as the file states them; None if it does not.
        split: `train`, `val` or `test`; None if the data do not say.
        first_pixel: Number of the first pixel of a row: 1 if the first pixel's box is 1, 1, 1, 1, sides inclusive.
        is_normalized: Whether the corners are fractions of the image's width and height.

    Example:
        ```python
        ImageAnnotation(Path("1.jpg"), "1.xml", np.array([[1.0, 1, 10, 20]]), ("cell",), np.array([False]), (640, 480))
        ```
    """

    image: Path
    place: str
    corners: np.ndarray
    labels: tuple[str, ...]
    difficult: np.ndarray
    size: tuple[int, int] | None = None
    split: str | None = None
    first_pixel: int = 0
    is_normalized: bool = False


def parse_number(text: object) -> float:
    """Return the number that an untrusted file states.

    Args:
        text: A number, or the text of one.

    Returns:
        The number; NaN if there is none.
    """
    try:
        return float(text) if isinstance(text, int | float | str) and not isinstance(text, bool) else float("nan")
    except (ValueError, OverflowError):
        return float("nan")


def parse_size(width: object, height: object) -> tuple[int, int] | None:
    """Return the size of an image that an untrusted file states.

    Args:
        width: Width in pixels, or the text of it.
        height: Height in pixels, or the text of it.

    Returns:
        Width and height; None if one is missing, 0 or no number: some programs write 0 for an unknown size.
    """
    sides = parse_number(width), parse_number(height)
    return (round(sides[0]), round(sides[1])) if all(1 <= side < 1e9 for side in sides) else None


def as_corners(rows: list[list[float]]) -> np.ndarray:
    """Return corners as an array, also if there are none.

    Args:
        rows: Left, top, right and bottom of each box.

    Returns:
        Array of shape `(boxes, 4)`, float64.
    """
    return np.array(rows, np.float64).reshape(-1, 4)
