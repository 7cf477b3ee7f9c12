"""Conversion between images and embeddings."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Self

from plexus import Codec
from plexus.codec import Arrays, Input, JsonObject
from plexus_vision.codec import ImageCodec
from plexus_vision.drawing_layout import DrawingLayout
from plexus_vision.pretraining.codec_state import EmbeddingState
from plexus_vision.pretraining.prediction import EmbeddingPrediction


class EmbeddingCodec(Codec):
    """Images to bytes as `ImageCodec` encodes them, and the network's output to embeddings.

    Args:
        images: Encodes the images; it has no labels.

    Example:
        ```python
        codec = EmbeddingCodec(ImageCodec.fit(dataset["train"]))
        codec.encode([Path("photo.png")])["image"].shape
        ```
    """

    state = EmbeddingState

    def __init__(self, images: ImageCodec) -> None:
        self.images = images

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the network's images."""
        return self.images.shape

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Read images and bring them to the network's size.

        Args:
            inputs: Paths, bytes of files, or arrays.

        Returns:
            `image`: bytes of shape `(n, height, width, channels)`.

        Raises:
            InputError: If an image cannot be read; the line names it.
        """
        return self.images.encode(inputs)

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[EmbeddingPrediction]:
        """Return the embedding of each image.

        Args:
            outputs: `embedding` of shape `(n, features)`.
            inputs: The raw inputs, which are not needed.

        Returns:
            One prediction per image.
        """
        rows = outputs["embedding"].astype(float).round(6).tolist()
        return [EmbeddingPrediction(embedding=row) for row in rows]

    def to_json(self) -> JsonObject:
        """Return shape, layout and range of pixels.

        Returns:
            The object that `from_json` takes.
        """
        layout = asdict(self.images.layout) if self.images.layout else None
        return {"shape": list(self.shape), "layout": layout, "pixel_range": self.images.pixel_range}

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
        return cls(ImageCodec([], tuple(state["shape"]), layout, pixel_range=state["pixel_range"]))
