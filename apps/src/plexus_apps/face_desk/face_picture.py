"""A picture of a person in a gallery."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import numpy as np


@dataclass(frozen=True)
class FacePicture:
    """A picture of a person in a gallery: the embedding, not the picture itself.

    Attributes:
        embedding: Unit vector of shape `(d,)`.
        sha256: Checksum of the aligned face.
        label: Name of the picture.
        time: Time of enrolment.
    """

    embedding: np.ndarray
    sha256: str
    label: str
    time: datetime

    @classmethod
    def of(cls, embedding: np.ndarray, chip: np.ndarray, label: str) -> Self:
        """Create the record of a face.

        Args:
            embedding: Shape `(d,)`, of unit length.
            chip: The aligned face.
            label: Name of its picture.

        Returns:
            The record.
        """
        checksum = hashlib.sha256(chip.tobytes()).hexdigest()
        return cls(embedding.astype(np.float32), checksum, label, datetime.now(UTC).replace(microsecond=0))
