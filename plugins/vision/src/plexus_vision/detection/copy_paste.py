"""Objects of rare labels that are pasted into other images."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np

from plexus_vision.detection.boxes import box_areas, intersections, overlap_of_smaller
from plexus_vision.detection.sample import Sample

RARE = 0.5
"""A label is rare if it has less than this share of the mean number of boxes of a label."""
MAX_PASTED, TRIES = 3, 20
"""Objects that are pasted into an image at most, and places that are tried for each."""
MAX_COVERED = 0.1
"""Largest part of the smaller of two boxes that may lie in the other one, if one of them is pasted."""
MAX_FOREIGN = 0.2
"""Largest part of an object in other boxes: with more of it, parts of other objects would be pasted without a box."""
MAX_RESIZE = 0.2
"""The size of an object is multiplied by exp(-MAX_RESIZE) to exp(MAX_RESIZE)."""
EXPONENT, OPAQUE, TRANSPARENT = 4, 1.05, 1.3
"""The mask is a superellipse of this exponent; from `OPAQUE` to `TRANSPARENT` times the box it becomes transparent."""
LabelT = TypeVar("LabelT", str, int)


@dataclass(frozen=True)
class CopyPaste:
    """Pastes objects of rare labels into images (Ghiasi et al. 2021, arXiv:2012.07177, section 3).

    Boxes have no masks: the mask is a superellipse around the box, whose edge is blended. Objects are pasted as a
    whole, and where they cover hardly anything of other boxes (Kisantal et al. 2019, arXiv:1902.07296, section 4.2).

    Args:
        objects: Parts of images with one box each, that of an object of a rare label.
        share: Share of the images into which objects are pasted, from 0 to 1.

    Example:
        ```python
        CopyPaste.fit(samples, share=0.5).apply(samples[0], np.random.default_rng(0))
        ```
    """

    objects: Sequence[Sample]
    share: float

    @classmethod
    def fit(cls, samples: Sequence[Sample], share: float) -> Self:
        """Cut out the objects of rare labels that lie in the image as a whole and hardly in other boxes.

        Args:
            samples: The training images.
            share: Share of the images into which objects are pasted.

        Returns:
            The augmentation; it changes no image if no label is rare.
        """
        rare = rare_labels(label for each in samples for label in each.classes[each.scored].tolist())
        return cls([_cut_out(each, row) for each in samples for row in _whole_objects(each, rare)], share)

    def apply(self, sample: Sample, generator: np.random.Generator) -> Sample:
        """Paste up to `MAX_PASTED` objects into an image: first a rare label is drawn, then one of its objects.

        Args:
            sample: The image, which is not changed.
            generator: The random numbers.

        Returns:
            The image with the objects, and with their boxes after its own. An object for which no place was drawn is
            left out.
        """
        if not self.objects or generator.random() >= self.share:
            return sample
        labels = np.array([each.classes[0] for each in self.objects])
        result = replace(sample, image=sample.image.copy())
        for _ in range(generator.integers(1, MAX_PASTED + 1)):
            rows = np.flatnonzero(labels == generator.choice(np.unique(labels)))
            pasted = self.objects[generator.choice(rows)]
            box = _free_place(pasted.boxes[0], result, generator)
            if box is not None:
                _draw(pasted, box, bool(generator.integers(2)), result.image)
                result = _with_box(result, box, labels[rows[0]])
        return result


def rare_labels(labels: Iterable[LabelT]) -> list[LabelT]:
    """Return the labels with less than `RARE` of the mean number of boxes.

    Args:
        labels: The label of each box.

    Returns:
        The labels, sorted.
    """
    counts = Counter(labels)
    return sorted(label for label, count in counts.items() if count < RARE * counts.total() / len(counts))


def _whole_objects(sample: Sample, labels: Sequence[int]) -> np.ndarray:
    """Return the rows of objects of some labels that lie in the image as a whole and hardly in other boxes."""
    height, width = sample.image.shape[:2]
    shared = intersections(sample.boxes, sample.boxes)
    np.fill_diagonal(shared, 0)
    is_covered = shared.sum(axis=1) > MAX_FOREIGN * box_areas(sample.boxes)
    is_inside = (sample.boxes[:, :2] >= 1).all(axis=1) & (sample.boxes[:, 2:] <= (width - 1, height - 1)).all(axis=1)
    return np.flatnonzero(np.isin(sample.classes, labels) & sample.scored & is_inside & ~is_covered)


def _cut_out(sample: Sample, row: int) -> Sample:
    """Return the object of a row and what is around it."""
    left, top, right, bottom = _mask_sides(sample.boxes[row], sample.image.shape)
    part = sample.take(np.array([row]))
    corner = np.array([left, top] * 2, np.float32)
    return replace(part, image=sample.image[top:bottom, left:right].copy(), boxes=part.boxes - corner)


def _free_place(box: np.ndarray, sample: Sample, generator: np.random.Generator) -> np.ndarray | None:
    """Return a box of about the size of another, where it covers hardly anything; None if none was drawn."""
    sides = (box[2:] - box[:2]) * np.exp(generator.uniform(-MAX_RESIZE, MAX_RESIZE))
    room = np.array(sample.image.shape[1::-1]) - sides
    if (room < 0).any():
        return None
    for corner in generator.uniform(0, room, (TRIES, 2)):
        place = np.concatenate([corner, corner + sides]).astype(np.float32)
        if overlap_of_smaller(place[None], sample.boxes).max(initial=0) <= MAX_COVERED:
            return place
    return None


def _draw(pasted: Sample, box: np.ndarray, is_mirrored: bool, image: np.ndarray) -> None:
    """Draw an object into an image so that its box becomes another one."""
    import cv2

    left, top, right, bottom = _mask_sides(box, image.shape)
    corner, own = np.array([left, top]), pasted.boxes[0]
    scale = (box[2:] - box[:2]) / (own[2:] - own[:2]) * ([-1, 1] if is_mirrored else [1, 1])
    shift = box[:2] - corner - scale * own[[2 if is_mirrored else 0, 1]]
    matrix = np.column_stack([np.diag(scale), shift + scale * 0.5 - 0.5])  # OpenCV counts from the middle of a pixel
    size = (right - left, bottom - top)
    pixels = cv2.warpAffine(pasted.image, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    part = image[top:bottom, left:right]
    opacity = _opacity(box - np.tile(corner, 2), size)[..., None]
    part[:] = np.rint(part + opacity * (pixels.reshape(part.shape).astype(np.float32) - part))


def _opacity(box: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the mask of a box in an area of a width and height: 1 is opaque, shape `(height, width)`."""
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    x, y = (np.abs((np.arange(side) + 0.5 - middle[axis]) / half[axis]) ** EXPONENT for axis, side in enumerate(size))
    radius = (x + y[:, None]) ** (1 / EXPONENT)
    return np.asarray(((TRANSPARENT - radius) / (TRANSPARENT - OPAQUE)).clip(0, 1), np.float32)


def _mask_sides(box: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return the sides of the area that the mask of a box covers, in whole pixels of an image."""
    margin = (TRANSPARENT - 1) / 2 * (box[2:] - box[:2])
    left, top = np.floor(box[:2] - margin).clip(0).astype(int).tolist()
    right, bottom = np.ceil(box[2:] + margin).clip(0, (shape[1], shape[0])).astype(int).tolist()
    return left, top, right, bottom


def _with_box(sample: Sample, box: np.ndarray, label: int) -> Sample:
    return replace(
        sample,
        boxes=np.concatenate([sample.boxes, box[None]]),
        classes=np.append(sample.classes, label),
        scored=np.append(sample.scored, True),
    )
