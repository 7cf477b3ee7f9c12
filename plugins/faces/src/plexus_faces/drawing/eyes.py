"""Eyes, brows and glasses of a portrait."""

import numpy as np

from plexus_faces.drawing.canvas import Canvas
from plexus_faces.drawing.expression import Expression
from plexus_faces.drawing.person import Person
from plexus_faces.drawing.shapes import ellipse, path, scaled

SIDES = (-1, 1)
_ACROSS = np.linspace(-1, 1, 33)
_FRAME = (40, 36, 40)


def draw_eyes(canvas: Canvas, person: Person, expression: Expression) -> None:
    """Draw both eyes.

    Args:
        canvas: The canvas.
        person: The person.
        expression: The expression.
    """
    for side in SIDES:
        _draw_eye(canvas, person, expression, side)


def draw_brows(canvas: Canvas, person: Person, expression: Expression) -> None:
    """Draw both brows.

    Args:
        canvas: The canvas.
        person: The person.
        expression: The expression.
    """
    shape = person.shape
    along = np.linspace(0, 1, 21)
    x = shape["eye_distance"] + shape["eye_width"] * (-1.05 + 2.35 * along)
    arch = shape["brow_arch"] * np.sin(np.pi * along**1.15) - 1.6 * along**3
    y = -shape["brow_height"] - expression.brows - arch
    half = shape["brow_thickness"] * 0.5 * np.clip(1.15 - 0.9 * along**1.5, 0.15, None)
    grey = 0.25 * shape["age"]
    color = [(1 - grey) * 0.72 * channel + grey * 110 for channel in person.hair]
    for side in SIDES:
        outline = np.concatenate([path(side * x, y - half), path(side * x, y + half)[::-1]])
        canvas.paint(canvas.mask(outline, blur=0.7), color, 0.86)


def draw_glasses(canvas: Canvas, person: Person) -> None:
    """Draw the glasses of a person who wears some.

    Args:
        canvas: The canvas.
        person: The person.
    """
    if person.glasses == "none":
        return
    eye, head = person.shape["eye_distance"], person.shape["head_width"]
    width = min(eye - 3.0, 15.0)
    lines = [path((eye - width) * _ACROSS, 2.0 * _ACROSS**2 - 2.0)]
    for side in SIDES:
        lines.append(path(side * np.array([eye + width, head + 2]), np.array([0.0, -2.0])))
        rim = ellipse(side * eye, 2, width, width * 0.82, 1.0 if person.glasses == "round" else 0.45)
        canvas.paint(canvas.mask(rim), (235, 240, 245), 0.08)
        canvas.paint(canvas.stroke(rim, 1.3, blur=0.3, closed=True), _FRAME, 0.9)
    for line in lines:
        canvas.paint(canvas.stroke(line, 1.3, blur=0.3), _FRAME, 0.9)


def _lids(person: Person, expression: Expression, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges of the upper and the lower lid, shape `(points, 2)` each."""
    shape = person.shape
    width = shape["eye_width"]
    opening = width * shape["eye_opening"] * expression.lids
    slope = -shape["eye_tilt"] * width * _ACROSS * side
    upper = slope - opening * (1 - np.abs(_ACROSS) ** 2.3) ** 0.8
    lower = slope + opening * (0.72 - 0.18 * expression.smile) * (1 - np.abs(_ACROSS) ** 2.6)
    x = side * shape["eye_distance"] + width * _ACROSS
    return path(x, upper), path(x, lower)


def _draw_eye(canvas: Canvas, person: Person, expression: Expression, side: int) -> None:
    upper, lower = _lids(person, expression, side)
    shape, dark = person.shape, (0.5, 0.42, 0.42)
    eye = canvas.mask(np.concatenate([upper, lower[::-1]]))
    canvas.paint(eye, (218, 212, 206))
    x, radius = side * shape["eye_distance"] + 1.6 * expression.gaze, shape["eye_width"] * 0.46
    rings = ((1.0, 0.3, scaled(person.iris, 0.75)), (0.72, 0.4, person.iris), (0.45, 0.2, (16, 12, 12)))
    for size, blur, color in rings:
        canvas.paint(canvas.mask(ellipse(x, -0.6, radius * size, radius * size), blur=blur) * eye, color)
    canvas.paint(canvas.mask(ellipse(x - 1.3, -2.0, 0.9, 0.9)) * eye, (245, 245, 245), 0.9)
    canvas.tint(canvas.stroke(upper + _down(1.2), 2.0, blur=0.9) * eye, dark, 0.8)
    canvas.paint(canvas.stroke(upper - _down(0.2), 1.1, blur=0.35), scaled(person.skin, 0.16), 0.9)
    canvas.tint(canvas.stroke(lower + _down(0.3), 0.8, blur=0.6), dark, 0.7)
    canvas.tint(canvas.stroke(upper[3:-3] - _down(2.6), 0.9, blur=0.7), dark, 0.7)


def _down(pixels: float) -> np.ndarray:
    return np.array([0.0, pixels])
