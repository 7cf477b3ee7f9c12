"""Conversion between images, aligned faces and embeddings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from plexus import Codec, InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus_faces.calibration import SimilarityCalibration
from plexus_faces.codec_state import FaceState
from plexus_faces.face import Face
from plexus_faces.face_finder import find_faces, main_face
from plexus_faces.package_data import alignment_checksum
from plexus_faces.prediction import DetectedFace, FacesPrediction


class FaceCodec(Codec):
    """Images to aligned faces of shape `(n, 150, 150, 3)`, and embeddings to faces with a decision threshold.

    Args:
        false_match_rate: The share of pairs of different persons above the threshold of a verification.
        identification_rate: The share of faces of persons that are not enrolled which an identification may return a
            person for (false positive identification rate).
        calibration: Threshold and probability of similarities; None before `calibrate`.
        alignment: Checksum of the detector and the landmarks that the model was trained with; by default of those of
            this version.

    Example:
        ```python
        codec.encode([Path("anna.jpg")])["face"].shape  # (1, 150, 150, 3)
        codec.match_probability(0.93)
        ```
    """

    state = FaceState

    def __init__(
        self,
        false_match_rate: float = 1e-3,
        identification_rate: float = 0.01,
        calibration: SimilarityCalibration | None = None,
        alignment: str | None = None,
    ) -> None:
        self.false_match_rate, self.identification_rate = false_match_rate, identification_rate
        self.alignment = alignment or alignment_checksum()
        self._calibration = calibration

    @property
    def is_calibrated(self) -> bool:
        """Whether threshold and probabilities have been fitted."""
        return self._calibration is not None

    @property
    def calibration(self) -> SimilarityCalibration:
        """Threshold and probability of similarities.

        Returns:
            The calibration.

        Raises:
            ValueError: If the codec has not been calibrated.
        """
        if self._calibration is None:
            raise ValueError("the codec is not calibrated: Task.calibrate fits its threshold")
        return self._calibration

    @property
    def threshold(self) -> float:
        """The similarity from which two faces are taken for one person, at the stated false match rate."""
        return self.calibration.threshold

    def with_calibration(self, calibration: SimilarityCalibration) -> Self:
        """Return a codec with a calibration.

        Args:
            calibration: Threshold and probability of similarities.

        Returns:
            A new codec.
        """
        return type(self)(self.false_match_rate, self.identification_rate, calibration, self.alignment)

    def match_probability(self, similarity: float) -> float:
        """Return the probability that two faces are of one person, if as many pairs are of one person as of two.

        Args:
            similarity: Cosine similarity of the embeddings, from -1 to 1.

        Returns:
            The probability.
        """
        return self.calibration.match_probability(similarity)

    def identification_threshold(self, persons: int) -> float:
        """Return the similarity from which a face is taken for the nearest person of a gallery.

        The more persons, the more similar the nearest one is by chance.

        Args:
            persons: Number of persons in the gallery.

        Returns:
            The similarity at which the false positive identification rate is the stated one.
        """
        return self.calibration.identification_threshold(persons, self.identification_rate)

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Return the aligned face of each input.

        Args:
            inputs: Faces, or images with one face each; see `plexus.data.images.read_image`.

        Returns:
            `face`: bytes of shape `(n, 150, 150, 3)`.

        Raises:
            InputError: If an image cannot be read, or shows no face or several; the line names it.
        """
        self._require_alignment()
        images = [raw for raw in inputs if not isinstance(raw, Face)]
        detections = iter([main_face(image, faces) for image, faces in zip(images, find_faces(images), strict=True)])
        faces = [raw if isinstance(raw, Face) else next(detections) for raw in inputs]
        return {"face": np.stack([face.chip for face in faces])}

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> list[FacesPrediction]:
        """Return one prediction with one face per input.

        Args:
            outputs: `embedding` of shape `(n, d)`.
            inputs: Faces, or images with one face each.

        Returns:
            The predictions.
        """
        faces = [raw if isinstance(raw, Face) else main_face(raw, find_faces([raw])[0]) for raw in inputs]
        return [self.describe([face]) for face in self.embed(outputs, faces)]

    def embed(self, outputs: Arrays, faces: Sequence[Face]) -> list[Face]:
        """Return faces with their embeddings.

        Args:
            outputs: `embedding` of shape `(n, d)`, of these faces.
            faces: The faces.

        Returns:
            Faces with embeddings of unit length.
        """
        return [replace(face, embedding=row) for face, row in zip(faces, unit_rows(outputs["embedding"]), strict=True)]

    def describe(self, faces: Sequence[Face]) -> FacesPrediction:
        """Return the prediction for one image.

        Args:
            faces: Its faces with their embeddings.

        Returns:
            The prediction.
        """
        return FacesPrediction(
            faces=[
                DetectedFace(
                    box=[round(side, 1) for side in face.box],
                    confidence=round(face.confidence, 4),
                    points=np.round(face.points, 1).tolist(),
                    embedding=np.round(face.unit_embedding.astype(float), 6).tolist(),
                )
                for face in faces
            ]
        )

    def to_json(self) -> JsonObject:
        """Return rates, calibration and the checksum of the alignment.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "alignment": self.alignment,
            "false_match_rate": self.false_match_rate,
            "identification_rate": self.identification_rate,
            "calibration": self._calibration.to_json() if self._calibration else None,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        calibration = state["calibration"]
        return cls(
            state["false_match_rate"],
            state["identification_rate"],
            SimilarityCalibration.from_json(calibration) if calibration else None,
            state["alignment"],
        )

    def _require_alignment(self) -> None:
        if self.alignment != alignment_checksum():
            raise InputError(
                "this model was trained on faces that another version of plexus-faces has aligned: install the version "
                "that its bundle.json names, or train it again"
            )


def unit_rows(embeddings: np.ndarray) -> np.ndarray:
    """Scale embeddings to unit length.

    Args:
        embeddings: Shape `(n, d)`.

    Returns:
        Rows of unit length, float32.
    """
    rows = embeddings.astype(np.float64)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
