"""Interfaces that the app requires of a task and its codec: faces of images, galleries, and decisions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

if TYPE_CHECKING:
    from plexus import Codec, Predictor
    from plexus.codec import Input, JsonObject


class Face(Protocol):
    """A face in an image.

    Attributes:
        box: Left, top, right and bottom in pixels of the image.
        chip: The aligned face, bytes of shape `(150, 150, 3)`.
    """

    box: tuple[float, float, float, float]
    chip: np.ndarray

    @property
    def unit_embedding(self) -> np.ndarray:
        """The embedding of unit length, shape `(d,)`."""
        ...


class FaceGallery(Protocol):
    """Templates of persons; `enrol` and `forget` return another gallery."""

    def __len__(self) -> int: ...

    @property
    def persons(self) -> Mapping[str, Sequence[object]]:
        """Pictures by name of the person."""
        ...

    def enrol(self, person: str, pictures: Sequence[object]) -> tuple[Self, list[str]]:
        """Add pictures to a person.

        Args:
            person: The name.
            pictures: Records of `FaceTask.enrolled_picture`.

        Returns:
            The new gallery, and labels of pictures that the person has already.
        """
        ...

    def forget(self, person: str) -> Self:
        """Remove a person.

        Args:
            person: The name.

        Returns:
            The new gallery.
        """
        ...

    def identify(self, embeddings: np.ndarray, top: int = 1) -> list[list[tuple[str, float]]]:
        """Search the persons with the most similar templates.

        Args:
            embeddings: Unit vectors of shape `(n, d)`.
            top: Number of candidates for each face.

        Returns:
            Names and similarities for each face, the most similar first.
        """
        ...


class FaceCodec(Protocol):
    """The codec of a task of faces.

    Attributes:
        threshold: The similarity from which two faces are taken for one person.
        false_match_rate: The share of pairs of different persons for which the threshold was fitted.
        identification_rate: The share of faces of unknown persons for which an identification may return a person.
    """

    threshold: float
    false_match_rate: float
    identification_rate: float

    def match_probability(self, similarity: float) -> float:
        """Return the probability that two faces are of one person, at even odds before the comparison.

        Args:
            similarity: Cosine similarity.

        Returns:
            The probability.
        """
        ...

    def identification_threshold(self, persons: int) -> float:
        """Return the similarity from which a face is taken for the nearest person of a gallery.

        Args:
            persons: Number of persons in the gallery.

        Returns:
            The similarity.
        """
        ...


class FaceTask(Protocol):
    """A task that detects and embeds faces; `faces.recognize` is one."""

    def find_faces(self, predictor: "Predictor", codec: "Codec", inputs: "Sequence[Input]") -> Sequence[Sequence[Face]]:
        """Detect all faces of images and compute their embeddings.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: The images.

        Returns:
            The faces of each image, the largest first.
        """
        ...

    def group_faces(self, codec: "Codec", faces: Sequence[Face]) -> list[int]:
        """Group faces that are taken for one person.

        Args:
            codec: The codec.
            faces: The faces.

        Returns:
            Number of the group of each face, from 0 on.
        """
        ...

    def enrolled_picture(self, face: Face, label: str) -> object:
        """Return the record of a face for a gallery.

        Args:
            face: The face.
            label: Name of its picture.

        Returns:
            The record.
        """
        ...

    def new_gallery(self, manifest: "JsonObject") -> FaceGallery:
        """Return an empty gallery for a bundle.

        Args:
            manifest: The manifest of the bundle.

        Returns:
            The gallery.
        """
        ...

    def error_rates(self, codec: "Codec") -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        """Return the error rates that were measured in the calibration.

        Args:
            codec: The codec.

        Returns:
            Thresholds, ascending, with the false match rate and the false non-match rate of each.
        """
        ...
