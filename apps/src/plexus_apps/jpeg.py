"""JPEG files of the pages' pictures."""

import base64
from html import escape
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


def jpeg_html(image: np.ndarray, description: str) -> str:
    """Return an image as an element of a page.

    Args:
        image: Bytes of shape `(height, width, 3)`.
        description: What the image shows, for screen readers.

    Returns:
        HTML; the file is in the element.
    """
    data = base64.b64encode(encode_jpeg(image)).decode()
    return f'<img src="data:image/jpeg;base64,{data}" alt="{escape(description, quote=True)}" decoding="sync">'
