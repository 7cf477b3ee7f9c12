"""A bundle of face recognition as the page uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from plexus import Bundle, InputError
from plexus.codec import Input
from plexus_apps.face_desk.face_task import Face, FaceCodec, FaceGallery, FaceTask

MAX_FACES = 50
"""Most faces of one photo that are shown."""


@dataclass(frozen=True)
class Comparison:
    """The comparison of two faces.

    Attributes:
        similarity: Cosine similarity, -1 to 1.
        probability: Probability that both are of one person, at even odds before the comparison.
        is_match: Whether the similarity reaches the threshold.
    """

    similarity: float
    probability: float
    is_match: bool


@dataclass(frozen=True)
class Identity:
    """The most similar person of a gallery.

    Attributes:
        nearest: Name of the most similar person; empty if the gallery is.
        similarity: Similarity with that person, -1 to 1.
        probability: Probability that the face is of that person, at even odds before the comparison.
        is_known: Whether the similarity reaches the threshold of an identification.
    """

    nearest: str
    similarity: float
    probability: float
    is_known: bool


@dataclass(frozen=True)
class ErrorRates:
    """Error rates by threshold, shape `(n,)` each, by ascending threshold.

    Attributes:
        thresholds: Similarities from which two faces are taken for one person.
        false_match: Share of the pairs of two persons at or above each threshold.
        false_non_match: Share of the pairs of one person below each threshold.
    """

    thresholds: np.ndarray
    false_match: np.ndarray
    false_non_match: np.ndarray

    def at(self, rate: float) -> tuple[float, float, float]:
        """Return the operating point of a false match rate.

        Args:
            rate: The largest false match rate.

        Returns:
            The lowest threshold at which the false match rate is not exceeded, and both error rates there.
        """
        allowed = np.flatnonzero(self.false_match <= rate)
        place = int(allowed[0]) if len(allowed) else len(self.thresholds) - 1
        return float(self.thresholds[place]), float(self.false_match[place]), float(self.false_non_match[place])


class FaceModel:
    """A bundle of face recognition.

    Args:
        bundle: The bundle.

    Example:
        ```python
        model = FaceModel(plexus.load("faces.recognize/orl"))
        model.compare(model.find_faces("a.jpg")[0], model.find_faces("b.jpg")[0]).is_match
        ```
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.task, self.codec = cast(FaceTask, bundle.task), cast(FaceCodec, bundle.codec)

    def find_faces(self, image: Input) -> Sequence[Face]:
        """Detect the faces of an image.

        Args:
            image: The image.

        Returns:
            The faces, the largest first.

        Raises:
            InputError: If there is none, or more than `MAX_FACES`.
        """
        (faces,) = self.task.find_faces(self.bundle.predictor, self.bundle.codec, [image])
        if not 0 < len(faces) <= MAX_FACES:
            detected = f"{len(faces)} faces were" if len(faces) else "no face was"
            raise InputError(f"{detected} detected: expected 1 to {MAX_FACES} faces, upright and frontal")
        return faces

    def compare(self, first: Face, second: Face) -> Comparison:
        """Compare two faces.

        Args:
            first: A face.
            second: Another one.

        Returns:
            The comparison.
        """
        similarity = float(np.clip(first.unit_embedding @ second.unit_embedding, -1, 1))
        probability = self.codec.match_probability(similarity)
        return Comparison(similarity, probability, similarity >= self.codec.threshold)

    def new_gallery(self) -> FaceGallery:
        """Return an empty gallery.

        Returns:
            The gallery.
        """
        return self.task.new_gallery(self.bundle.manifest)

    def identify(self, gallery: FaceGallery, faces: Sequence[Face]) -> list[Identity]:
        """Search the most similar person of each face.

        Args:
            gallery: The gallery.
            faces: The faces.

        Returns:
            One identity per face.
        """
        if not len(gallery):
            return [Identity("", 0.0, 0.0, is_known=False) for _ in faces]
        threshold = self.codec.identification_threshold(len(gallery))
        nearest = [candidates[0] for candidates in gallery.identify(_embeddings(faces))]
        return [
            Identity(name, similarity, self.codec.match_probability(similarity), similarity >= threshold)
            for name, similarity in nearest
        ]

    def group(self, faces: Sequence[Face]) -> list[int]:
        """Group faces that are taken for one person.

        Args:
            faces: The faces.

        Returns:
            Number of the group of each face, from 0 on.
        """
        return self.task.group_faces(self.bundle.codec, faces)

    def enrol(
        self, gallery: FaceGallery, person: str, faces: Sequence[Face], label: str
    ) -> tuple[FaceGallery, list[str]]:
        """Add faces to a person of a gallery.

        Args:
            gallery: The gallery.
            person: The name.
            faces: The faces.
            label: Name of their picture.

        Returns:
            The new gallery, and labels of pictures that the person has already.
        """
        return gallery.enrol(person, [self.task.enrolled_picture(face, label) for face in faces])

    def error_rates(self) -> ErrorRates:
        """Return the error rates by threshold.

        Returns:
            The rates.
        """
        return ErrorRates(*map(np.array, self.task.error_rates(self.bundle.codec)))


def _embeddings(faces: Sequence[Face]) -> np.ndarray:
    return np.stack([face.unit_embedding for face in faces])
