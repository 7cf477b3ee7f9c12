"""A bundle of object detection as the page uses it."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from plexus import Bundle
from plexus.codec import Input
from plexus_apps.object_finder.detection_task import (
    DetectedObject,
    DetectionCodec,
    DetectionPrediction,
    DetectionTask,
    Tracker,
)


class DetectionModel:
    """A bundle of object detection.

    Args:
        bundle: The bundle.

    Example:
        ```python
        model = DetectionModel(plexus.load("vision.detect/bccd"))
        model.find(Path("blood.jpg"), least_probability=0.5)
        ```
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.task, self.codec = cast(DetectionTask, bundle.task), cast(DetectionCodec, bundle.codec)

    @property
    def labels(self) -> list[str]:
        """The labels in the order of their colors."""
        return list(self.codec.labels)

    def thresholds(self) -> dict[str, float]:
        """Return the probability from which the model counts a detection as an object.

        Returns:
            Probabilities by label.
        """
        decision = self.codec.decision
        scores = np.array(decision.thresholds)
        probabilities = decision.calibration.probability(scores, np.arange(len(scores)))
        return dict(zip(self.labels, probabilities.tolist(), strict=True))

    def find(self, image: Input, least_probability: float | None = None) -> Sequence[DetectedObject]:
        """Detect the objects of an image.

        Args:
            image: The image.
            least_probability: Probability from which a detection counts; by default from the thresholds of the model.

        Returns:
            The objects, the most probable first.

        Raises:
            InputError: If the image cannot be read.
        """
        if least_probability is None:
            return cast(DetectionPrediction, self.bundle.predict([image])[0]).objects
        (detections,) = self.task.detect(self.bundle.predictor, self.bundle.codec, [image])
        objects = self.codec.describe(detections).objects
        return [item for item in objects if item.probability >= least_probability]

    def new_tracker(self, max_gap: int) -> Tracker:
        """Return a tracker for the frames of a video.

        Args:
            max_gap: Number of frames after which an object that is not detected counts as another one.

        Returns:
            The tracker.
        """
        return self.task.new_tracker(self.bundle.codec, max_gap)

    def track(self, frame: np.ndarray, tracker: Tracker) -> list[tuple[int, str, Sequence[float]]]:
        """Detect the objects of the next frame of a video.

        Args:
            frame: The frame, bytes of shape `(height, width, 3)`.
            tracker: The tracker of the video, which is updated.

        Returns:
            Number, label and box of each object.
        """
        (detections,) = self.task.detect(self.bundle.predictor, self.bundle.codec, [frame])
        numbers = tracker.update(detections)
        return [
            (int(numbers[row]), self.labels[int(detections.classes[row])], detections.boxes[row].tolist())
            for row in np.flatnonzero(numbers)
        ]
