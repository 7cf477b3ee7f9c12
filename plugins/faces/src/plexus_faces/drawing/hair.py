"""Hair and beard of a portrait."""

import numpy as np

from plexus_faces.drawing.canvas import Canvas, FloatArray, blurred
from plexus_faces.drawing.person import Person
from plexus_faces.drawing.shapes import bump, dome, ellipse, mouth_height, noise, path, scaled

_ACROSS = np.linspace(1, -1, 41)
_LENGTHS = {"long": 34, "fringe": 30, "bun": 4}
"""How far the hair at the sides reaches below the eyes, in pixels, by style; 8 by default."""
_VOLUMES = {"curly": 9, "long": 7, "fringe": 7, "parted": 5}
"""Thickness of the hair in pixels by style; 4 by default."""


def draw_long_hair(canvas: Canvas, person: Person, rng: np.random.Generator) -> None:
    """Draw the hair that is behind the neck of a person with long hair.

    Args:
        canvas: The canvas.
        person: The person.
        rng: Random numbers of the texture.
    """
    if person.hair_style in {"long", "fringe"}:
        half = person.shape["head_width"]
        ends = path(np.array([half + 13, half - 6, 6 - half, -half - 13]), np.array([73, 96, 96, 73]))
        outline = np.concatenate([dome(half + 9, person.shape["crown"] + 8), ends])
        canvas.paint(canvas.mask(outline, blur=1), _texture(person, rng))


def draw_hair(canvas: Canvas, person: Person, rng: np.random.Generator) -> None:
    """Draw the hair around the face, and its shadow.

    Args:
        canvas: The canvas.
        person: The person.
        rng: Random numbers of the texture.
    """
    if person.hair_style == "bald":
        return
    mask = canvas.mask(*_outlines(person, rng), blur=0.8)
    shadow = blurred(np.roll(mask, 4, 0), 3) * (1 - mask)
    canvas.tint(shadow, (0.6, 0.55, 0.55), 0.7)
    canvas.paint(mask, _texture(person, rng))
    if person.hair_style == "bun":
        crease = ellipse(0, -person.shape["crown"] - 1, 15, 2.5)
        canvas.tint(canvas.mask(crease, blur=1.2) * mask, (0.5, 0.5, 0.5), 0.9)


def _outlines(person: Person, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the areas of the hair: the one between the top of the head and the hairline, and others by style."""
    style, shape = person.hair_style, person.shape
    half, crown = shape["head_width"], shape["crown"]
    line = 20.0 if style == "fringe" else shape["hairline"]
    curve = -line * (1 - np.abs(_ACROSS) ** (6 if style == "fringe" else 3.2)) - 3 * (1 - np.abs(_ACROSS))
    if style == "parted":
        curve -= 4 * np.exp(-(((_ACROSS + 0.35) / 0.35) ** 2))
    curve += (np.abs(_ACROSS) > 0.96) * _LENGTHS.get(style, 8)
    volume = _VOLUMES.get(style, 4)
    outlines = [np.concatenate([dome(half + volume, crown + volume), path(_ACROSS * half * 0.97, curve)])]
    if style == "curly":
        angles = rng.uniform(np.pi, 2 * np.pi, 26)
        outlines += [ellipse((half + 6) * np.cos(a), 2 + (crown + 6) * np.sin(a), 8, 8) for a in angles]
    if style == "bun":
        outlines.append(ellipse(0, -crown - 6, 13, 10))
    return outlines


def draw_beard(canvas: Canvas, person: Person, face: FloatArray, rng: np.random.Generator) -> None:
    """Draw the beard of a person who has one.

    Args:
        canvas: The canvas.
        person: The person.
        face: Mask of the head.
        rng: Random numbers of the texture.
    """
    if person.beard == "none":
        return
    shape, mouth = person.shape, mouth_height(person)
    half, chin = shape["head_width"], shape["chin"]
    area = canvas.mask(ellipse(0, (mouth + shape["nose_length"]) / 2 + 2, shape["mouth_width"] + 3, 5.5), blur=1.5)
    if person.beard != "moustache":
        line = mouth + 4 - 26 * np.abs(_ACROSS) ** 4 + 4 * np.cos(_ACROSS * 6)
        bottom = path(np.array([-half - 4, half + 4]), np.array([chin + 5, chin + 5]))
        jaw = np.concatenate([path(_ACROSS * (half + 2), line), bottom])
        area = np.maximum(area, canvas.mask(jaw, blur=2.5))
    grain = np.clip(1 + 0.12 * noise(rng, 0.8, 1.4)[..., 0], 0, 1.1)
    canvas.paint(area * grain * face, scaled(person.hair, 0.95), 0.38 if person.beard == "stubble" else 0.88)


def _texture(person: Person, rng: np.random.Generator) -> FloatArray:
    """Return the color of each pixel of the hair: strands, or curls, with a shine."""
    grain = noise(rng, 1.4, 1.4) if person.hair_style == "curly" else noise(rng, 0.6, 7.0)
    strands = np.asarray(person.hair, np.float32) * (1 + 0.12 * grain)
    return np.asarray(strands + 26 * bump(-18, -50, 26, 14)[..., None], np.float32)
