"""The records of a gallery file, with bounds for every field."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, FailFast, Field

from plexus import InputError
from plexus_faces.enrolled_picture import MAX_LABEL, EnrolledPicture
from plexus_faces.gallery import MAX_DIMENSION, MAX_NAME, MAX_PERSONS, MAX_PICTURES, Gallery

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Label = Annotated[str, Field(max_length=MAX_LABEL, pattern=r"^[^/]*$")]
_Seconds = Annotated[int, Field(ge=0, lt=2**33)]
_Picture = tuple[_Label, Digest, _Seconds]
"""Label, checksum and time of enrolment in seconds since 1970 (UTC). A tuple, as models take three times as long."""


class _Person(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    pictures: Annotated[list[_Picture], Field(min_length=1, max_length=MAX_PICTURES), FailFast()]


class GalleryRecords(BaseModel):
    """Everything of a gallery but the embeddings.

    Attributes:
        model: Fingerprint of the embedder.
        dimension: Size of an embedding; 0 of an empty gallery.
        persons: Names, and the records of their pictures.

    Example:
        ```python
        GalleryRecords.of(gallery).model_dump_json()
        ```
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    model: Digest
    dimension: Annotated[int, Field(ge=0, le=MAX_DIMENSION)]
    persons: Annotated[list[_Person], Field(max_length=MAX_PERSONS), FailFast()]

    @classmethod
    def of(cls, gallery: Gallery) -> Self:
        """Return the records of a gallery.

        Args:
            gallery: The gallery.

        Returns:
            The records.
        """
        persons = [
            _Person(name=name, pictures=[(item.label, item.sha256, int(item.time.timestamp())) for item in pictures])
            for name, pictures in gallery.persons.items()
        ]
        return cls(model=gallery.model, dimension=gallery.embeddings.shape[1], persons=persons)

    @property
    def shape(self) -> tuple[int, int]:
        """Return the shape of the embeddings.

        Returns:
            Number of pictures, and size of an embedding.
        """
        return sum(len(person.pictures) for person in self.persons), self.dimension

    def gallery(self, embeddings: np.ndarray) -> Gallery:
        """Join the records with the embeddings.

        Args:
            embeddings: Unit vectors of the shape `shape`, float32.

        Returns:
            The gallery.

        Raises:
            InputError: If names are not normalized, or a person or picture occurs twice.
        """
        names = Counter(person.name for person in self.persons)
        if len(names) < len(self.persons):
            raise InputError(f"person {names.most_common(1)[0][0]!r} occurs twice: expected each name once")
        rows = iter(embeddings)
        persons = {
            person.name: [
                EnrolledPicture(next(rows), digest, label, datetime.fromtimestamp(seconds, UTC))
                for label, digest, seconds in person.pictures
            ]
            for person in self.persons
        }
        return Gallery(self.model, persons)
