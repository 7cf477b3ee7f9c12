"""The objects of an image, as annotated and as detected."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ImageBoxes:
    """Annotated boxes of one image: the target of an example.

    Args:
        boxes: Left, top, right and bottom in pixels of the image, shape `(boxes, 4)`, float32. The right and bottom
            sides are exclusive: a box of the whole image is 0, 0, width, height.
        labels: One label per box.
        difficult: Whether a box is left out of training and of the evaluation, shape `(boxes,)`.

    Example:
        ```python
        ImageBoxes(np.array([[0, 0, 10, 20]], np.float32), ("cell",), np.array([False]))
        ```
    """

    boxes: np.ndarray
    labels: tuple[str, ...]
    difficult: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __str__(self) -> str:
        """Return labels and boxes, from which the fingerprint of a data set is computed.

        Returns:
            One line.
        """
        pairs = zip(self.labels, self.boxes.round(1).tolist(), strict=True)
        return "; ".join(f"{label} {box}" for label, box in pairs)


@dataclass(frozen=True)
class Detections:
    """Detected boxes of one image, the most confident first.

    Args:
        boxes: Left, top, right and bottom in pixels of the image, shape `(boxes, 4)`, float32.
        scores: Confidence from 0 to 1, shape `(boxes,)`.
        classes: Index of the label, shape `(boxes,)`.

    Example:
        ```python
        Detections(np.array([[0, 0, 10, 20]], np.float32), np.array([0.9]), np.array([0]))
        ```
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: np.ndarray) -> "Detections":
        """Return some of the boxes.

        Args:
            rows: Indices, or one boolean per box.

        Returns:
            The boxes of these rows.
        """
        return Detections(self.boxes[rows], self.scores[rows], self.classes[rows])
