"""Images and sounds of examples, as files for a browser."""

import io
import wave

import numpy as np

from plexus.data.example_view import ExampleView

THUMBNAIL, FULL = 240, 1200
"""Longer side of an image in pixels, in a list and by itself."""
MAX_SECONDS = 60
"""Length of a sound that is played."""


def image_file(view: ExampleView, side: int = THUMBNAIL) -> bytes:
    """Encode an image.

    Args:
        view: The view of an image.
        side: Longer side in pixels, at most.

    Returns:
        A PNG file.

    Raises:
        InputError: If it cannot be read.
    """
    from PIL import Image

    pixels = view.pixels() if view.draw is None else view.draw()
    picture = Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
    picture.thumbnail((side, side))
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def sound_file(view: ExampleView) -> bytes:
    """Encode a sound.

    Args:
        view: The view of a sound.

    Returns:
        A WAV file of 16 bits, of `MAX_SECONDS` at most.

    Raises:
        InputError: If it cannot be read.
    """
    samples, rate = view.samples(MAX_SECONDS)
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes())
    return stream.getvalue()
