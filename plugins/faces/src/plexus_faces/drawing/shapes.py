"""Curves and reliefs in the frame of a portrait, relative to the point between the eyes."""

from collections.abc import Sequence

import numpy as np

from plexus_faces.drawing.canvas import FloatArray, blurred
from plexus_faces.drawing.person import Person

HEIGHT, WIDTH = 200, 160
"""Size of a portrait in pixels."""
CENTER, EYES = 80.0, 92.0
"""Middle of the face and height of the eyes, in pixels from the left and the top."""
ORIGIN = np.array([CENTER, EYES])
ROWS, COLUMNS = (axis.astype(np.float32) for axis in np.mgrid[0:HEIGHT, 0:WIDTH])


def path(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a curve.

    Args:
        x: Pixels to the right of the middle, shape `(points,)`.
        y: Pixels below the eyes, shape `(points,)`.

    Returns:
        Points of the portrait, shape `(points, 2)`.
    """
    return np.asarray(np.stack([x, np.broadcast_to(y, np.shape(x))], 1) + ORIGIN)


def ellipse(x: float, y: float, width: float, height: float, power: float = 1.0) -> np.ndarray:
    """Return a closed superellipse.

    Args:
        x: Center, pixels to the right of the middle.
        y: Center, pixels below the eyes.
        width: Half of the width in pixels.
        height: Half of the height in pixels.
        power: 1 is an ellipse, 0 a rectangle.

    Returns:
        Points of the portrait, shape `(48, 2)`.
    """
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    across, down = (np.sign(wave) * np.abs(wave) ** power for wave in (np.cos(angle), np.sin(angle)))
    return path(x + width * across, y + height * down)


def dome(half: float, height: float) -> np.ndarray:
    """Return the upper outline of a head, from left to right.

    Args:
        half: Half of the width in pixels.
        height: Height in pixels.

    Returns:
        Points of the portrait, shape `(40, 2)`.
    """
    angle = np.linspace(np.pi, 0, 40)
    across = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.86
    return path(half * across, 2 - height * np.sin(angle) ** 0.86)


def head(person: Person) -> np.ndarray:
    """Return the outline of a head.

    Args:
        person: The person.

    Returns:
        Points of the portrait, shape `(120, 2)`.
    """
    shape = person.shape
    down = np.linspace(0, 1, 40)
    across = shape["head_width"] * (1 - down ** shape["jaw"]) ** (1 / 1.9)
    below = 2 + down * shape["chin"]
    return np.concatenate([dome(shape["head_width"], shape["crown"]), path(across, below), path(-across, below)[::-1]])


def mouth_height(person: Person) -> float:
    """Return the height of the mouth.

    Args:
        person: The person.

    Returns:
        Pixels below the eyes.
    """
    nose, chin = person.shape["nose_length"], person.shape["chin"]
    return float(nose + (chin - nose) * person.shape["mouth_position"])


def bump(x: float, y: float, width: float, height: float) -> FloatArray:
    """Return a Gaussian bump.

    Args:
        x: Center, pixels to the right of the middle.
        y: Center, pixels below the eyes.
        width: Distance in pixels to the side at which 1/e is left.
        height: Distance in pixels upwards and downwards at which 1/e is left.

    Returns:
        Shape `(200, 160)`, 0 to 1.
    """
    across, along = ((COLUMNS[:1] - CENTER - x) / width) ** 2, ((ROWS[:, :1] - EYES - y) / height) ** 2
    return np.asarray(np.exp(-along) * np.exp(-across), np.float32)


def bumps(x: float, y: float, width: float, height: float) -> FloatArray:
    """Return a Gaussian bump on either side of the face.

    Args:
        x: Centers, pixels to the right and to the left of the middle.
        y: Centers, pixels below the eyes.
        width: As for `bump`.
        height: As for `bump`.

    Returns:
        Shape `(200, 160)`.
    """
    return bump(x, y, width, height) + bump(-x, y, width, height)


def noise(rng: np.random.Generator, blur_x: float, blur_y: float) -> FloatArray:
    """Return smooth noise.

    Args:
        rng: Random numbers.
        blur_x: Size of its grains in pixels to the side.
        blur_y: Size of its grains in pixels upwards and downwards.

    Returns:
        Shape `(200, 160, 1)`, of standard deviation 1.
    """
    grains = blurred(rng.standard_normal((HEIGHT, WIDTH), np.float32), blur_x, blur_y)
    return np.asarray(grains / grains.std(), np.float32)[..., None]


def scaled(color: Sequence[float], *factors: float) -> tuple[float, ...]:
    """Multiply a color.

    Args:
        color: RGB, 0 to 255.
        *factors: One factor, or one each of red, green and blue.

    Returns:
        The color.
    """
    return tuple((np.asarray(color) * factors).tolist())
