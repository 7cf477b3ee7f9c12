"""Interfaces that the app requires of a task and its codec: detections of images, their probability, and tracks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from plexus import Codec, Predictor
    from plexus.codec import Input


class Detections(Protocol):
    """Detected boxes of one image.

    Attributes:
        boxes: Left, top, right and bottom in pixels of the image, shape `(boxes, 4)`.
        scores: Confidence from 0 to 1, shape `(boxes,)`.
        classes: Index of the label, shape `(boxes,)`.
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray


class DetectedObject(Protocol):
    """One object of an image.

    Attributes:
        label: The label.
        box: Left, top, right and bottom in pixels of the image.
        probability: Calibrated probability.
    """

    label: str
    box: Sequence[float]
    probability: float


class DetectionPrediction(Protocol):
    """The objects of one image.

    Attributes:
        objects: The objects, the most probable first.
    """

    objects: Sequence[DetectedObject]


class ScoreCalibration(Protocol):
    """Probabilities of scores."""

    def probability(self, scores: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Compute the probability that detections are correct.

        Args:
            scores: Scores from 0 to 1, shape `(n,)`.
            classes: Class indices, shape `(n,)`.

        Returns:
            Probabilities, shape `(n,)`.
        """
        ...


class Decision(Protocol):
    """Which detections count as objects.

    Attributes:
        thresholds: The score from which a detection counts as an object, by label.
        calibration: Probabilities of the scores.
    """

    thresholds: Sequence[float]
    calibration: ScoreCalibration


class DetectionCodec(Protocol):
    """The codec of a task of objects.

    Attributes:
        labels: The labels.
        decision: Thresholds and calibration.
    """

    labels: Sequence[str]
    decision: Decision

    def describe(self, detections: Detections) -> DetectionPrediction:
        """Return the prediction for one image.

        Args:
            detections: Its detections.

        Returns:
            The prediction.
        """
        ...


class Tracker(Protocol):
    """The objects of a video.

    Attributes:
        counts: Number of distinct objects of each label up to now, shape `(labels,)`.
    """

    counts: np.ndarray

    def update(self, detections: Detections) -> np.ndarray:
        """Add the detections of the next frame.

        Args:
            detections: The detections, those of low scores too.

        Returns:
            Number of the object of each detection, from 1 on; 0 for detections that are no object.
        """
        ...


class DetectionTask(Protocol):
    """A task that detects objects; `vision.detect` is one."""

    def detect(self, predictor: "Predictor", codec: "Codec", inputs: "Sequence[Input]") -> Sequence[Detections]:
        """Return all detections, those of low scores too.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: The images.

        Returns:
            The detections of each image.
        """
        ...

    def new_tracker(self, codec: "Codec", max_gap: int) -> Tracker:
        """Return a tracker for the frames of a video.

        Args:
            codec: The codec.
            max_gap: Number of frames after which an object that is not detected counts as another one.

        Returns:
            The tracker.
        """
        ...
