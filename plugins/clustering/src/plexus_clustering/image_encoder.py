"""Encoding of images."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from plexus import InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus.data.images import evenly_spaced, fit_pixel_range, map_images, resize, suitable_shape
from plexus_clustering.augmentation import is_drawing
from plexus_clustering.input_encoder import InputEncoder
from plexus_clustering.straightening import Shear, choose_shear, straighten_images

if TYPE_CHECKING:
    from plexus_clustering.input_encoder import RawInputs


class ImageEncoder(InputEncoder):
    """Brings images to one size, and removes the slant of drawings.

    Args:
        shape: Height, width and channels.
        pixel_range: Of images of more than 8 bits per pixel, the largest pixel, which becomes 255; None: chosen for
            each image by itself.
        shear: Direction of the slant that is removed; `no` for images of several channels.

    Example:
        ```python
        ImageEncoder((28, 28, 1)).encode([Path("digit.png")])["image"].shape  # (1, 28, 28, 1)
        ```
    """

    kind = "images"

    def __init__(self, shape: tuple[int, int, int], pixel_range: float | None = None, shear: Shear = "no") -> None:
        self.shape = self.image_shape = shape
        self.pixel_range, self.shear = pixel_range, shear

    @classmethod
    def fit(cls, images: Sequence[Input], size: int | None, straighten: Shear | Literal["auto"] = "no") -> Self:
        """Choose the size of the network's images, and the direction of the slant that is removed.

        Args:
            images: Files or arrays.
            size: Longer side in pixels; by default that of the data.
            straighten: The direction, `no`, or `auto`: chosen if they are drawings on a plain background.

        Returns:
            The encoder.

        Raises:
            InputError: If there is a direction and the images have several channels.
        """
        encoder = cls(suitable_shape(images, size), fit_pixel_range(images))
        if straighten == "auto":
            sample = encoder.encode(evenly_spaced(images))["image"]
            encoder.shear = choose_shear(sample) if is_drawing(sample / np.float32(255)) else "no"
        elif straighten != "no" and encoder.shape[2] != 1:
            raise InputError(
                f"--straighten {straighten}: expected images of one channel, found colors: omit the option"
            )
        else:
            encoder.shear = straighten
        return encoder

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
        return {"image": straighten_images(images, self.shear)}

    def to_json(self) -> JsonObject:
        """Return shape and range of pixels, and the direction of the slant.

        Returns:
            The object that `from_json` takes.
        """
        state = {"kind": self.kind, "shape": list(self.shape), "shear": self.shear}
        return state if self.pixel_range is None else state | {"pixel_range": self.pixel_range}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an encoder from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The encoder.
        """
        return cls(tuple(state["shape"]), state.get("pixel_range"), state.get("shear", "no"))
