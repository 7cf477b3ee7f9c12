"""Conversion between images, arrays and labels."""

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict
from typing import Self

import numpy as np

from plexus import Examples
from plexus.codec import Arrays, Input, JsonObject
from plexus.data.images import (
    evenly_spaced,
    fit_pixel_range,
    image_shape,
    map_images,
    resize,
    suitable_shape,
    to_channels,
)
from plexus.tasks.classification_codec import sort_labels
from plexus.tasks.compared_codec import ComparedCodec
from plexus_vision.codec_state import ImageState
from plexus_vision.drawing_layout import DrawingLayout
from plexus_vision.out_of_distribution import OutOfDistribution
from plexus_vision.prediction import ImagePrediction


class ImageCodec(ComparedCodec):
    """Images of any kind to bytes of shape `(n, height, width, channels)`, and logits to labels.

    Args:
        labels: The labels in the order of the network's outputs.
        shape: Height, width and channels of the network's images.
        layout: The layout of the training images, if they are drawings that share one.
        temperature: Divides the logits.
        pixel_range: Of training images of more than 8 bits per pixel, the largest pixel, which becomes 255 in all
            images of more than 8 bits; None if 8 bits held them: then it is chosen for each image by itself.
        comparison: How the network `comparison` of the bundle was trained, `with_unlabelled` or `without_unlabelled`
            images; the other one is the model. None if there is no such network.
        out_of_distribution: Distance of images from the training images; None before it is fitted, and in bundles of
            older versions.

    Example:
        ```python
        codec = ImageCodec.fit(dataset["train"])
        codec.encode([Path("photo.png")])["image"].shape
        ```
    """

    state = ImageState

    def __init__(
        self,
        labels: Sequence[str],
        shape: tuple[int, int, int],
        layout: DrawingLayout | None = None,
        temperature: float = 1.0,
        pixel_range: float | None = None,
        comparison: str | None = None,
        out_of_distribution: OutOfDistribution | None = None,
    ) -> None:
        super().__init__(labels, temperature, comparison)
        self.shape, self.layout, self.pixel_range = shape, layout, pixel_range
        self.out_of_distribution = out_of_distribution

    @classmethod
    def fit(cls, examples: Examples[str], size: int | None = None) -> Self:
        """Fit labels, size, range of pixels and layout on training examples.

        Args:
            examples: The training examples.
            size: Longer side of the network's images; by default that of the data.

        Returns:
            The codec.
        """
        labels, shape = sort_labels(examples.targets), suitable_shape(examples.inputs, size)
        sample, pixel_range = evenly_spaced(examples.inputs), fit_pixel_range(examples.inputs)
        plain = cls(labels, shape, pixel_range=pixel_range)
        if shape[2] != 1 or {image_shape(image) for image in sample} != {shape}:
            return plain
        return cls(labels, shape, DrawingLayout.fit(plain.encode(sample)["image"]), pixel_range=pixel_range)

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Read images and bring them to the network's size.

        Args:
            inputs: Paths, bytes of files, or arrays; see `plexus.data.images.read_image`.

        Returns:
            `image`: bytes of shape `(n, height, width, channels)`.

        Raises:
            InputError: If an image cannot be read; the line names it.
        """
        if isinstance(inputs, np.ndarray) and self._is_encoded(inputs):
            return {"image": inputs}
        return {"image": np.stack(map_images(inputs, self._encode_image, self.pixel_range))}

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[ImagePrediction]:
        """Return the most probable label of each image, the next best, and whether the image shows none of them.

        Args:
            outputs: The network's outputs.
            inputs: The raw images, which are not needed.

        Returns:
            One prediction per image.
        """
        probabilities = self.probabilities(outputs)
        if self.out_of_distribution is None:
            return [ImagePrediction.from_probabilities(self.labels, row) for row in probabilities]
        distances = self.out_of_distribution.scores(outputs["features"])
        return [
            ImagePrediction.from_probabilities(
                self.labels, row, none_of_these=bool(distance > 1), distance=round(float(distance), 4)
            )
            for row, distance in zip(probabilities, distances, strict=True)
        ]

    def with_out_of_distribution(self, detector: OutOfDistribution) -> Self:
        """Return a copy that says which images show none of the labels.

        Args:
            detector: Distance of images from the training images.

        Returns:
            The copy.
        """
        codec = copy(self)
        codec.out_of_distribution = detector
        return codec

    def label_indices(self, labels: Sequence[str]) -> np.ndarray:
        """Return the classes of labels; labels that are all numbers, where the classes have names, are indices.

        Args:
            labels: Labels that were seen in training, or indices as text.

        Returns:
            Indices of shape `(n,)`.

        Raises:
            InputError: If a label was not seen in training.
        """
        distinct = set(labels)
        numbers = all(label.isdecimal() and int(label) < len(self.labels) for label in distinct)
        if numbers and not distinct & set(self.labels):
            return np.array([int(label) for label in labels], np.int32)
        return super().label_indices(labels)

    def to_json(self) -> JsonObject:
        """Return labels, temperature, shape, layout, range of pixels, network to compare with, and distance.

        Returns:
            The object that `from_json` takes.
        """
        layout = asdict(self.layout) if self.layout else None
        state = super().to_json() | {"shape": list(self.shape), "layout": layout}
        if self.pixel_range is not None:
            state |= {"pixel_range": self.pixel_range}
        if self.out_of_distribution is not None:
            state |= {"out_of_distribution": self.out_of_distribution.to_json()}
        return state

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        layout = state["layout"]
        if layout is not None:
            layout = DrawingLayout(**layout | {"shape": tuple(layout["shape"])})
        detector = state.get("out_of_distribution")
        optional = state.get("pixel_range"), state.get("comparison"), detector and OutOfDistribution.from_json(detector)
        return cls(state["labels"], tuple(state["shape"]), layout, state["temperature"], *optional)

    def _is_encoded(self, images: np.ndarray) -> bool:
        if images.dtype != np.uint8 or images.shape[1:] != self.shape:
            return False
        return self.layout is None or all(self.layout.matches(image) for image in images)

    def _encode_image(self, image: np.ndarray) -> np.ndarray:
        if self.layout is None:
            return resize(image, self.shape)
        if image.shape[:2] == self.layout.shape:  # only then a large image would be worth converting
            grey = to_channels(image, 1)
            if self.layout.matches(grey):
                return grey
        return self.layout.normalize(image)
