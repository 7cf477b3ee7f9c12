"""Conversion between images, arrays and detected objects."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from plexus import Codec, Examples
from plexus.codec import Arrays, Input, JsonObject
from plexus.data.images import fit_pixel_range, image_shape, map_images
from plexus.tasks.classification_codec import sort_labels
from plexus_vision.detection.calibration import ScoreCalibration
from plexus_vision.detection.codec_state import DetectionState
from plexus_vision.detection.decision import Decision
from plexus_vision.detection.decoding import decode_detections
from plexus_vision.detection.image_boxes import Detections, ImageBoxes
from plexus_vision.detection.letterbox import fitted_size, letterbox, scale_boxes
from plexus_vision.detection.prediction import DetectedObject, DetectionPrediction
from plexus_vision.detection.scale import network_size, network_strides

LEAST_SCORE = 0.01
"""Detections below this score are not evaluated: they add nothing to the average precision but time."""


class DetectionCodec(Codec):
    """Images of any size to bytes of shape `(n, height, width, 3)`, and scores and boxes to objects.

    Args:
        labels: The labels in the order of the network's outputs.
        shape: Height, width and channels of the network's images.
        strides: Strides of the network's maps.
        image_size: Median height and width of the training images.
        decision: Thresholds and calibration; None before `calibrate`.
        pixel_range: Of training images of more than 8 bits per pixel, the pixel that becomes 255; None if 8 bits held
            them.

    Example:
        ```python
        codec = DetectionCodec.fit(dataset["train"])
        codec.encode([Path("photo.png")])["image"].shape  # (1, 256, 320, 3)
        ```
    """

    state = DetectionState

    def __init__(
        self,
        labels: Sequence[str],
        shape: tuple[int, int, int],
        strides: Sequence[int],
        image_size: tuple[int, int],
        decision: Decision | None = None,
        pixel_range: float | None = None,
    ) -> None:
        self.labels, self.shape, self.strides = list(labels), shape, tuple(strides)
        self.image_size, self.pixel_range, self._decision = image_size, pixel_range, decision

    @classmethod
    def fit(cls, examples: Examples[ImageBoxes], size: int | None = None) -> Self:
        """Fit labels, size and strides on training examples.

        Args:
            examples: The training examples.
            size: Longer side of the network's images; by default as small as the objects allow.

        Returns:
            The codec.
        """
        sizes = [image_shape(image)[:2] for image in examples.inputs]
        labels = sort_labels([label for boxes in examples.targets for label in boxes.labels])
        shares = _sides_by_label(examples.targets, labels, [1 / max(each) for each in sizes])
        shape = (*network_size(sizes, shares, size), 3)
        scales = [fitted_size(each, shape)[0] / each[0] for each in sizes]
        strides = network_strides(_sides_by_label(examples.targets, labels, scales))
        height, width = (int(side) for side in np.median(sizes, axis=0))
        return cls(labels, shape, strides, (height, width), pixel_range=fit_pixel_range(examples.inputs))

    @property
    def is_calibrated(self) -> bool:
        """Whether thresholds have been fitted."""
        return self._decision is not None

    @property
    def decision(self) -> Decision:
        """Thresholds and calibration.

        Returns:
            The decision.

        Raises:
            ValueError: If the codec has not been calibrated.
        """
        if self._decision is None:
            raise ValueError("the codec is not calibrated: Task.calibrate fits its thresholds")
        return self._decision

    def with_decision(self, decision: Decision) -> Self:
        """Return a codec with thresholds and calibration.

        Args:
            decision: Thresholds and calibration.

        Returns:
            A new codec.
        """
        return type(self)(self.labels, self.shape, self.strides, self.image_size, decision, self.pixel_range)

    def encode(self, inputs: Sequence[Input] | np.ndarray) -> Arrays:
        """Read images and bring them to the network's size.

        Args:
            inputs: Paths, bytes of files, or arrays; see `plexus.data.images.read_image`.

        Returns:
            `image`: bytes of shape `(n, height, width, 3)`.

        Raises:
            InputError: If an image cannot be read; the line names it.
        """
        return {
            "image": np.stack(map_images(inputs, lambda image: letterbox(image, self.shape), self.pixel_range)),
        }

    def encode_targets(self, examples: Examples[ImageBoxes]) -> list[tuple[tuple[int, int], np.ndarray, np.ndarray]]:
        """Return boxes in pixels of the network's images, and indices of their labels.

        Args:
            examples: Examples with labels of the codec.

        Returns:
            Of each image, height and width without padding, boxes of shape `(boxes, 4)` and indices of shape
            `(boxes,)`.
        """
        indices = {label: index for index, label in enumerate(self.labels)}
        targets = []
        for raw, truth in zip(examples.inputs, examples.targets, strict=True):
            size = image_shape(raw)[:2]
            fitted = fitted_size(size, self.shape)
            boxes = scale_boxes(truth.boxes, size, fitted)
            targets.append((fitted, boxes, np.array([indices[label] for label in truth.labels], np.int64)))
        return targets

    def detections(
        self, outputs: Arrays, inputs: Sequence[Input] | np.ndarray, least: float | np.ndarray
    ) -> list[Detections]:
        """Return all detections from a score on.

        Args:
            outputs: `scores` of shape `(n, points, classes)` and `boxes` of shape `(n, points, 4)`.
            inputs: The images.
            least: The score; one number, or one per label.

        Returns:
            The detections of each image, in pixels of the image.
        """
        sizes = [image_shape(raw)[:2] for raw in inputs]
        fitted = [fitted_size(size, self.shape) for size in sizes]
        return [
            replace(each, boxes=scale_boxes(each.boxes, inner, size))
            for each, inner, size in zip(self.network_detections(outputs, fitted, least), fitted, sizes, strict=True)
        ]

    def network_detections(
        self, outputs: Arrays, sizes: Sequence[tuple[int, int]], least: float | np.ndarray
    ) -> list[Detections]:
        """Return all detections from a score on, in pixels of the network's images.

        Args:
            outputs: `scores` and `boxes`.
            sizes: Height and width of each of the network's images without padding.
            least: The score; one number, or one per label.

        Returns:
            The detections of each image.
        """
        return [
            decode_detections(logits, boxes, size, least)
            for logits, boxes, size in zip(outputs["scores"], outputs["boxes"], sizes, strict=True)
        ]

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> list[DetectionPrediction]:
        """Return the objects of each image, from the threshold of each label on.

        Args:
            outputs: `scores` and `boxes`.
            inputs: The images.

        Returns:
            One prediction per image.
        """
        return [self.describe(each) for each in self.detections(outputs, inputs, np.array(self.decision.thresholds))]

    def describe(self, detections: Detections) -> DetectionPrediction:
        """Return the prediction for one image.

        Args:
            detections: Detections from the thresholds on.

        Returns:
            The prediction, the most probable object first.
        """
        probabilities = self.decision.calibration.probability(detections.scores, detections.classes)
        labels = [self.labels[index] for index in detections.classes]
        objects = [
            DetectedObject(
                label=labels[row],
                box=detections.boxes[row].astype(float).round(1).tolist(),
                probability=float(probabilities[row]),
            )
            for row in np.argsort(-probabilities, kind="stable")
        ]
        return DetectionPrediction(objects=objects, counts=dict.fromkeys(self.labels, 0) | Counter(labels))

    def to_json(self) -> JsonObject:
        """Return labels, shape, strides, size of training images, thresholds and calibration.

        Returns:
            The object that `from_json` takes.
        """
        decision = self._decision
        return {
            "labels": self.labels,
            "shape": list(self.shape),
            "strides": list(self.strides),
            "image_size": list(self.image_size),
            "decision": decision and {"thresholds": decision.thresholds, **decision.calibration._asdict()},
            "pixel_range": self.pixel_range,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        values = state["decision"]
        decision = values and Decision(values["thresholds"], ScoreCalibration(values["slopes"], values["intercepts"]))
        shape, size = tuple(state["shape"]), tuple(state["image_size"])
        return cls(state["labels"], shape, state["strides"], size, decision, state["pixel_range"])


def _sides_by_label(targets: Sequence[ImageBoxes], labels: Sequence[str], scales: Sequence[float]) -> list[np.ndarray]:
    """Return the square roots of the areas of the boxes of each label, multiplied by the scale of their image."""
    sides: dict[str, list[float]] = {label: [] for label in labels}
    for target, scale in zip(targets, scales, strict=True):
        for label, box in zip(target.labels, target.boxes, strict=True):
            sides[label].append(float(np.sqrt((box[2:] - box[:2]).prod())) * scale)
    return [np.array(sides[label]) for label in labels]
