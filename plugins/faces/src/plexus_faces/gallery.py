"""A gallery: templates of enrolled persons, and the search for the nearest."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

import numpy as np

from plexus import InputError
from plexus.errors import unknown
from plexus_faces.enrolled_picture import EnrolledPicture

MAX_NAME = 100
"""Characters of a person's name."""
MAX_PERSONS, MAX_PICTURES, MAX_DIMENSION = 100_000, 200_000, 1024
_MAX_SCORES = 1 << 24
"""Similarities that are in memory at once."""


class Gallery:
    """Templates of persons. A gallery is never changed: `enrol` and `forget` return another one.

    The template of a person is the mean of the embeddings of their pictures, scaled to unit length.

    Args:
        model: Fingerprint of the embedder: the SHA-256 checksum of its network, 64 hexadecimal digits.
        persons: Pictures by name of the person; each person has one or more.

    Raises:
        InputError: If a name is not valid, the same picture occurs twice, embeddings differ in size, or there are too
            many persons or pictures.

    Example:
        ```python
        gallery, skipped = Gallery(model).enrol("Anna", [EnrolledPicture.of(embedding, content, "1.jpg")])
        gallery.identify(embeddings)  # [[("Anna", 0.97)]]
        ```
    """

    def __init__(self, model: str, persons: Mapping[str, Sequence[EnrolledPicture]] | None = None) -> None:
        self.model = model
        self._persons = {name: tuple(pictures) for name, pictures in (persons or {}).items()}
        self._check()

    def __len__(self) -> int:
        return len(self._persons)

    @property
    def persons(self) -> Mapping[str, tuple[EnrolledPicture, ...]]:
        """Return the enrolled persons.

        Returns:
            Pictures by name, in the order of enrolment.
        """
        return MappingProxyType(self._persons)

    @cached_property
    def embeddings(self) -> np.ndarray:
        """Return the embeddings of all pictures.

        Returns:
            Unit vectors of shape `(pictures, d)`, float32, in the order of `persons`; `(0, 0)` of an empty gallery.
        """
        vectors = [picture.embedding for pictures in self._persons.values() for picture in pictures]
        return np.stack(vectors) if vectors else np.zeros((0, 0), np.float32)

    @cached_property
    def templates(self) -> np.ndarray:
        """Return the templates of all persons.

        Returns:
            Unit vectors of shape `(persons, d)`, float32, in the order of `persons`; `(0, 0)` of an empty gallery.
        """
        counts = [len(pictures) for pictures in self._persons.values()]
        if not counts:
            return self.embeddings
        sums = np.add.reduceat(self.embeddings, np.cumsum([0, *counts[:-1]]), axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)

    def enrol(self, person: str, pictures: Sequence[EnrolledPicture]) -> tuple["Gallery", list[str]]:
        """Add pictures to a person, who may be enrolled already.

        Args:
            person: The name; Unicode is normalized (NFC), as are spaces.
            pictures: One or more pictures of the person.

        Returns:
            The new gallery, and the labels of the pictures that are skipped because the person has them already.

        Raises:
            InputError: If there is no picture, the name is not valid, a picture is enrolled under another name, the
                embeddings are of another size, or the gallery is full.
        """
        name, owners = person_name(person), self._owners
        if not pictures:
            raise InputError(f"{name}: expected one or more images to enrol, got none")
        added: dict[str, EnrolledPicture] = {}
        skipped = []
        for picture in pictures:
            owner = owners.get(picture.sha256, name)
            if owner != name:
                raise InputError(
                    f"{picture.label} is enrolled as {owner!r} already, now as {name!r}: forget {owner!r} first, "
                    "or leave the image out"
                )
            if picture.sha256 in owners or picture.sha256 in added:
                skipped.append(picture.label)
            else:
                added[picture.sha256] = picture
        enrolled = (*self._persons.get(name, ()), *added.values())
        return Gallery(self.model, self._persons | {name: enrolled}), skipped

    def forget(self, person: str) -> "Gallery":
        """Remove a person and all their pictures.

        Args:
            person: The name.

        Returns:
            The new gallery.

        Raises:
            InputError: If the name is not valid, or there is no such person; the line lists the nearest names.
        """
        name = person_name(person)
        if name not in self._persons:
            raise unknown("person", name, self._persons)
        return Gallery(self.model, {other: pictures for other, pictures in self._persons.items() if other != name})

    def identify(self, embeddings: np.ndarray, top: int = 1) -> list[list[tuple[str, float]]]:
        """Search the persons with the most similar templates.

        Args:
            embeddings: Unit vectors of shape `(n, d)`.
            top: Number of candidates for each face, at least 1.

        Returns:
            For each face at most `top` names with their cosine similarities, in [-1, 1], the most similar first. None
            is left out for a low similarity: compare it with a threshold that fits the size of the gallery.

        Raises:
            InputError: If the embeddings are of another size than those of the gallery.
        """
        queries = np.asarray(embeddings, np.float32)
        if not len(self) or not len(queries):
            return [[] for _ in queries]
        dimension = self.templates.shape[1]
        if queries.ndim != 2 or queries.shape[1] != dimension:
            raise InputError(f"expected embeddings of shape (n, {dimension}), got {queries.shape}")
        rows = max(1, _MAX_SCORES // len(self))
        blocks = (queries[start : start + rows] @ self.templates.T for start in range(0, len(queries), rows))
        return [self._candidates(similarities, top) for block in blocks for similarities in block]

    def _candidates(self, similarities: np.ndarray, top: int) -> list[tuple[str, float]]:
        count = min(top, len(similarities))
        nearest = np.argpartition(similarities, len(similarities) - count)[-count:]
        nearest = nearest[np.lexsort((nearest, -similarities[nearest]))]
        return [(self._names[place], float(np.clip(similarities[place], -1, 1))) for place in nearest]

    @cached_property
    def _names(self) -> list[str]:
        return list(self._persons)

    @cached_property
    def _owners(self) -> dict[str, str]:
        """Names of persons by checksum of a picture."""
        return {picture.sha256: name for name, pictures in self._persons.items() for picture in pictures}

    def _check(self) -> None:
        for name, person in self._persons.items():
            if name != person_name(name) or not person:
                raise InputError(f"person {name!r}: expected a normalized name (NFC) and one or more images")
        pictures = [picture for person in self._persons.values() for picture in person]
        if len(self) > MAX_PERSONS or len(pictures) > MAX_PICTURES:
            raise InputError(
                f"a gallery has at most {MAX_PERSONS:,} persons and {MAX_PICTURES:,} images, "
                f"got {len(self):,} and {len(pictures):,}"
            )
        if len(self._owners) != len(pictures):
            raise InputError("the same image is enrolled twice: enrol each image once")
        shapes = {picture.embedding.shape for picture in pictures}
        if len(shapes) > 1 or any(len(shape) != 1 or not 0 < shape[0] <= MAX_DIMENSION for shape in shapes):
            raise InputError(f"expected embeddings of one size from 1 to {MAX_DIMENSION}, got {sorted(shapes)}")


def person_name(text: str) -> str:
    """Normalize the name of a person, so that one person has one spelling.

    Args:
        text: The name, in any script; it never becomes a path.

    Returns:
        The name in Unicode normalization form C, with single spaces.

    Raises:
        InputError: If it is empty, longer than `MAX_NAME` characters, or has characters that cannot be printed.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 0 < len(name) <= MAX_NAME:
        raise InputError(f"expected a name of 1 to {MAX_NAME} characters, got {len(name):,}: shorten or complete it")
    if not name.isprintable():
        raise InputError(f"name {name!r}: expected printable characters, got control or invisible ones: remove them")
    return name
