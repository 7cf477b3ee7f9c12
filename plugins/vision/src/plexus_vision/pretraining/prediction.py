"""Predictions of a pretrained network."""

from plexus import Prediction

SHOWN = 4


class EmbeddingPrediction(Prediction):
    """The features of an image, to search, group or compare images by.

    Attributes:
        embedding: The features; all images have as many.

    Example:
        ```python
        first, second = bundle.predict(images)
        np.dot(first.embedding, second.embedding)
        ```
    """

    embedding: list[float]

    def __str__(self) -> str:
        shown = " ".join(f"{value:.3f}" for value in self.embedding[:SHOWN])
        return f"{len(self.embedding)} features: {shown} …"
