"""The prediction of face recognition."""

from plexus import Prediction


class DetectedFace(Prediction):
    """One face of an image.

    Attributes:
        box: Left, top, right and bottom in pixels of the image: a square, but for rounding.
        confidence: Confidence of the detector, above 0.
        points: Outer and inner corners of the eyes and the base of the nose: x and y in pixels.
        embedding: The embedding of unit length. The similarity of two faces is the dot product of their embeddings.

    Example:
        ```python
        [face.box for face in prediction.faces]
        ```
    """

    box: list[float]
    confidence: float
    points: list[list[float]]
    embedding: list[float]

    def __str__(self) -> str:
        left, top, right, bottom = self.box
        side = (right - left + bottom - top) / 2
        return f"{side:.0f} x {side:.0f} pixels at ({left:.0f}, {top:.0f})"


class FacesPrediction(Prediction):
    """The faces of one image.

    Attributes:
        faces: The faces, the largest first.

    Example:
        ```python
        str(prediction)  # "1 face: 63 x 63 pixels at (14, 31)"
        ```
    """

    faces: list[DetectedFace]

    def __str__(self) -> str:
        if not self.faces:
            return "no face"
        count = f"{len(self.faces)} face" + "s" * (len(self.faces) > 1)
        return f"{count}: {'; '.join(map(str, self.faces))}"
