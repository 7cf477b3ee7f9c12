"""Example images: those of the test split where the data is on this machine, and two that are no X-rays."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plexus import Bundle, InputError
from plexus.codec import Input
from plexus_apps.model_dataset import load_model_dataset
from plexus_apps.pages import temporary_folder

PER_LABEL = 3
"""Images of the test split with, and without, the outcome."""
SMALLEST = 192
"""Longer side of an example's file at least, in pixels: a smaller image is enlarged, pixel by pixel."""
PHOTO_SHAPE = (180, 240)


class Example(NamedTuple):
    """An example image.

    Attributes:
        image: The image as the model reads it.
        caption: Text below the image.
        label: Its label in the data; empty if it has none.
    """

    image: Input
    caption: str
    label: str


@cache
def example_images(bundle: Bundle) -> list[Example]:
    """Return the example images of a model.

    Args:
        bundle: The model.

    Returns:
        Images of the test split, none if the data is not on this machine, and two that are no X-rays.
    """
    others = [Example(draw_photo(), "photo", ""), Example(draw_noise(), "noise", "")]
    return [*test_images(bundle), *others]


def test_images(bundle: Bundle) -> list[Example]:
    """Return images of the test split, with and without the outcome in turn.

    Args:
        bundle: The model.

    Returns:
        Images; none if the data is not on this machine.
    """
    try:
        test = load_model_dataset(bundle)["test"]
    except InputError:
        return []
    labels = bundle.codec.labels  # type: ignore[attr-defined]
    places = [[row for row, target in enumerate(test.targets) if target == label] for label in labels]
    spaced = [part[:: max(len(part) // PER_LABEL, 1)][:PER_LABEL] for part in places]
    rows = [row for pair in zip(*spaced, strict=False) for row in pair]
    return [Example(test.inputs[row], f"test {row + 1}", str(test.targets[row])) for row in rows]


def draw_photo() -> np.ndarray:
    """Draw a landscape in color: a picture that is no X-ray.

    Returns:
        Bytes of shape `(height, width, 3)`.
    """
    height, width = PHOTO_SHAPE
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    sky = np.stack([110 + 90 * y, 160 + 60 * y, 235 - 15 * y], axis=-1)
    hills = np.stack([60 + 40 * y, 120 + 50 * y, 50 + 10 * y], axis=-1)
    is_hill = y > 0.62 + 0.09 * np.sin(7 * x) + 0.04 * np.sin(19 * x + 1)
    is_sun = (4 / 3 * (x - 0.78)) ** 2 + (y - 0.22) ** 2 < 0.012
    picture = np.where(is_hill[..., None], hills, np.where(is_sun[..., None], (255, 235, 120), sky))
    return np.asarray(picture, np.uint8)


def draw_noise() -> np.ndarray:
    """Draw a picture of noise.

    Returns:
        Bytes of shape `(height, width)`.
    """
    return np.random.default_rng(0).integers(0, 256, (96, 96), np.uint8)


@cache
def example_files(bundle: Bundle) -> list[tuple[str, str]]:
    """Write the example images for a gallery.

    Args:
        bundle: The model.

    Returns:
        Pairs of a PNG file and its caption.
    """
    folder, codec = temporary_folder(), bundle.codec
    files = []
    for number, example in enumerate(example_images(bundle), 1):
        file = folder / f"example_{number}.png"
        raw = example.image
        pixels = raw if isinstance(raw, np.ndarray) else codec.encode([raw])["image"][0]
        _write_image(np.asarray(pixels), file)
        files.append((str(file), example.caption))
    return files


def _write_image(pixels: np.ndarray, file: Path) -> None:
    from PIL import Image

    if pixels.dtype != np.uint8:
        pixels = (pixels / max(float(pixels.max()), 1.0) * 255).astype(np.uint8)
    times = max(SMALLEST // max(pixels.shape[:2]), 1)
    pixels = pixels.repeat(times, axis=0).repeat(times, axis=1)
    Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels).save(file)
