"""An example as a person sees, hears or reads it."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

import numpy as np

from plexus.codec import Input

Kind = Literal["image", "sound", "text", "row", "series", "other"]

IMAGE_CHANNELS = {1, 3, 4}
HEAD_BYTES = 64
"""First bytes of a file by which its format is recognized."""


@dataclass(frozen=True, eq=False)
class ExampleView:
    """A raw input in one of the forms that every browser can show.

    Args:
        kind: `image`, `sound`, `text`, `row` (values by column), `series` (numbers over time), or `other`.
        content: Of an image and a sound a path, the bytes of a file, or an array; of a text a string; of a row a
            mapping; of a series an array of shape `(steps,)` or `(steps, series)`.
        rate: Sampling rate of a sound that is an array, in hertz.
        name: Name of the example: of a file its name; empty if it has none.
        reads: Reads the content of an image of a kind that `read_image` does not know, such as DICOM; None for others.
        draw: Draws what is shown of an image instead of its content, such as its boxes; None for the content itself.

    Example:
        ```python
        view = ExampleView.of(Path("digit.png"))
        view.kind, view.name  # ("image", "digit.png")
        ```
    """

    kind: Kind
    content: Input
    rate: int = 0
    name: str = ""
    reads: Callable[[Input], np.ndarray] | None = field(default=None, repr=False)
    draw: Callable[[], np.ndarray] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, raw_input: Input) -> Self:
        """Return the view of a raw input of a common type.

        Args:
            raw_input: A path or the bytes of a file (an image, a recording, a text), a text, a row as a mapping, an
                array of bytes (an image) or of numbers (a series), or an image of Pillow.

        Returns:
            The view; of a type that is not known, its text.
        """
        if isinstance(raw_input, Path | bytes):
            return cls._of_file(raw_input)
        if isinstance(raw_input, Mapping):
            return cls("row", raw_input)
        if isinstance(raw_input, np.ndarray):
            return cls._of_array(raw_input)
        from plexus.data.images import is_pillow_image

        if is_pillow_image(raw_input):
            return cls("image", raw_input)
        return cls("text", raw_input if isinstance(raw_input, str) else str(raw_input))

    @classmethod
    def image(cls, raw_input: Input) -> Self:
        """Return the view of an image, for tasks whose inputs are images: an array of floats is one, too.

        Args:
            raw_input: As for `plexus.data.images.read_image`.

        Returns:
            The view.
        """
        return cls("image", raw_input, name=raw_input.name if isinstance(raw_input, Path) else "")

    def pixels(self) -> np.ndarray:
        """Return the pixels of an image, without what is drawn over it.

        Returns:
            Bytes of shape `(height, width, 1 or 3)`.

        Raises:
            InputError: If it cannot be read.
        """
        from plexus.data.images import read_image

        return read_image(self.content if self.reads is None else self.reads(self.content))

    def samples(self, seconds: float) -> tuple[np.ndarray, int]:
        """Return the samples of a sound.

        Args:
            seconds: Length that is read at most.

        Returns:
            One channel of float32 samples from -1 to 1, shape `(n,)`, and the sampling rate in hertz.

        Raises:
            InputError: If it cannot be read.
        """
        if isinstance(self.content, np.ndarray):
            samples = self.content[: int(seconds * self.rate)]
            scale = -np.iinfo(samples.dtype).min if samples.dtype.kind == "i" else 1
            return (samples / np.float32(scale)).astype(np.float32), self.rate
        from plexus.data.audio import open_recording

        with open_recording(self.content, self.name or "the recording") as recording:
            blocks = recording.blocks(recording.rate)
            samples = np.concatenate([block for block, _ in zip(blocks, range(math.ceil(seconds)), strict=False)])
            return samples, recording.rate

    def digest(self) -> bytes:
        """Return a checksum of the content: equal for examples with equal content.

        Returns:
            16 bytes.

        Raises:
            OSError: If a file cannot be read.
        """
        content, digest = self.content, hashlib.blake2b(digest_size=16)
        if isinstance(content, Path):
            with content.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        elif isinstance(content, np.ndarray):
            digest.update(f"{content.dtype.str} {content.shape}".encode())
            digest.update(np.ascontiguousarray(content).data)
        elif isinstance(content, bytes):
            digest.update(content)
        else:
            digest.update(repr(content).encode(errors="surrogateescape"))
        return digest.digest()

    @classmethod
    def _of_file(cls, raw_input: Path | bytes) -> Self:
        from plexus.data.audio import classify_recording
        from plexus.data.image_formats import image_format

        name, suffix, head = "", "", raw_input[:HEAD_BYTES] if isinstance(raw_input, bytes) else b""
        if isinstance(raw_input, Path):
            name, suffix = raw_input.name, raw_input.suffix.lower()
            with raw_input.open("rb") as file:
                head = file.read(HEAD_BYTES)
        if image_format(head) is not None:
            return cls("image", raw_input, name=name)
        if classify_recording(head, suffix) is True:
            return cls("sound", raw_input, name=name)
        return cls("other", raw_input, name=name)

    @classmethod
    def _of_array(cls, array: np.ndarray) -> Self:
        if array.dtype.kind not in "biuf":
            return cls("text", str(array.tolist()))
        is_image = array.ndim == 3 and array.shape[-1] in IMAGE_CHANNELS
        if is_image or (array.ndim == 2 and array.dtype == np.uint8):
            return cls("image", array)
        return cls("series", array) if array.ndim in {1, 2} else cls("other", array)
