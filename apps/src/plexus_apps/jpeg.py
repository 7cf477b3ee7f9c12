"""JPEG files of the pages' pictures."""

from io import BytesIO

import numpy as np

QUALITY = 88


def encode_jpeg(image: np.ndarray) -> bytes:
    """Return an image as a JPEG file.

    Args:
        image: Bytes of shape `(height, width, 3)`.

    Returns:
        The file.
    """
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
