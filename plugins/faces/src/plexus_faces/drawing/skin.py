"""Cheeks, nose and mouth of a portrait."""

import numpy as np

from plexus_faces.drawing.canvas import Canvas, FloatArray
from plexus_faces.drawing.expression import Expression
from plexus_faces.drawing.eyes import SIDES
from plexus_faces.drawing.person import Person
from plexus_faces.drawing.shapes import bump, bumps, ellipse, mouth_height, path, scaled

_ACROSS = np.linspace(-1, 1, 33)
_DOME = 1 - _ACROSS**2
_BOW = np.exp(-(((np.abs(_ACROSS) - 0.25) / 0.16) ** 2)) - np.exp(-((_ACROSS / 0.14) ** 2))


def draw_cheeks(canvas: Canvas, person: Person, expression: Expression) -> None:
    """Draw cheeks, the shadow around the eyes, and the folds of the face.

    Args:
        canvas: The canvas.
        person: The person.
        expression: The expression.
    """
    shape, smile = person.shape, expression.smile
    eye, nose, mouth = shape["eye_distance"], shape["nose_length"], mouth_height(person)
    canvas.tint(np.minimum(bumps(eye + 6, nose * 0.75, 11, 9), 1), (1.03, 0.88, 0.86), 0.8)
    canvas.tint(np.minimum(bumps(eye, -2, 11, 7), 1), (0.80, 0.74, 0.74), 0.55)
    x = np.array([shape["nose_width"] + 2, 0, shape["mouth_width"] + 4 + 2 * smile])
    y = np.array([nose - 3, (nose + mouth) / 2 - 2, mouth - 1])
    x[1] = (x[0] + x[2]) / 2 + 2
    for side in SIDES:
        fold = canvas.stroke(path(side * x, y), 2, blur=1.4)
        canvas.tint(fold, (0.72, 0.62, 0.60), 0.15 + 0.45 * shape["age"] + 0.35 * smile)
        below = path(side * eye + shape["eye_width"] * 0.9 * _ACROSS, 7 + 2 * _DOME)
        canvas.tint(canvas.stroke(below, 1.2, blur=1.0), (0.75, 0.66, 0.66), 0.2 + 0.5 * shape["age"])


def draw_nose(canvas: Canvas, person: Person) -> None:
    """Draw tip, nostrils and wings of the nose.

    Args:
        canvas: The canvas.
        person: The person.
    """
    nose, wide = person.shape["nose_length"], person.shape["nose_width"]
    canvas.tint(bump(0, nose + 3, wide, 2.6), (0.70, 0.60, 0.58), 0.75)
    canvas.tint(bump(0, nose - 3, wide * 0.9, 6), (1.02, 0.92, 0.90), 0.6)
    angle = np.linspace(-1.2, 1.2, 9)
    for side in SIDES:
        nostril = canvas.mask(ellipse(side * wide * 0.46, nose + 0.6, wide * 0.24, 1.5), blur=0.6)
        canvas.tint(nostril, (0.30, 0.22, 0.22), 0.9)
        wing = path(side * (wide * 0.75 + 3.0 * np.cos(angle)), nose - 2 + 4 * np.sin(angle))
        canvas.tint(canvas.stroke(wing, 1.2, blur=0.8), (0.62, 0.52, 0.50), 0.75)


def draw_mouth(canvas: Canvas, person: Person, expression: Expression) -> None:
    """Draw lips, teeth and the corners of the mouth.

    Args:
        canvas: The canvas.
        person: The person.
        expression: The expression.
    """
    half = person.shape["mouth_width"] * (1 + 0.13 * expression.smile)
    thick = person.shape["lip_thickness"] * (1 - 0.12 * expression.smile)
    line = mouth_height(person) + (0.8 + 4.2 * expression.smile) * (_DOME - 0.7)
    gap = 5.5 * expression.mouth_opening * _DOME
    upper, lower = line - gap * 0.35, line + gap * 0.65
    x, lips = half * _ACROSS, scaled(person.skin, 0.80, 0.58, 0.58)
    canvas.paint(
        _between(canvas, x, upper - thick * 0.75 * (_DOME**0.7 + 0.22 * _BOW), upper, 0.5), scaled(lips, 0.88), 0.85
    )
    canvas.paint(_between(canvas, x, lower, lower + thick * _DOME**0.75, 0.6), lips, 0.8)
    if expression.mouth_opening > 0.1:
        inside = _between(canvas, x, upper, lower)
        canvas.paint(inside, (62, 26, 26))
        canvas.paint(_between(canvas, x, upper, upper + gap * 0.55, 0.4) * inside, (226, 218, 206), 0.9)
    canvas.tint(canvas.stroke(path(x, upper), 0.9, blur=0.4), (0.42, 0.32, 0.32), 0.9)
    for side in SIDES:
        corner = canvas.mask(ellipse(side * half, float(line[0]), 1.8, 1.4), blur=1.0)
        canvas.tint(corner, (0.5, 0.4, 0.4), 0.7)


def _between(canvas: Canvas, x: np.ndarray, upper: np.ndarray, lower: np.ndarray, blur: float = 0.0) -> FloatArray:
    """Return the mask of the area between two curves."""
    return canvas.mask(np.concatenate([path(x, upper), path(x, lower)[::-1]]), blur=blur)
