"""Annotated boxes compared with their image: repaired, or dropped and counted."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted
from plexus.data.image_files import opened_image
from plexus_vision.detection.annotation import ImageAnnotation
from plexus_vision.detection.boxes import clip_boxes
from plexus_vision.detection.image_boxes import ImageBoxes

MAX_ROUNDING = 0.5
"""Pixels by which a box may lie outside an image by rounding; it is clipped without a finding."""
MAX_DISTORTION = 0.02
"""Relative difference of aspect ratios up to which an image is a scaled copy of the annotated one."""
ORIENTATION = 0x0112
"""Exif tag of the orientation; from 5 on, rows of the file are columns of the image as displayed."""

NO_NUMBER = Counted(
    "box has a coordinate that is no number and was dropped",
    "boxes have a coordinate that is no number and were dropped",
)
NO_LABEL = Counted("box has no label and was dropped", "boxes have no label and were dropped")
SWAPPED = Counted("box has swapped corners and was repaired", "boxes have swapped corners and were repaired")
ZERO_AREA = Counted("box has zero area and was dropped", "boxes have zero area and were dropped")
OUTSIDE = Counted("box lies outside its image and was dropped", "boxes lie outside their image and were dropped")
CLIPPED = Counted(
    "box lies partly outside its image and was clipped", "boxes lie partly outside their image and were clipped"
)
REPEATED = Counted("box is an exact duplicate and was dropped", "boxes are exact duplicates and were dropped")
SPELLING = Counted(
    "image has a label in a spelling that is unusual in the data, which was merged",
    "images have labels in spellings that are unusual in the data, which were merged",
)
RESCALED = Counted(
    "image is a scaled copy of the annotated one; its boxes were scaled",
    "images are scaled copies of the annotated ones; their boxes were scaled",
)
TURNED = Counted(
    "image was annotated without its Exif orientation; its boxes were turned",
    "images were annotated without their Exif orientation; their boxes were turned",
)
OTHER_SIZE = Counted(
    "image has another aspect ratio than its annotation states and was dropped",
    "images have other aspect ratios than their annotations state and were dropped",
)


def merge_spellings(annotations: Sequence[ImageAnnotation], findings: Findings) -> list[ImageAnnotation]:
    """Merge labels that differ in upper and lower case, blanks or line breaks to the most frequent spelling.

    Letters with accents are composed, and halves of characters, which no file can hold, are question marks.

    Args:
        annotations: The annotations of all splits.
        findings: Receives the images with another spelling.

    Returns:
        The annotations with merged labels, in order.

    Raises:
        InputError: In strict mode, at the first other spelling.
    """
    counts = Counter(_plain(label) for annotation in annotations for label in annotation.labels)
    spellings: dict[str, list[str]] = defaultdict(list)
    for label in sorted(counts, key=lambda label: (-counts[label], label)):
        spellings[label.casefold()].append(label)
    merged = []
    for annotation in annotations:
        labels = tuple(spellings[_plain(label).casefold()][0] for label in annotation.labels)
        for other, label in sorted(set(zip(annotation.labels, labels, strict=True))):
            if other.strip() != label:
                findings.add(SPELLING, f"{annotation.place}: {other!r} to {label!r}")
        merged.append(replace(annotation, labels=labels))
    return merged


def _plain(label: str) -> str:
    """Return a label in one line, in characters that a file can hold."""
    return " ".join(unicodedata.normalize("NFC", label.encode(errors="replace").decode()).split())


def repair_boxes(annotation: ImageAnnotation, size: tuple[int, int], findings: Findings) -> ImageBoxes | None:
    """Convert annotated boxes to pixels of the image as displayed.

    If the stated size is that of the file before its Exif orientation is applied, the boxes are turned with the image;
    if it is another one of the same aspect ratio, they are scaled.

    Args:
        annotation: The annotation.
        size: Width and height of the image in pixels, its Exif orientation applied.
        findings: Receives what is repaired or dropped.

    Returns:
        The boxes; None if the stated size has another aspect ratio: the annotation may be that of another image.

    Raises:
        InputError: In strict mode, at the first problem.
    """
    orientation = _stored_orientation(annotation, size)
    if orientation:
        findings.add(TURNED, f"{annotation.place}: {_sizes(annotation, size)}")
    elif not _agrees(annotation.size, size):
        findings.add(OTHER_SIZE, f"{annotation.place}: {_sizes(annotation, size)}")
        return None
    elif annotation.size not in {None, size}:
        findings.add(RESCALED, f"{annotation.place}: {_sizes(annotation, size)}")
    corners, rows = _checked_corners(annotation, findings)
    pixels = _to_pixels(corners, annotation, size, orientation)
    rows = _inside(pixels, rows, annotation, size, findings)
    boxes = clip_boxes(pixels, *size).astype(np.float32)
    rows = _without_duplicates(boxes, rows, annotation, findings)
    return ImageBoxes(boxes[rows], tuple(annotation.labels[row] for row in rows), annotation.difficult[rows])


def _stored_orientation(annotation: ImageAnnotation, size: tuple[int, int]) -> int:
    """Return the Exif orientation if the stated size is that of the file without it; else 0."""
    if annotation.size is None or annotation.size == size or annotation.size != size[::-1]:
        return 0
    with opened_image(annotation.image, str(annotation.image)) as image:
        # libheif has turned a HEIC image already.
        orientation = int(image.info.get("original_orientation") or image.getexif().get(ORIENTATION, 1))
    return orientation if 5 <= orientation <= 8 else 0


def _agrees(stated: tuple[int, int] | None, size: tuple[int, int]) -> bool:
    if stated is None:
        return True
    return abs(stated[0] * size[1] / (stated[1] * size[0]) - 1) <= MAX_DISTORTION


def _checked_corners(annotation: ImageAnnotation, findings: Findings) -> tuple[np.ndarray, np.ndarray]:
    """Return ordered corners, and the rows of boxes that have numbers, a label and an area, as stated."""
    corners = np.where(np.isfinite(annotation.corners).all(axis=1, keepdims=True), annotation.corners, np.nan)
    ordered = np.hstack([np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])])
    rows = np.arange(len(corners))
    rows = _drop(NO_NUMBER, rows, np.isnan(corners[:, 0]), annotation, findings)
    rows = _drop(NO_LABEL, rows, np.array([not label for label in annotation.labels], bool), annotation, findings)
    # As stated: with sides inclusive, 5, 5, 5, 5 would be one pixel, but it is a click by mistake.
    rows = _drop(ZERO_AREA, rows, _any(ordered[:, 2:] == ordered[:, :2]), annotation, findings)
    for row in rows[_any(corners[rows] != ordered[rows])]:
        findings.add(SWAPPED, _describe(annotation, row))
    return ordered, rows


def _to_pixels(corners: np.ndarray, annotation: ImageAnnotation, size: tuple[int, int], orientation: int) -> np.ndarray:
    """Return corners in pixels of the image as displayed, from 0, right and bottom exclusive."""
    width, height = size
    if annotation.is_normalized:
        return np.asarray(corners * np.tile(size, 2))
    pixels = corners - np.array([annotation.first_pixel, annotation.first_pixel, 0, 0])
    if orientation:
        return _turned(pixels, size, orientation)
    stated_width, stated_height = annotation.size or size
    return np.asarray(pixels * np.tile([width / stated_width, height / stated_height], 2))


def _turned(pixels: np.ndarray, size: tuple[int, int], orientation: int) -> np.ndarray:
    """Apply an Exif orientation from 5 to 8, which exchanges rows and columns, to boxes."""
    top, bottom = pixels[:, 0], pixels[:, 2]
    left, right = pixels[:, 1], pixels[:, 3]
    if orientation in {6, 7}:
        left, right = size[0] - right, size[0] - left
    if orientation in {7, 8}:
        top, bottom = size[1] - bottom, size[1] - top
    return np.stack([left, top, right, bottom], axis=1)


def _inside(
    pixels: np.ndarray, rows: np.ndarray, annotation: ImageAnnotation, size: tuple[int, int], findings: Findings
) -> np.ndarray:
    """Return the rows of boxes that lie in the image at least partly, and have an area there."""
    is_outside = _any((pixels[:, 2:] <= 0) | (pixels[:, :2] >= np.array(size)))
    rows = _drop(OUTSIDE, rows, is_outside, annotation, findings)
    clipped = clip_boxes(pixels, *size)
    boxes = clipped.astype(np.float32)
    rows = _drop(ZERO_AREA, rows, _any(boxes[:, 2:] <= boxes[:, :2]), annotation, findings)
    for row in rows[_any(np.abs(clipped - pixels)[rows] > MAX_ROUNDING)]:
        findings.add(CLIPPED, _describe(annotation, row))
    return rows


def _without_duplicates(
    boxes: np.ndarray, rows: np.ndarray, annotation: ImageAnnotation, findings: Findings
) -> np.ndarray:
    is_repeated = np.zeros(len(boxes), bool)
    seen: set[tuple[str, bytes]] = set()
    for row in rows:
        key = annotation.labels[row], boxes[row].tobytes()
        is_repeated[row] = key in seen
        seen.add(key)
    return _drop(REPEATED, rows, is_repeated, annotation, findings)


def _drop(
    what: Counted, rows: np.ndarray, condition: np.ndarray, annotation: ImageAnnotation, findings: Findings
) -> np.ndarray:
    """Return the rows without those that meet a condition, which are counted and named."""
    for row in rows[condition[rows]]:
        findings.add(what, _describe(annotation, row))
    return np.asarray(rows[~condition[rows]])


def _any(conditions: np.ndarray) -> np.ndarray:
    return np.asarray(conditions.any(axis=1))


def _describe(annotation: ImageAnnotation, row: int) -> str:
    corners = ", ".join(f"{side:g}" for side in annotation.corners[row])
    return f"{annotation.place_of(row)}: {annotation.labels[row]} {corners}"


def _sizes(annotation: ImageAnnotation, size: tuple[int, int]) -> str:
    width, height = annotation.size or size
    return f"{width} x {height} stated, {size[0]} x {size[1]} read"
