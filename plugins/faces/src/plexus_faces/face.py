"""A face in an image."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Face:
    """A face in an image, aligned for the network.

    Args:
        box: Left, top, right and bottom of the face in pixels of the image.
        confidence: Confidence of the detector, above 0.
        points: The outer and inner corners of the eyes and the base of the nose, shape `(5, 2)`: x and y in pixels.
        chip: The aligned face, bytes of shape `(150, 150, 3)`.
        name: Name of its image, and a checksum of the aligned face; empty for an image without a name.
        embedding: The embedding of unit length, shape `(d,)`; None before the network has computed it.

    Example:
        ```python
        face = max(faces, key=lambda face: face.width)
        ```
    """

    box: tuple[float, float, float, float]
    confidence: float
    points: np.ndarray
    chip: np.ndarray
    name: str = ""
    embedding: np.ndarray | None = None

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return self.box[2] - self.box[0]

    @property
    def unit_embedding(self) -> np.ndarray:
        """The embedding of a face whose embedding has been computed.

        Returns:
            The embedding of unit length, shape `(d,)`.

        Raises:
            ValueError: If it has not been computed.
        """
        if self.embedding is None:
            raise ValueError("the embedding of this face has not been computed: use the faces of Recognize.find_faces")
        return self.embedding
