"""Small pictures of exemplars."""

import base64
import io

import numpy as np

from plexus.data.images import open_image
from plexus_clustering.codec import Exemplar


def thumbnail(exemplar: Exemplar) -> np.ndarray:
    """The exemplar's picture, bytes `(height, width)` or `(height, width, 3)`."""
    if exemplar.thumbnail is None:
        raise ValueError("only exemplars of pictures have thumbnails")
    return np.asarray(open_image(io.BytesIO(base64.b64decode(exemplar.thumbnail)), ["PNG"]))
