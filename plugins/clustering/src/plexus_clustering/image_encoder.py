"""Encoding of images."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus.data.images import evenly_spaced, fit_pixel_range, map_images, resize, suitable_shape
from plexus_clustering.augmentation import is_drawing
from plexus_clustering.input_encoder import InputEncoder
from plexus_clustering.moment_normalizer import MomentNormalizer
from plexus_clustering.options import Normalize

if TYPE_CHECKING:
    from plexus_clustering.input_encoder import RawInputs

SMALLEST_SIDE = 16
"""Longer side in pixels from which drawings are normalized by default: interpolation blurs smaller ones."""


class ImageEncoder(InputEncoder):
    """Brings images to one size, and normalizes drawings.

    Args:
        shape: Height, width and channels.
        pixel_range: Of images of more than 8 bits per pixel, the largest pixel, which becomes 255; None: chosen for
            each image by itself.
        normalizer: Normalizes images of one channel; None: images stay as they are.

    Example:
        ```python
        ImageEncoder((28, 28, 1)).encode([Path("digit.png")])["image"].shape  # (1, 28, 28, 1)
        ```
    """

    kind = "images"

    def __init__(
        self,
        shape: tuple[int, int, int],
        pixel_range: float | None = None,
        normalizer: MomentNormalizer | None = None,
    ) -> None:
        self.shape = self.image_shape = shape
        self.pixel_range, self.normalizer = pixel_range, normalizer

    @classmethod
    def fit(cls, images: Sequence[Input], size: int | None, normalize: Normalize = "no") -> Self:
        """Choose the size of the network's images, and fit the normalization of drawings.

        Args:
            images: Files or arrays.
            size: Longer side in pixels; by default that of the data.
            normalize: Direction of the slant; `auto`: chosen for drawings on a plain background of 16 pixels or more;
                `no`: images stay as they are.

        Returns:
            The encoder.

        Raises:
            InputError: If `normalize` is a direction and the images have several channels.
        """
        shape, pixel_range = suitable_shape(images, size), fit_pixel_range(images)
        if normalize == "no":
            return cls(shape, pixel_range)
        if normalize != "auto" and shape[2] != 1:
            raise InputError(
                f"--normalize {normalize}: expected images of one channel, found {shape[2]}: omit the option"
            )
        sample = cls(shape, pixel_range).encode(evenly_spaced(images))["image"]
        if normalize == "auto" and (max(shape) < SMALLEST_SIDE or not is_drawing(sample / np.float32(255))):
            return cls(shape, pixel_range)
        direction = None if normalize == "auto" else normalize
        return cls(shape, pixel_range, MomentNormalizer.fit(sample, direction))

    def encode(self, inputs: "RawInputs") -> Arrays:
        """Read images and resize them.

        Args:
            inputs: Paths, bytes of files, or arrays.

        Returns:
            `image`: bytes of shape `(n, height, width, channels)`.

        Raises:
            InputError: If an image cannot be read; the line names it.
        """
        if isinstance(inputs, np.ndarray) and inputs.dtype == np.uint8 and inputs.shape[1:] == self.shape:
            images = inputs
        else:
            images = np.stack(map_images(inputs, lambda image: resize(image, self.image_shape), self.pixel_range))  # type: ignore[arg-type]
        return {"image": images if self.normalizer is None else self.normalizer.apply(images)}

    def to_json(self) -> JsonObject:
        """Return shape, range of pixels and normalizer.

        Returns:
            The object that `from_json` takes.
        """
        normalizer = None if self.normalizer is None else self.normalizer.to_json()
        state = {"kind": self.kind, "shape": list(self.shape), "normalizer": normalizer}
        return state if self.pixel_range is None else state | {"pixel_range": self.pixel_range}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an encoder from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The encoder.
        """
        normalizer = state.get("normalizer")
        normalizer = None if normalizer is None else MomentNormalizer.from_json(normalizer)
        return cls(tuple(state["shape"]), state.get("pixel_range"), normalizer)
