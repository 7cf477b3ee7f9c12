"""Conversion between images, arrays and labels."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Self

import numpy as np

from plexus import ClassificationCodec, Examples
from plexus.codec import Arrays, Input, JsonObject
from plexus.data.images import evenly_spaced, image_shape, read_image, resize, suitable_shape, to_channels
from plexus.tasks.classification_codec import sort_labels
from plexus_vision.codec_state import ImageState
from plexus_vision.drawing_layout import DrawingLayout

MIN_FOR_THREADS, SMALL_FILE = 8, 1 << 16
"""Fewer images, or only files of fewer bytes, are read without threads."""


class ImageCodec(ClassificationCodec):
    """Images of any kind to bytes of shape `(n, height, width, channels)`, and logits to labels.

    Args:
        labels: The labels in the order of the network's outputs.
        shape: Height, width and channels of the network's images.
        layout: The layout of the training images, if they are drawings that share one.
        temperature: Divides the logits.

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
    ) -> None:
        super().__init__(labels, temperature)
        self.shape, self.layout = shape, layout

    @classmethod
    def fit(cls, examples: Examples[str], size: int | None = None) -> Self:
        """Fit labels, size and layout on training examples.

        Args:
            examples: The training examples.
            size: Longer side of the network's images; by default that of the data.

        Returns:
            The codec.
        """
        labels, shape = sort_labels(examples.targets), suitable_shape(examples.inputs, size)
        sample = evenly_spaced(examples.inputs)
        if shape[2] != 1 or {image_shape(image) for image in sample} != {shape}:
            return cls(labels, shape)
        return cls(labels, shape, DrawingLayout.fit(cls(labels, shape).encode(sample)["image"]))

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
        if len(inputs) < MIN_FOR_THREADS or not any(_is_slow(image) for image in inputs[:MIN_FOR_THREADS]):
            return {"image": np.stack([self._encode_image(image) for image in inputs])}
        with ThreadPoolExecutor() as pool:
            return {"image": np.stack(list(pool.map(self._encode_image, inputs)))}

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
        """Return labels, temperature, shape and layout.

        Returns:
            The object that `from_json` takes.
        """
        layout = asdict(self.layout) if self.layout else None
        return super().to_json() | {"shape": list(self.shape), "layout": layout}

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
        return cls(state["labels"], tuple(state["shape"]), layout, state["temperature"])

    def _is_encoded(self, images: np.ndarray) -> bool:
        if images.dtype != np.uint8 or images.shape[1:] != self.shape:
            return False
        return self.layout is None or all(self.layout.matches(image) for image in images)

    def _encode_image(self, raw_image: Input) -> np.ndarray:
        image = read_image(raw_image)
        if self.layout is None:
            return resize(image, self.shape)
        grey = to_channels(image, 1)
        return grey if self.layout.matches(grey) else self.layout.normalize(image)


def _is_slow(image: Input) -> bool:
    """Return whether an image has to be read from a disk, or decoded from many bytes."""
    return isinstance(image, str | Path) or (isinstance(image, bytes) and len(image) > SMALL_FILE)
