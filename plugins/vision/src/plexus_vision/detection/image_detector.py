"""Detection in whole images or in tiles, from a probability on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from plexus_vision.detection.codec import LEAST_SCORE, DetectionCodec
from plexus_vision.detection.decoding import MAX_DETECTIONS
from plexus_vision.detection.image_boxes import Detections
from plexus_vision.detection.tiles import detect_in_tiles
from plexus_vision.detection.tracking import UNCONFIRMED

if TYPE_CHECKING:
    from plexus import Bundle
    from plexus.codec import JsonObject
    from plexus_vision.detection.task import Detect

OVERLAP = 1 / 3
"""Pixels that neighbouring tiles share, as a share of the shorter side of a tile."""


class ImageDetector:
    """Detection of the objects of images, as `plexus detect` does it.

    Args:
        bundle: A bundle of `vision.detect`.
        tiled: Whether an image that is larger than the training images is cut into tiles of their size, so that its
            objects have the scale of the training.
        min_probability: Probability from which an object is returned, above 0 and below 1; by default from the
            threshold of its label on.

    Attributes:
        codec: The codec of the bundle.
        thresholds: Score of each label from which a detection is an object, shape `(labels,)`.

    Example:
        ```python
        detector = ImageDetector(plexus.load("vision.detect/bccd"), tiled=True)
        detector.objects(detector.detect([image], detector.thresholds)[0])
        ```
    """

    def __init__(self, bundle: "Bundle", tiled: bool = False, min_probability: float | None = None) -> None:
        self.codec = cast(DetectionCodec, bundle.codec)
        self._bundle, self._tiled = bundle, tiled
        decision = self.codec.decision
        thresholds = decision.thresholds if min_probability is None else decision.calibration.scores(min_probability)
        self.thresholds = np.maximum(thresholds, LEAST_SCORE)

    @property
    def tile(self) -> tuple[int, int]:
        """Height and width of the part of an image that fills the network's image at the scale of the training."""
        height, width, _ = self.codec.shape
        scale = min(height / self.codec.image_size[0], width / self.codec.image_size[1])
        return round(height / scale), round(width / scale)

    def detect(self, images: Sequence[np.ndarray], least: np.ndarray) -> list[Detections]:
        """Detect the objects of images.

        Args:
            images: Bytes of shape `(height, width, 1 or 3)` each.
            least: Score of each label from which a detection is returned, shape `(labels,)`.

        Returns:
            The detections of each image.
        """
        if not self._tiled:
            return self._detect_whole(images, least)
        return [self._detect_tiled(image, least) for image in images]

    def objects(self, detections: Detections, tracks: np.ndarray | None = None) -> "list[JsonObject]":
        """Return the objects of an image as JSON.

        Args:
            detections: The detections.
            tracks: Identifier of the tracked object of each, shape `(n,)`; 0 for none.

        Returns:
            Of each object `label`, `box` and `probability`, the most probable first; with `tracks` also `track`, None
            for none.
        """
        probabilities = self.codec.decision.calibration.probability(detections.scores, detections.classes)
        order = np.argsort(-probabilities, kind="stable")  # as `DetectionCodec.describe` has it
        objects = [each.model_dump() for each in self.codec.describe(detections).objects]
        if tracks is not None:
            for each, track in zip(objects, tracks[order].tolist(), strict=True):
                each["track"] = None if track == UNCONFIRMED else track
        return objects

    def _detect_tiled(self, image: np.ndarray, least: np.ndarray) -> Detections:
        tile = self.tile
        if image.shape[0] <= tile[0] and image.shape[1] <= tile[1]:
            return self._detect_whole([image], least)[0]
        overlap = round(min(tile) * OVERLAP)
        return detect_in_tiles(image, lambda parts: self._detect_whole(parts, least), tile, overlap, _most(image, tile))

    def _detect_whole(self, images: Sequence[np.ndarray], least: np.ndarray) -> list[Detections]:
        task = cast("Detect", self._bundle.task)
        return task.detect(self._bundle.predictor, self.codec, images, least)


def _most(image: np.ndarray, tile: tuple[int, int]) -> int:
    """Return the largest number of boxes of an image: that of a tile for each area of one."""
    return MAX_DETECTIONS * max(int(image.shape[0] * image.shape[1] / (tile[0] * tile[1])), 1)
