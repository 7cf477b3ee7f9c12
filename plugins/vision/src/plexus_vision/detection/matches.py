"""Detections and the annotated boxes that they match."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plexus_vision.detection.image_boxes import Detections, ImageBoxes


@dataclass(frozen=True)
class Matches:
    """All detections of a split, the most confident first, and whether they are correct.

    A detection is correct if it is the most confident one of its label whose intersection over union with an annotated
    box of this label reaches the threshold. Thresholds are the 10 of COCO, 0.5 to 0.95; the first is 0.5.

    Args:
        detections: Detections of each image.
        truth: Annotated boxes of each image.
        labels: Labels in the order of their indices.
        images: Index of the image of each detection, shape `(n,)`.
        rows: Index of each detection in those of its image, shape `(n,)`.
        correct: Whether each detection is correct, shape `(thresholds, n)`.
        ignored: Whether each detection matches a difficult box, shape `(thresholds, n)`.
        partners: Index of the box of the image that each detection matches at IoU 0.5, or -1, shape `(n,)`.

    Example:
        ```python
        matches = match_detections(evaluate_coco(detections, truth, labels), detections, truth, labels)
        matches.correct[0].sum()  # correct detections at IoU 0.5
        ```
    """

    detections: tuple[Detections, ...]
    truth: tuple[ImageBoxes, ...]
    labels: tuple[str, ...]
    images: np.ndarray
    rows: np.ndarray
    correct: np.ndarray
    ignored: np.ndarray
    partners: np.ndarray

    @cached_property
    def scores(self) -> np.ndarray:
        """Confidence of each detection.

        Returns:
            Scores, descending, shape `(n,)`.
        """
        return self._column("scores")

    @cached_property
    def classes(self) -> np.ndarray:
        """Class of each detection.

        Returns:
            Indices of the labels, shape `(n,)`.
        """
        return self._column("classes").astype(int)

    @cached_property
    def objects(self) -> np.ndarray:
        """Number of annotated boxes that are not difficult.

        Returns:
            Counts of shape `(images, classes)`.
        """
        counts = np.zeros((len(self.truth), len(self.labels)), int)
        index = {label: number for number, label in enumerate(self.labels)}
        for row, objects in zip(counts, self.truth, strict=True):
            np.add.at(row, [index[label] for label in objects.labels], ~objects.difficult)
        return counts

    def confident(self, thresholds: np.ndarray) -> np.ndarray:
        """Return which detections reach the threshold of their class.

        Args:
            thresholds: Scores, shape `(classes,)`.

        Returns:
            Boolean array of shape `(n,)`.
        """
        return np.asarray(self.scores >= np.asarray(thresholds)[self.classes])

    def _column(self, name: str) -> np.ndarray:
        columns = [getattr(detections, name) for detections in self.detections]
        starts = np.cumsum([0, *map(len, columns)])
        return np.asarray(np.concatenate([np.zeros(0), *columns])[starts[self.images] + self.rows])
