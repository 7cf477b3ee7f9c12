"""Faces in images: detection, landmarks, alignment."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from plexus import InputError
from plexus.codec import Input
from plexus.data.images import map_images, to_channels
from plexus_faces.alignment import align
from plexus_faces.detector import Detection, detect
from plexus_faces.face import Face
from plexus_faces.landmarks import find_landmarks

MIN_WIDTH = 24
"""Narrowest face in pixels that is compared: less is enlarged more than six times for the network."""
PORTRAIT_SHARE, SMALL_SHARE = 1 / 3, 1 / 16
"""Widths of faces as shares of the shorter side: the only one of a portrait at least, the smallest in other images."""
MAIN_FACE = 2.0
"""A face is the main one of an image if its area is so many times that of the next."""


def find_faces(images: Sequence[Input], thorough: bool = False) -> list[list[Face]]:
    """Detect and align the faces of images.

    Args:
        images: As for `plexus.data.images.read_image`.
        thorough: Whether small faces are searched for in a portrait, too, which takes several times as long.

    Returns:
        The faces of each image, the largest first. Faces are left out that are narrower than `MIN_WIDTH`, or than
        `SMALL_SHARE` of the image's shorter side.

    Raises:
        InputError: If an image cannot be read; the line names it.
    """
    faces = map_images(images, partial(_find_faces, thorough=thorough))
    return [[_named(face, image) for face in image_faces] for image, image_faces in zip(images, faces, strict=True)]


def main_face(image: Input, faces: Sequence[Face]) -> Face:
    """Return the face that an image of one person shows.

    Args:
        image: The image, for the error message.
        faces: Its faces, the largest first.

    Returns:
        The only face, or one that is much larger than all others.

    Raises:
        InputError: If there is none, or several of about the same size.
    """
    place = str(image) if isinstance(image, str | Path) else "the image"
    if not faces:
        raise InputError(
            f"{place}: no face was detected: expected one, upright, of {MIN_WIDTH} pixels and {SMALL_SHARE:.0%} of the "
            "shorter side or more: crop the image to the person"
        )
    if len(faces) > 1 and faces[0].width < MAIN_FACE**0.5 * faces[1].width:
        raise InputError(f"{place}: {len(faces)} faces were detected: expected one: crop the image to the person")
    return faces[0]


def _find_faces(image: np.ndarray, thorough: bool) -> list[Face]:
    image = to_channels(image, 3)
    faces = []
    for detection in _detect(image, thorough):
        points = find_landmarks(image, detection.box)
        faces.append(Face(detection.box, detection.confidence, points, align(image, points)))
    return sorted((face for face in faces if face.width >= MIN_WIDTH), key=lambda face: -face.width)


def _detect(image: np.ndarray, thorough: bool) -> list[Detection]:
    """Detect the faces; in a portrait, small ones are searched for only on request."""
    side = min(image.shape[:2])
    detections = detect(image)
    widths = [detection.box[2] - detection.box[0] for detection in detections]
    if not thorough and len(widths) == 1 and widths[0] >= PORTRAIT_SHARE * side:
        return detections
    return detect(image, max(MIN_WIDTH, SMALL_SHARE * side)) or detections


def _named(face: Face, image: Input) -> Face:
    checksum = hashlib.sha256(face.chip.tobytes()).hexdigest()[:16]
    name = f"{image.name} {checksum}" if isinstance(image, Path) else checksum
    return Face(face.box, face.confidence, face.points, face.chip, name)
