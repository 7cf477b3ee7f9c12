"""A picture of a person in a gallery."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Self

import numpy as np

from plexus import InputError
from plexus.utils.printable import printable

MAX_LABEL = 255
"""Characters of a label."""


@dataclass(frozen=True, slots=True, eq=False)
class EnrolledPicture:
    """The embedding of one face, and what recognizes the picture that it was computed from.

    Attributes:
        embedding: Unit vector of shape `(d,)`, float32.
        sha256: Checksum of the picture's file, 64 hexadecimal digits.
        label: Name of the picture's file, without folders.
        time: Time of enrolment (UTC), in whole seconds.

    Example:
        ```python
        EnrolledPicture.of(embedding, Path("anna/1.jpg").read_bytes(), "anna/1.jpg").label  # "1.jpg"
        ```
    """

    embedding: np.ndarray
    sha256: str
    label: str
    time: datetime

    @classmethod
    def of(cls, embedding: np.ndarray, content: bytes, path: str | PurePath, time: datetime | None = None) -> Self:
        """Create the record of a picture.

        Args:
            embedding: Shape `(d,)`; it is scaled to unit length.
            content: The bytes of the picture's file.
            path: Path or name of the file; only its last part is stored, with control characters escaped.
            time: Time of enrolment; now by default.

        Returns:
            The record.

        Raises:
            InputError: If the embedding is not a vector with a direction.
        """
        label = printable(PurePath(path).name)[:MAX_LABEL]
        vector = np.asarray(embedding, np.float32)
        length = float(np.linalg.norm(vector))
        if vector.ndim != 1 or not np.isfinite(length) or length == 0:
            raise InputError(f"{label}: expected an embedding of shape (d,) that is finite and not zero")
        moment = (time or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        return cls(vector / np.float32(length), hashlib.sha256(content).hexdigest(), label, moment)
