"""Features of a drawn person."""

from dataclasses import dataclass

import numpy as np

HAIR_STYLES = ("short", "long", "curly", "parted", "bun", "bald", "fringe")
BEARDS = ("none", "none", "full", "none", "moustache", "none", "stubble")
GLASSES = ("none", "none", "round", "none", "none", "none", "square", "none")
SKINS = ((244, 208, 182), (233, 188, 156), (214, 164, 124), (188, 132, 94), (150, 100, 70), (118, 80, 60), (94, 64, 50))
HAIRS = ((38, 30, 28), (150, 146, 142), (28, 24, 26), (62, 44, 36), (118, 78, 48), (184, 142, 88), (150, 84, 54))
LIGHT_SKIN = 0.5
DARK_HAIRS, DARK_IRISES = 4, 3
"""Number of colors, the first ones, that hair and irises have in persons with a darker skin."""
IRISES = ((70, 48, 34), (92, 66, 40), (52, 38, 30), (96, 104, 74), (84, 110, 134))
RANGES = {
    "head_width": (36.0, 46.0),
    "crown": (52.0, 60.0),
    "chin": (55.0, 72.0),
    "jaw": (1.6, 3.8),
    "eye_distance": (15.8, 21.0),
    "eye_width": (6.6, 10.6),
    "eye_opening": (0.28, 0.62),
    "eye_tilt": (-0.16, 0.28),
    "brow_height": (7.5, 13.5),
    "brow_thickness": (1.2, 5.2),
    "brow_arch": (0.4, 4.0),
    "nose_length": (21.5, 32.0),
    "nose_width": (6.8, 13.5),
    "nose_height": (4.0, 10.5),
    "mouth_width": (10.5, 18.8),
    "lip_thickness": (1.7, 6.6),
    "mouth_position": (0.32, 0.48),
    "hairline": (30.0, 50.0),
    "ear_size": (9.0, 14.0),
    "age": (0.0, 1.0),
}
"""Smallest and largest value of each feature, in pixels of a portrait of 160 x 200, or as a ratio."""
_STEPS = np.sqrt([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97])
Color = tuple[float, float, float]
"""Red, green and blue, 0 to 255."""


@dataclass(frozen=True)
class Person:
    """Features that all pictures of a person share.

    Attributes:
        shape: Values of the features in `RANGES` by name.
        skin: Color of the skin, RGB.
        hair: Color of the hair, RGB.
        iris: Color of the irises, RGB.
        clothes: Color of the clothes, RGB.
        hair_style: One of `HAIR_STYLES`.
        beard: One of `BEARDS`.
        glasses: One of `GLASSES`.

    Example:
        ```python
        make_person(3).hair_style
        ```
    """

    shape: dict[str, float]
    skin: Color
    hair: Color
    iris: Color
    clothes: Color
    hair_style: str
    beard: str
    glasses: str


def make_person(number: int, seed: int = 0) -> Person:
    """Return the features of a person.

    The features of successive persons are an additive recurrence (a Kronecker sequence): any number of persons is
    spread evenly over the ranges, so that no two look alike by chance.

    Args:
        number: Number of the person, from 0.
        seed: Seed of the persons.

    Returns:
        The features.
    """
    offsets = np.random.default_rng(seed).random(len(_STEPS))
    values = (offsets + number * _STEPS) % 1
    shape = {
        name: low + (high - low) * float(u) for (name, (low, high)), u in zip(RANGES.items(), values, strict=False)
    }
    skin, hair, iris, clothes, choice = values[len(RANGES) :]
    style = HAIR_STYLES[(number + int(offsets[-1] * 7)) % len(HAIR_STYLES)]
    beard = BEARDS[int(choice * len(BEARDS))] if style in {"short", "bald", "parted", "curly"} else "none"
    return Person(
        shape=shape,
        skin=_between(SKINS, float(skin)),
        hair=HAIRS[int(hair * (len(HAIRS) if skin < LIGHT_SKIN else DARK_HAIRS))],
        iris=IRISES[int(iris * (len(IRISES) if skin < LIGHT_SKIN else DARK_IRISES))],
        clothes=_clothes(float(clothes)),
        hair_style=style,
        beard=beard,
        glasses=GLASSES[(number + int(offsets[0] * 8)) % len(GLASSES)],
    )


def _between(colors: tuple[Color, ...], place: float) -> Color:
    """Interpolate between colors; `place` is 0 (the first) to 1 (the last)."""
    steps = np.linspace(0, 1, len(colors))
    red, green, blue = (float(np.interp(place, steps, channel)) for channel in zip(*colors, strict=True))
    return red, green, blue


def _clothes(hue: float) -> Color:
    red, green, blue = (105 + 40 * np.cos(2 * np.pi * (hue + shift)) for shift in (0, 1 / 3, 2 / 3))
    return float(red), float(green), float(blue)
