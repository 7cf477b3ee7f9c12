"""Portrait of a person."""

import numpy as np

from plexus_faces.drawing.canvas import Canvas, FloatArray
from plexus_faces.drawing.expression import Expression
from plexus_faces.drawing.eyes import SIDES, draw_brows, draw_eyes, draw_glasses
from plexus_faces.drawing.hair import draw_beard, draw_hair, draw_long_hair
from plexus_faces.drawing.person import Person
from plexus_faces.drawing.relief import relief, shade
from plexus_faces.drawing.shapes import HEIGHT, WIDTH, ellipse, head, noise, path, scaled
from plexus_faces.drawing.skin import draw_cheeks, draw_mouth, draw_nose


def draw_portrait(
    person: Person, expression: Expression, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw a person from the front on a transparent background.

    Args:
        person: The person.
        expression: The expression, and the light.
        rng: Random numbers of the textures.

    Returns:
        The colors, shape `(200, 160, 3)`, 0 to 255, premultiplied by the opacity; the opacity, shape `(200, 160)`; and
        the relief of the face in pixels, shape `(200, 160)`, with which the head can be turned.
    """
    canvas = Canvas(HEIGHT, WIDTH)
    draw_long_hair(canvas, person, rng)
    _draw_body(canvas, person, rng)
    _draw_ears(canvas, person)
    face = canvas.mask(head(person))
    canvas.paint(face, np.asarray(person.skin, np.float32) * (1 + 0.018 * noise(rng, 2, 2)))
    draw_cheeks(canvas, person, expression)
    draw_beard(canvas, person, face, rng)
    draw_nose(canvas, person)
    draw_mouth(canvas, person, expression)
    surface = relief(person, expression)
    canvas.color *= 1 + face[..., None] * (shade(surface, expression) - 1)
    draw_eyes(canvas, person, expression)
    draw_hair(canvas, person, rng)
    draw_brows(canvas, person, expression)
    draw_glasses(canvas, person)
    return canvas.color, canvas.opacity, surface


def _draw_body(canvas: Canvas, person: Person, rng: np.random.Generator) -> None:
    """Draw neck and clothes."""
    half, chin = person.shape["head_width"] * 0.62, person.shape["chin"]
    neck = path(np.array([-half, half, half + 3, -half - 3]), np.array([chin - 30, chin - 30, 118, 118]))
    canvas.paint(canvas.mask(neck), scaled(person.skin, 0.82))
    canvas.tint(canvas.mask(head(person) + np.array([0, 9]), blur=5), (0.55, 0.5, 0.5), 0.9)
    across = np.linspace(-1, 1, 41)
    collar = -7 / (1 + np.exp(-(np.abs(across) - 0.3) * 22))
    shoulders = chin + 24 + 22 * np.abs(across) ** 2.5 + 30 * across**4 + collar
    outline = np.concatenate([path(80 * across, shoulders), path(np.array([80, -80]), np.array([118, 118]))])
    clothes = np.asarray(scaled(person.clothes, 0.9), np.float32) * (1 + 0.03 * noise(rng, 3, 3))
    canvas.paint(canvas.mask(outline, blur=0.8), clothes)


def _draw_ears(canvas: Canvas, person: Person) -> None:
    half, size = person.shape["head_width"], person.shape["ear_size"]
    for side in SIDES:
        canvas.paint(canvas.mask(ellipse(side * (half - 0.5), 8, 6, size)), scaled(person.skin, 0.86, 0.80, 0.78))
        canvas.tint(canvas.mask(ellipse(side * half, 8, 2.4, size * 0.6), blur=1.2), (0.7, 0.6, 0.6), 0.8)
