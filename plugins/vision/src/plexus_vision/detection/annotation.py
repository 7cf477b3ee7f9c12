"""The boxes of an image as a file states them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted

MAX_FRACTION = 1.5
"""Corner up to which a coordinate may be a fraction of the image's side: beyond 1 it lies outside the image."""
FRACTIONS = Counted(
    "annotation file has fractions of the image's sides instead of pixels",
    "annotation files have fractions of the image's sides instead of pixels",
)


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
        places: Annotation file and line of each box, for messages; empty if `place` is that of each.
        agreement: How well names and folders of the image and of the annotation agree: of two annotations of an image
            the one with the larger value is that of the image.

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
    places: tuple[str, ...] = ()
    agreement: tuple[int, ...] = ()

    def place_of(self, row: int) -> str:
        """Return the place of a box, for messages.

        Args:
            row: Index of the box.

        Returns:
            The annotation file, and the line if it has one per box.
        """
        return self.places[row] if self.places else self.place


def parse_number(text: object) -> float:
    """Return the number that an untrusted file states.

    Args:
        text: A number, or the text of one.

    Returns:
        The number; NaN if there is none. `1_000` is none, though Python reads it.
    """
    if isinstance(text, str) and "_" in text:
        return float("nan")
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


def with_fractions(
    annotations: Sequence[ImageAnnotation], findings: Findings, name: str | None = None
) -> list[ImageAnnotation]:
    """Recognize corners that are fractions of the image's sides in a file whose format does not say so.

    They are, if those of most boxes are at most `MAX_FRACTION`: as pixels, most boxes would be one pixel in a corner.

    Args:
        annotations: The annotations of one file or one folder.
        findings: Receives the file.
        name: Name of the file, by default the place of the first annotation.

    Returns:
        The annotations; their sizes are left out if the corners are fractions.
    """
    corners = np.concatenate([annotation.corners for annotation in annotations] or [np.empty((0, 4))])
    corners = corners[np.isfinite(corners).all(axis=1)]
    if not len(corners) or np.median(corners.max(axis=1)) > MAX_FRACTION:
        return list(annotations)
    findings.remark(FRACTIONS, name or annotations[0].place)
    return [replace(annotation, is_normalized=True, size=None) for annotation in annotations]


def as_corners(rows: list[list[float]]) -> np.ndarray:
    """Return corners as an array, also if there are none.

    Args:
        rows: Left, top, right and bottom of each box.

    Returns:
        Array of shape `(boxes, 4)`, float64.
    """
    return np.array(rows, np.float64).reshape(-1, 4)
