"""Faces that the project draws, for demos and tests without data files."""

from collections.abc import Sequence

import numpy as np

from plexus_faces.drawing.canvas import Canvas, FloatArray, blurred
from plexus_faces.drawing.expression import Expression
from plexus_faces.drawing.person import make_person
from plexus_faces.drawing.portrait import draw_portrait
from plexus_faces.drawing.shapes import HEIGHT, WIDTH, ellipse, path

ImageArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
_GROUP = 1_000_000
"""Number of the picture from which the portraits of a group are taken: no set of pictures is so large."""
_STEP = 116
"""Distance between two persons of a group, in pixels."""


def draw_faces(persons: int = 12, pictures: int = 6, seed: int = 0) -> tuple[ImageArray, list[str]]:
    """Draw pictures of persons who do not exist.

    The pictures of a person differ in expression, light, pose, scale, background, blur and noise. A picture depends on
    the seed and its own numbers only: those of the first persons are the same in a larger set.

    Args:
        persons: Number of persons.
        pictures: Number of pictures of each person.
        seed: Seed of the persons and the pictures.

    Returns:
        The pictures, shape `(persons * pictures, 200, 160, 3)`, RGB, those of one person in succession; and the name
        of the person of each.
    """
    numbers = [(person, picture) for person in range(persons) for picture in range(pictures)]
    images = [draw_face(person, picture, seed) for person, picture in numbers]
    return np.stack(images), [person_name(person) for person, _ in numbers]


def person_name(number: int) -> str:
    """Return the name of a drawn person.

    Args:
        number: Number of the person, from 0.

    Returns:
        The name; `person_01` is the first.
    """
    return f"person_{number + 1:02d}"


def draw_face(person: int, picture: int = 0, seed: int = 0) -> ImageArray:
    """Draw one picture of a person.

    Args:
        person: Number of the person, from 0.
        picture: Number of the picture, from 0.
        seed: Seed of the persons and the pictures.

    Returns:
        The picture, shape `(200, 160, 3)`, RGB.
    """
    rng = np.random.default_rng([seed, person, picture])
    image = _background(rng, HEIGHT, WIDTH)
    _place(image, _draw_layers(person, seed, rng), 0)
    return _photograph(image, rng)


def draw_group(persons: Sequence[int], seed: int = 0) -> ImageArray:
    """Draw a picture of several persons in a row.

    Args:
        persons: Numbers of the persons from left to right, from 0.
        seed: Seed of the persons and the picture: they are the persons of `draw_faces` with this seed.

    Returns:
        The picture, shape `(200, 160 + 116 * (len(persons) - 1), 3)`, RGB.
    """
    rng = np.random.default_rng([seed, _GROUP, *persons])
    image = _background(rng, HEIGHT, WIDTH + _STEP * (len(persons) - 1))
    for place, person in enumerate(persons):
        layers = _draw_layers(person, seed, np.random.default_rng([seed, person, _GROUP]))
        _place(image, layers, place * _STEP)
    return _photograph(image, rng)


def draw_cat(seed: int = 0) -> ImageArray:
    """Draw a picture of a cat: it has eyes, a nose and a mouth, but no human face.

    Args:
        seed: Seed of the color and the picture.

    Returns:
        The picture, shape `(200, 160, 3)`, RGB.
    """
    rng = np.random.default_rng(seed)
    canvas = Canvas(HEIGHT, WIDTH)
    fur = rng.uniform((120, 90, 60), (200, 160, 130)).tolist()
    shapes = [ellipse(0, 108, 60, 60), ellipse(0, 13, 46, 38)]
    shapes += [path(np.array([12, 44, 42]) * side, np.array([-18, 0, -50])) for side in (-1, 1)]
    canvas.paint(canvas.mask(*shapes, blur=1), fur)
    canvas.tint(canvas.mask(ellipse(0, 58, 40, 10), blur=6), (0.6, 0.6, 0.6))
    for side in (-1, 1):
        canvas.paint(canvas.mask(ellipse(side * 18, 8, 9, 7), blur=0.5), (196, 190, 90))
        canvas.paint(canvas.mask(ellipse(side * 18, 8, 2, 7), blur=0.5), (20, 18, 16))
        for rise in (-6, 0, 6):
            whisker = path(np.array([10, 58]) * side, np.array([30 + rise / 3, 30 + rise * 2]))
            canvas.paint(canvas.stroke(whisker, 0.8), (240, 240, 236))
    canvas.paint(canvas.mask(path(np.array([-5, 5, 0]), np.array([22, 22, 28])), blur=0.6), (176, 110, 110))
    image = _background(rng, HEIGHT, WIDTH)
    _place(image, np.dstack([canvas.color, canvas.opacity]), 0)
    return _photograph(image, rng)


def _draw_layers(person: int, seed: int, rng: np.random.Generator) -> FloatArray:
    """Draw a person in a random pose: colors and opacity, shape `(200, 160, 4)`."""
    import cv2

    expression = Expression.sample(rng)
    color, opacity, surface = draw_portrait(make_person(person, seed), expression, rng)
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), rng.uniform(-8, 8), rng.uniform(0.9, 1.02))
    matrix[:, 2] += rng.uniform((-5, -3), (5, 7))
    inverse = cv2.invertAffineTransform(matrix)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    places = (np.einsum("ij,jhw->ihw", inverse[:, :2], np.stack([x, y])) + inverse[:, 2, None, None]).astype(np.float32)
    turn = rng.uniform((-0.15, -0.05), (0.15, 0.05)).astype(np.float32)  # a turn of the head moves what is near most
    places += turn[:, None, None] * _remapped(blurred(surface, 3), places)
    return _remapped(np.dstack([color, opacity]), places)


def _remapped(image: FloatArray, places: FloatArray) -> FloatArray:
    import cv2

    remapped = cv2.remap(image, places[0], places[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(remapped, np.float32)


def _background(rng: np.random.Generator, height: int, width: int) -> FloatArray:
    """Return a blurred wall."""
    import cv2

    coarse = rng.uniform(-1, 1, (4, 4, 1)) + 0.15 * rng.uniform(-1, 1, (4, 4, 3))
    smooth = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(rng.uniform(110, 200) + rng.uniform(-12, 12, 3) + 18 * smooth, np.float32)


def _place(image: FloatArray, layers: FloatArray, left: int) -> None:
    part = image[:, left : left + layers.shape[1]]
    part *= 1 - layers[..., 3:]
    part += layers[..., :3]


def _photograph(image: FloatArray, rng: np.random.Generator) -> ImageArray:
    """Add what a camera does: blur, exposure, white balance and noise."""
    exposed = blurred(image, rng.uniform(0.35, 0.8)) * (rng.uniform(0.92, 1.12) * rng.uniform(0.96, 1.04, 3)).astype(
        np.float32
    )
    noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(1, 3))
    return np.asarray(np.clip(exposed + noise, 0, 255), np.uint8)
