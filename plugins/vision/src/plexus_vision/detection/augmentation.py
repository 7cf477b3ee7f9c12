"""Random changes of an image and its boxes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from plexus_vision.detection.copy_paste import CopyPaste
from plexus_vision.detection.letterbox import PADDING
from plexus_vision.detection.sample import Sample

MIN_VISIBLE, MIN_SIDE = 0.3, 4
"""Boxes stay of which this share of the area is visible, and whose sides have so many pixels."""
MOSAIC_CENTRE = (0.3, 0.7)
"""Range of the point at which the four images of a mosaic meet, as a share of the sides."""


@dataclass(frozen=True)
class BoxAugmentation:
    """Amounts of the random changes of an image and its boxes.

    Args:
        turns: Whether images are turned by quarters.
        scale: The size is multiplied by exp(-scale) to exp(scale).
        stretch: The aspect ratio is multiplied by exp(-2 stretch) to exp(2 stretch).
        color: Largest change of contrast, brightness and saturation, as a share.
        mosaic: Share of the images that are composed of four (Bochkovskiy et al. 2020, arXiv:2004.10934).
        copy_paste: Pastes objects of rare labels first; None for not.

    Example:
        ```python
        BoxAugmentation(turns=True).apply(samples, index=3, shape=(256, 320), generator=np.random.default_rng(0))
        ```
    """

    turns: bool = False
    scale: float = 0.35
    stretch: float = 0.1
    color: float = 0.3
    mosaic: float = 0.0
    copy_paste: CopyPaste | None = None

    def apply(
        self, samples: Sequence[Sample], index: int, shape: tuple[int, int], generator: np.random.Generator
    ) -> Sample:
        """Return a changed image, or a mosaic of it and three others.

        Args:
            samples: All images.
            index: Index of the image.
            shape: Height and width of the result.
            generator: The random numbers.

        Returns:
            The changed image and the boxes that are still visible.
        """
        if generator.random() >= self.mosaic:
            return self._change(samples[index], shape, generator)
        others = generator.integers(len(samples), size=3).tolist()
        height, width = (round(side * generator.uniform(*MOSAIC_CENTRE)) for side in shape)
        corners = [(0, 0), (0, width), (height, 0), (height, width)]
        sizes = [(height, width), (height, shape[1] - width), (shape[0] - height, width)]
        sizes.append((shape[0] - height, shape[1] - width))
        parts = [
            self._change(samples[each], size, generator) for each, size in zip([index, *others], sizes, strict=True)
        ]
        return _compose(parts, corners, shape)

    def _change(self, sample: Sample, shape: tuple[int, int], generator: np.random.Generator) -> Sample:
        if self.copy_paste is not None:
            sample = self.copy_paste.apply(sample, generator)
        matrix = self._matrix(sample.image.shape[:2], shape, generator)
        centred = matrix.copy()  # OpenCV counts from the middle of the first pixel, boxes from its edge
        centred[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
        image = cv2.warpAffine(sample.image, centred, shape[::-1], borderValue=(PADDING,) * 3)
        boxes = _map_boxes(sample.boxes, matrix)
        visible = boxes.clip(0, np.array([*shape[::-1]] * 2, np.float32))
        sides = visible[:, 2:] - visible[:, :2]
        share = sides.prod(axis=1) / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-6)
        changed = replace(sample, image=self._vary_colors(image, generator), boxes=visible)
        return changed.take((share > MIN_VISIBLE) & (sides.min(axis=1, initial=MIN_SIDE) >= MIN_SIDE))

    def _matrix(self, size: tuple[int, int], shape: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
        """Return the 2 x 3 matrix from the image to the changed one: mirroring, quarter turns, scale and shift."""
        scale = np.exp(generator.uniform(-self.scale, self.scale))
        stretch = np.exp(generator.uniform(-self.stretch, self.stretch))
        mirror = generator.choice([-1, 1])
        quarter = int(generator.integers(4)) if self.turns else 0
        cos, sin = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter]
        linear = np.diag([scale * stretch, scale / stretch]) @ [[cos, -sin], [sin, cos]] @ np.diag([mirror, 1])
        covered = np.abs(linear) @ size[::-1]
        room = np.abs(covered - shape[::-1])
        middle = np.array(shape[::-1]) / 2 + generator.uniform(-0.5, 0.5, 2) * room
        return np.column_stack([linear, middle - linear @ (np.array(size[::-1]) / 2)])

    def _vary_colors(self, image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        contrast, brightness, saturation = generator.uniform(1 - self.color, 1 + self.color, 3)
        pixels = image.astype(np.float32)
        mean = pixels.mean()
        pixels = (pixels - mean) * contrast + mean * brightness
        grey = pixels.mean(axis=2, keepdims=True)
        tint = np.asarray(generator.uniform(-40 * self.color, 40 * self.color, image.shape[2]), np.float32)
        return np.asarray(((pixels - grey) * saturation + grey + tint).clip(0, 255), np.uint8)


def _map_boxes(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return the boxes around the mapped corners; exact for quarter turns."""
    corners = boxes[:, [[0, 1], [2, 3]]] @ matrix[:, :2].T + matrix[:, 2]
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1).astype(np.float32)


def _compose(parts: Sequence[Sample], corners: Sequence[tuple[int, int]], shape: tuple[int, int]) -> Sample:
    image = np.empty((*shape, parts[0].image.shape[2]), np.uint8)
    boxes = []
    for part, (top, left) in zip(parts, corners, strict=True):
        height, width = part.image.shape[:2]
        image[top : top + height, left : left + width] = part.image
        boxes.append(part.boxes + np.array([left, top, left, top], np.float32))
    return Sample(
        image,
        np.concatenate(boxes),
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.scored for part in parts]),
    )
