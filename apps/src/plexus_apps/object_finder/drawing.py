"""Boxes on images, one color per label."""

from collections.abc import Sequence

import numpy as np

COLORS = ("#1f5fd0", "#b04a00", "#1c7a43", "#7a3fc0", "#c02a4a", "#0b6f80", "#7a5a12", "#56606e")
"""White text has a contrast of 4.5 or more on each (WCAG 2.2, 1.4.3)."""
LARGEST_SIDE = 1280
"""Longer side of an image on the page at most, in pixels."""
TEXT_SHARE = 26
"""Width of an image by the height of its text, which is readable on a phone."""


def label_color(labels: Sequence[str], label: str) -> str:
    """Return the color of a label.

    Args:
        labels: All labels of the model.
        label: The label.

    Returns:
        The color, `#rrggbb`; the ninth label has that of the first.
    """
    return COLORS[list(labels).index(label) % len(COLORS)]


def fit_image(image: np.ndarray, longest: int = LARGEST_SIDE) -> np.ndarray:
    """Scale an image down to the size of the page; a smaller one stays as it is.

    Args:
        image: Bytes of shape `(height, width, 3)`.
        longest: Its longer side at most.

    Returns:
        The image.
    """
    import cv2

    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    size = max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def draw_boxes(
    image: np.ndarray,
    boxes: Sequence[Sequence[float]],
    texts: Sequence[str],
    colors: Sequence[str],
    width: int,
) -> np.ndarray:
    """Draw boxes with a text on an image.

    Args:
        image: Bytes of shape `(height, width, 3)`.
        boxes: Left, top, right and bottom of each box in pixels of the image.
        texts: Text of each box.
        colors: Color of each box.
        width: Width of the result in pixels.

    Returns:
        The image; both sides are even, as videos need them.
    """
    from PIL import Image, ImageDraw, ImageFont

    scale = width / image.shape[1]
    size = width // 2 * 2, max(round(image.shape[0] * scale / 2), 1) * 2
    canvas = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    pen, line = ImageDraw.Draw(canvas), max(width // 180, 2)
    font = ImageFont.load_default(max(width // TEXT_SHARE, 12))
    for box, color in zip(boxes, colors, strict=True):
        left, top, right, bottom = (side * scale for side in box)
        pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline="white", width=line + 2)
        pen.rectangle((left, top, right, bottom), outline=color, width=line)
    for box, text, color in zip(boxes, texts, colors, strict=True):
        _, above, text_width, below = pen.textbbox((0, 0), text, font=font)
        height = below - above + 6
        left = min(max(box[0] * scale, 0), max(canvas.width - text_width - 8, 0))
        top = max(box[1] * scale - height, 0)  # above the box, as far as the image allows
        pen.rectangle((left, top, left + text_width + 8, top + height), fill=color)
        pen.text((left + 4, top + 3 - above), text, font=font, fill="white")
    return np.asarray(canvas)
