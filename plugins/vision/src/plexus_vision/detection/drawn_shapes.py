"""Images of shapes that the project draws, for demos and tests without data files."""

import numpy as np

from plexus.data.arrays import Pair
from plexus_vision.detection.image_boxes import ImageBoxes

SIZE = 128
"""Width and height of an image in pixels."""
LABELS = ("circle", "square", "triangle")
COUNTS = {"train": 960, "val": 40, "test": 60}
MAX_SHAPES = 8
EMPTY_SHARE = 0.08
"""Share of images without shapes."""
MAX_COVERED = 0.25
"""Largest part of the smaller of two boxes that may lie in the other one."""
MIN_CONTRAST = 70
"""Least distance between the colors of a shape and the ground, in units of RGB."""
_SHIFT = 4
"""Bits of the fraction of OpenCV's coordinates."""


def draw_splits(seed: int = 0) -> dict[str, Pair]:
    """Draw the images of the data set `drawn_shapes`.

    Args:
        seed: Seed of the images.

    Returns:
        Of each split the images, bytes of shape `(n, 128, 128, 3)`, and the boxes, objects of shape `(n,)`.
    """
    splits: dict[str, Pair] = {}
    start = 0
    for split, count in COUNTS.items():
        drawn = [draw_image(number, seed) for number in range(start, start + count)]
        targets = np.empty(count, object)
        targets[:] = [target for _, target in drawn]
        splits[split] = np.stack([image for image, _ in drawn]), targets
        start += count
    return splits


def draw_image(number: int, seed: int = 0) -> tuple[np.ndarray, ImageBoxes]:
    """Draw one image of up to `MAX_SHAPES` circles, squares and triangles over a textured ground.

    Args:
        number: Number of the image.
        seed: Seed of all images; an image depends on the seed and its number only.

    Returns:
        The image, bytes of shape `(128, 128, 3)`, RGB, and the boxes of the shapes in it.
    """
    rng = np.random.default_rng([seed, number])
    image, color = _ground(rng)
    _draw_lines(image, rng)
    boxes: list[np.ndarray] = []
    labels: list[str] = []
    for _ in range(0 if rng.random() < EMPTY_SHARE else rng.integers(1, MAX_SHAPES + 1)):
        label = LABELS[rng.integers(len(LABELS))]
        outline = _place(label, boxes, rng)
        if outline is not None:
            _fill(image, outline, _distinct_color(color, rng))
            boxes.append(_box(outline))
            labels.append(label)
    noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(2, 8))
    pixels = np.clip(image + noise, 0, 255).astype(np.uint8)
    return pixels, ImageBoxes(np.array(boxes, np.float32).reshape(-1, 4), tuple(labels), np.zeros(len(labels), bool))


def _ground(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a ground of smooth patches and fine grain, and its mean color."""
    import cv2

    color = rng.uniform(40, 215, 3)
    image = np.zeros((SIZE, SIZE, 3), np.float32) + color.astype(np.float32)
    for cells, strength in ((4, 22), (20, 12)):
        patches = rng.normal(0, strength, (cells, cells, 1)) + rng.normal(0, strength / 4, (cells, cells, 3))
        image += cv2.resize(patches.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    return image, color


def _draw_lines(image: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a few thin lines, which are no objects."""
    import cv2

    for start, end in rng.integers(0, SIZE, (rng.integers(0, 4), 2, 2)).tolist():
        cv2.line(image, start, end, rng.uniform(0, 255, 3).tolist(), 1, cv2.LINE_AA)


def _place(label: str, boxes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray | None:
    """Return the outline of a shape at a place where it leaves the others visible; None if there is no room."""
    from plexus_vision.detection.boxes import overlap_of_smaller

    for _ in range(20):
        radius = rng.uniform(11, 26)
        outline = rng.uniform(radius, SIZE - radius, 2) + radius * _unit_outline(label, rng)
        if not boxes or overlap_of_smaller(_box(outline)[None], np.array(boxes)).max() <= MAX_COVERED:
            return outline
    return None


def _unit_outline(label: str, rng: np.random.Generator) -> np.ndarray:
    """Return the corners of a shape in the unit circle, turned at random; a circle has 64."""
    corners = {"circle": 64, "square": 4, "triangle": 3}[label]
    angles = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(corners) / corners
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _fill(image: np.ndarray, outline: np.ndarray, color: np.ndarray) -> None:
    import cv2

    # A coordinate of OpenCV is the middle of a pixel; one of a box is its left or upper side.
    points = np.rint((outline - 0.5) * (1 << _SHIFT)).astype(np.int32)
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, _SHIFT)
    opacity = mask[..., None] / np.float32(255)
    image += opacity * (color.astype(np.float32) - image)


def _box(outline: np.ndarray) -> np.ndarray:
    return np.concatenate([outline.min(axis=0), outline.max(axis=0)])


def _distinct_color(ground: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    while True:
        color = rng.uniform(0, 255, 3)
        if np.linalg.norm(color - ground) >= MIN_CONTRAST:
            return color
