"""Images with the boxes of their objects."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.images import to_channels
from plexus_vision.detection.explain import COLORS
from plexus_vision.detection.image_boxes import ImageBoxes

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

    from plexus.codec import JsonObject

READABLE_SIDE, MAX_FACTOR = 400, 4
"""Smaller images are enlarged by a whole factor, so that their labels are readable."""
MIN_TEXT, TEXT_SHARE, LINE_SHARE = 11, 1 / 40, 1 / 300
"""Height of the text at least, and that of text and lines as a share of the shorter side."""
PADDING = 2
"""Pixels around the text."""


def draw_objects(image: np.ndarray, objects: "Sequence[JsonObject]", labels: Sequence[str]) -> np.ndarray:
    """Draw a box around each object, with its label, its track if it has one, and its probability.

    Args:
        image: Bytes of shape `(height, width, 1 or 3)`.
        objects: `label` and `box` of each, of detections `probability`, and of frames `track`.
        labels: All labels; they have different colors, as far as there are enough.

    Returns:
        Bytes of shape `(height * k, width * k, 3)`; k is above 1 for images smaller than `READABLE_SIDE`.
    """
    import cv2
    from PIL import Image, ImageDraw

    factor = _factor(image)
    pixels = to_channels(image, 3)
    if factor > 1:
        pixels = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    canvas = Image.fromarray(pixels)
    pen, side = ImageDraw.Draw(canvas), min(canvas.size)
    font, line = _font(max(round(side * TEXT_SHARE), MIN_TEXT)), max(round(side * LINE_SHARE), 2)
    colors = {label: COLORS[index % len(COLORS)] for index, label in enumerate(labels)}
    boxes = [[corner * factor for corner in each["box"]] for each in objects]
    for each, box in zip(objects, boxes, strict=True):
        left, top, right, bottom = box
        pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline="white", width=line + 2)
        pen.rectangle(box, outline=colors[each["label"]], width=line)
    # The most probable objects last: their texts cover others.
    for each, (left, top, _, _) in zip(reversed(objects), reversed(boxes), strict=True):
        text = _text(each)
        width, height = math.ceil(font.getlength(text)) + 2 * PADDING, sum(font.getmetrics()) + PADDING
        left = min(max(left, 0), max(canvas.width - width, 0))
        top = top - height if top >= height else max(top, 0)  # in the box, if there is no room above it
        pen.rectangle((left, top, left + width, top + height), fill=colors[each["label"]])
        pen.text((left + PADDING, top), text, font=font, fill="white")
    return np.asarray(canvas)


def draw_annotations(image: np.ndarray, boxes: ImageBoxes) -> np.ndarray:
    """Draw the annotated boxes of an image.

    Args:
        image: Bytes of shape `(height, width, 1 or 3)`.
        boxes: The boxes and their labels.

    Returns:
        As of `draw_objects`.
    """
    pairs = zip(boxes.labels, boxes.boxes.tolist(), strict=True)
    return draw_objects(image, [{"label": label, "box": box} for label, box in pairs], sorted(set(boxes.labels)))


def _factor(image: np.ndarray) -> int:
    return int(min(max(math.ceil(READABLE_SIDE / min(image.shape[:2])), 1), MAX_FACTOR))


def _text(each: "Mapping[str, object]") -> str:
    track = f" #{each['track']}" if each.get("track") else ""
    probability = f" {each['probability']:.0%}" if "probability" in each else ""
    return f"{each['label']}{track}{probability}"


@lru_cache(maxsize=8)
def _font(size: int) -> "FreeTypeFont":
    """Return DejaVu Sans, which comes with matplotlib and has the letters of most European languages."""
    from matplotlib import get_data_path
    from PIL import ImageFont

    return ImageFont.truetype(Path(get_data_path(), "fonts/ttf/DejaVuSans.ttf"), size)
