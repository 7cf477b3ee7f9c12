"""An image with its boxes as arrays."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Sample:
    """An image with its boxes as arrays.

    Args:
        image: Bytes of shape `(height, width, channels)`.
        boxes: Left, top, right and bottom in pixels, shape `(boxes, 4)`, float32.
        classes: Indices of the labels, shape `(boxes,)`.
        scored: Whether a box is learned; what it shows is neither an object nor background if not. Shape `(boxes,)`.

    Example:
        ```python
        Sample(image, np.array([[0, 0, 10, 20]], np.float32), np.array([1]), np.array([True]))
        ```
    """

    image: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray
    scored: np.ndarray

    def take(self, rows: np.ndarray) -> "Sample":
        """Return the image with some of the boxes.

        Args:
            rows: Indices, or one boolean per box.

        Returns:
            A new sample.
        """
        return replace(self, boxes=self.boxes[rows], classes=self.classes[rows], scored=self.scored[rows])
