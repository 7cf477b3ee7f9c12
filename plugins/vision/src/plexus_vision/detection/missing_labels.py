"""Labels that are probably missing: objects that a model detects where no box is annotated."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples, SupervisedDataset
from plexus.codec import Input
from plexus_vision.detection.boxes import box_areas, intersections, iou_matrix
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.data_check import image_name
from plexus_vision.detection.image_boxes import Detections, ImageBoxes

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MIN_PROBABILITY = 0.8
"""Calibrated probability from which a detection shows that a label is missing. It is a cautious one: the calibration
counts detections of objects that lack a label as wrong."""
MAX_IOU = 0.2
"""Overlap with a box of any label from which a detection is taken for one of the object in that box."""
DIFFICULT_SHARE = 0.5
"""Part of a detection in a difficult box from which it is ignored, as in the evaluation."""
BoxDetector = Callable[[Sequence[Input] | np.ndarray, np.ndarray], list[Detections]]
"""Returns the detections of each image, from a score of each label on."""


@dataclass(frozen=True)
class MissingLabel:
    """An object that a model detects where no box is annotated.

    Args:
        split: Name of the split.
        number: Index of the image in the split.
        image: Name of the image's file; of an array, its place in the split.
        label: The label of the detection.
        box: Left, top, right and bottom in pixels of the image, shape `(4,)`.
        probability: Calibrated probability of the detection.

    Example:
        ```python
        MissingLabel("train", 7, "8.jpg", "RBC", np.array([0, 10, 80, 90]), 0.93).to_json()
        ```
    """

    split: str
    number: int
    image: str
    label: str
    box: np.ndarray
    probability: float

    def to_json(self) -> "JsonObject":
        """Return the fields, without the index of the image.

        Returns:
            `split`, `image`, `label`, `box` and `probability`.
        """
        box = np.asarray(self.box, float).round(1).tolist()
        return {
            "split": self.split,
            "image": self.image,
            "label": self.label,
            "box": box,
            "probability": self.probability,
        }


def find_missing_labels(
    detect: BoxDetector, dataset: SupervisedDataset[Examples[ImageBoxes]], codec: DetectionCodec, splits: Iterable[str]
) -> list[MissingLabel]:
    """Find the labels that are probably missing in a dataset.

    Args:
        detect: The detections of the model.
        dataset: The dataset.
        codec: The calibrated codec of the model.
        splits: Names of splits of the dataset.

    Returns:
        The missing labels, the most probable first.

    Raises:
        InputError: If an image cannot be read.
    """
    missing = [each for split in splits for each in _missing_in_split(detect, dataset[split], codec, split)]
    return sorted(missing, key=lambda each: -each.probability)


def unlabelled_rows(detections: Detections, truth: ImageBoxes, probabilities: np.ndarray) -> np.ndarray:
    """Select the detections of an image that are probably of objects without a label.

    Args:
        detections: The detections.
        truth: The annotated boxes.
        probabilities: Calibrated probability of each detection, shape `(n,)`.

    Returns:
        Indices of the detections of a probability of `MIN_PROBABILITY` or more whose intersection over union with
        each box is below `MAX_IOU`, and that do not lie in a difficult box.
    """
    overlap = iou_matrix(detections.boxes, truth.boxes).max(axis=1, initial=0)
    shared = intersections(detections.boxes, truth.boxes[truth.difficult]).max(axis=1, initial=0)
    is_difficult = (shared > 0) & (shared >= DIFFICULT_SHARE * box_areas(detections.boxes))
    return np.flatnonzero((probabilities >= MIN_PROBABILITY) & (overlap < MAX_IOU) & ~is_difficult)


def _missing_in_split(
    detect: BoxDetector, examples: Examples[ImageBoxes], codec: DetectionCodec, split: str
) -> Iterator[MissingLabel]:
    calibration = codec.decision.calibration
    least = calibration.scores(MIN_PROBABILITY)
    for number, detections in enumerate(detect(examples.inputs, least)):
        probabilities = calibration.probability(detections.scores, detections.classes)
        name = image_name(examples.inputs[number], split, number)
        for row in unlabelled_rows(detections, examples.targets[number], probabilities):
            label = codec.labels[detections.classes[row]]
            yield MissingLabel(split, number, name, label, detections.boxes[row], float(probabilities[row]))
