"""Images as they are read, with what finds their repeats."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from plexus_medical.examples import MedicalExamples, joined


@dataclass(frozen=True)
class SourceImages:
    """Images of one split as they are read.

    Args:
        examples: The images.
        names: The file of each, or its place in an array, for findings.
        digests: Checksum of the pixels of each, as of `pixel_digest`.

    Example:
        ```python
        images = SourceImages(examples, ["image 1", "image 2"], [pixel_digest(image) for image in examples.inputs])
        ```
    """

    examples: MedicalExamples
    names: Sequence[str]
    digests: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.examples)

    def take(self, rows: Sequence[int]) -> Self:
        """Return some of the images.

        Args:
            rows: Their indices.

        Returns:
            The images of these rows.
        """
        names, digests = [self.names[row] for row in rows], [self.digests[row] for row in rows]
        return type(self)(self.examples.take(np.array(rows, int)), names, digests)

    def with_examples(self, examples: MedicalExamples) -> Self:
        """Return the images with other labels or patients.

        Args:
            examples: The same images.

        Returns:
            The images.
        """
        return replace(self, examples=examples)

    def followed_by(self, other: "SourceImages") -> Self:
        """Return these images and those of another split.

        Args:
            other: The other images.

        Returns:
            All images.
        """
        examples = joined(self.examples, other.examples)
        return type(self)(examples, [*self.names, *other.names], [*self.digests, *other.digests])


def pixel_digest(pixels: np.ndarray) -> bytes:
    """Return a checksum of pixels, their type and their shape.

    Args:
        pixels: An image.

    Returns:
        16 bytes, equal for images with the same pixels.
    """
    digest = hashlib.blake2b(f"{pixels.dtype.str} {pixels.shape}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()
