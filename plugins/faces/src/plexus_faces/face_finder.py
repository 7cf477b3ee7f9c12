"""Faces in images: detection, landmarks, alignment."""

import hashlib
from collections.abc import Sequence
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
PORTRAIT_SHARE, SMALL_SHARE = 1 / 3, 1 / 12
"""Widths of faces as shares of the shorter side: the only one of a portrait at least, the smallest in other images."""
MAIN_FACE = 2.0
"""A face is the main one of an image if its area is so many times that of the next."""


def find_faces(images: Sequence[Input]) -> list[list[Face]]:
    """Detect and align the faces of images.

    Args:
        images: As for `plexus.data.images.read_image`.

    Returns:
        The faces of each image, the largest first; narrower ones than `MIN_WIDTH` are left out.

    Raises:
        InputError: If an image cannot be read; the line names it.
    """
    faces = map_images(images, _find_faces)
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
        raise InputError(f"{place}: no face of {MIN_WIDTH} pixels or more was detected: expected one face, upright")
    if len(faces) > 1 and faces[0].width < MAIN_FACE**0.5 * faces[1].width:
        raise InputError(f"{place}: {len(faces)} faces were detected: expected one: crop the image to the person")
    return faces[0]


def _find_faces(image: np.ndarray) -> list[Face]:
    image = to_channels(image, 3)
    faces = []
    for detection in _detect(image):
        points = find_landmarks(image, detection.box)
        faces.append(Face(detection.box, detection.confidence, points, align(image, points)))
    return sorted((face for face in faces if face.width >= MIN_WIDTH), key=lambda face: -face.width)


def _detect(image: np.ndarray) -> list[Detection]:
    """Detect the faces; small ones are searched for, which takes longer, unless the image is a portrait."""
    side = min(image.shape[:2])
    detections = detect(image)
    widths = [detection.box[2] - detection.box[0] for detection in detections]
    if len(widths) == 1 and widths[0] >= PORTRAIT_SHARE * side:
        return detections
    return detect(image, max(MIN_WIDTH, SMALL_SHARE * side)) or detections


def _named(face: Face, image: Input) -> Face:
    checksum = hashlib.sha256(face.chip.tobytes()).hexdigest()[:16]
    name = f"{image.name} {checksum}" if isinstance(image, Path) else checksum
    return Face(face.box, face.confidence, face.points, face.chip, name)
