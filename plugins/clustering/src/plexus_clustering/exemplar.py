"""Exemplars of clusters."""

import base64
import io
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus.data.image_files import open_image

THUMBNAIL_SIDE = 48


@dataclass(frozen=True)
class Exemplar:
    """A typical member of a cluster.

    Args:
        cluster: Number of the cluster.
        name: Its name in the training data: `row 17`, a file, the beginning of a text.
        embedding: Its place in the embedding.
        thumbnail: PNG in base64, if it is an image.

    Example:
        ```python
        Exemplar(0, "row 17", (0.3, -1.2))
        ```
    """

    cluster: int
    name: str
    embedding: tuple[float, ...]
    thumbnail: str | None = None

    def image(self) -> np.ndarray:
        """Return the thumbnail.

        Returns:
            Bytes of shape `(height, width)` or `(height, width, 3)`.

        Raises:
            ValueError: If the exemplar is not an image.
        """
        if self.thumbnail is None:
            raise ValueError("only exemplars of images have thumbnails")
        return np.asarray(open_image(io.BytesIO(base64.b64decode(self.thumbnail)), ["PNG"]))

    def to_json(self) -> JsonObject:
        """Return the constructor's arguments.

        Returns:
            The object that `from_json` takes.
        """
        return asdict(self) | {"embedding": list(self.embedding)}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an exemplar from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The exemplar.
        """
        return cls(**state | {"embedding": tuple(state["embedding"])})


def encode_thumbnail(image: np.ndarray) -> str:
    """Scale an image down.

    Args:
        image: Bytes of shape `(height, width, 1 or 3)`.

    Returns:
        PNG in base64, at most `THUMBNAIL_SIDE` pixels a side.
    """
    from PIL import Image

    small = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    stream = io.BytesIO()
    small.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()
