"""Relief of a face and the light on it."""

import numpy as np

from plexus_faces.drawing.canvas import FloatArray, blurred
from plexus_faces.drawing.expression import Expression
from plexus_faces.drawing.person import Person
from plexus_faces.drawing.shapes import CENTER, COLUMNS, EYES, ROWS, bump, bumps, mouth_height


def relief(person: Person, expression: Expression) -> FloatArray:
    """Return the relief of a face.

    Args:
        person: The person.
        expression: The expression.

    Returns:
        Distance of each pixel from a plane behind the face in pixels, shape `(200, 160)`.
    """
    shape = person.shape
    eye, lips, mouth = shape["eye_distance"], shape["lip_thickness"], mouth_height(person)
    surface = 34 * np.sqrt(np.clip(1 - _distance(person), 0.02, 1))
    surface -= 3.6 * bumps(eye, -1, 10, 7) - 2.6 * bumps(eye, 0, 6, 4)
    surface += 2.2 * bumps(eye, -shape["brow_height"], 13, 4)
    surface += 2.5 * (1 + 0.5 * expression.smile) * bumps(eye + 6, 18, 10, 9)
    surface += _nose(person)
    surface += 2.2 * bump(0, mouth - lips * 0.7, 12, 3) + 2.6 * bump(0, mouth + lips, 10, 3)
    surface -= 2.0 * bump(0, mouth + lips + 6, 9, 3.2)
    surface += 3.0 * bump(0, shape["chin"] - 7, 9, 6)
    return blurred(surface.astype(np.float32), 1.0)


def _distance(person: Person) -> np.ndarray:
    """Return the distance from the middle of the head: 1 at its outline."""
    shape = person.shape
    across = np.abs(COLUMNS - CENTER) / shape["head_width"]
    down = ROWS - EYES - 2
    along = np.abs(down) / np.where(down > 0, shape["chin"], shape["crown"])
    return np.asarray(across**2.2 + along ** np.where(down > 0, shape["jaw"] + 0.4, 2.4))


def _nose(person: Person) -> np.ndarray:
    shape = person.shape
    length = shape["nose_length"]
    below = ROWS - EYES
    along = np.clip((below + 6) / (length + 6), 0, 1)
    ends = 1 / (1 + np.exp((below - length - 1.0) / 1.1)) / (1 + np.exp(-(below + 8) / 2.5))
    ridge = np.exp(-(((COLUMNS - CENTER) / (3.2 + 2.5 * along)) ** 2))
    bridge: FloatArray = np.asarray(shape["nose_height"] * (0.35 + 0.65 * along**1.3) * ends * ridge, np.float32)
    wings = 3.4 * bumps(shape["nose_width"] * 0.72, length - 2, 3.6, 4)
    return np.asarray(bridge + 3.2 * bump(0, length - 3, 6, 5) + wings)


def shade(surface: FloatArray, expression: Expression) -> FloatArray:
    """Return the light that a face reflects: Lambert's cosine law for a distant light, and a highlight.

    Args:
        surface: The relief, shape `(height, width)`.
        expression: Direction of the light, and the share that comes from all sides.

    Returns:
        Factor of the color, shape `(height, width, 1)`.
    """
    slope_y, slope_x = np.gradient(surface)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(surface)]) / np.sqrt(1 + slope_x**2 + slope_y**2)
    light = _unit(np.array([*expression.light, 1.0]))
    lambert = np.maximum(np.tensordot(light, normal, 1), 0)
    highlight = np.maximum(np.tensordot(_unit(light + np.array([0, 0, 1])), normal, 1), 0) ** 40
    factor = expression.ambient + (1.12 - expression.ambient) * lambert + 0.10 * highlight
    return np.asarray(factor, np.float32)[..., None]


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))
