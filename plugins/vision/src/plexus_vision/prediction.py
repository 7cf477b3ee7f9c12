"""The predicted label of an image, and whether it shows none of the labels."""

from plexus import LabelPrediction


class ImagePrediction(LabelPrediction):
    """The most probable label of an image, the next best, and how far the image is from the training images.

    Attributes:
        none_of_these: Whether the image shows none of the labels: `label` is only the most similar one then. None from
            a model without a limit, of an older version.
        distance: Distance from the training images of the nearest label, in parts of the limit; above 1, the image
            shows none of the labels. None from a model without a limit.

    Example:
        ```python
        prediction = bundle.predict([Path("photo.png")])[0]
        "none of these" if prediction.none_of_these else prediction.label
        ```
    """

    none_of_these: bool | None = None
    distance: float | None = None

    def __str__(self) -> str:
        if not self.none_of_these:
            return super().__str__()
        return f"none of these  (distance {self.distance:.1f}, limit 1; most similar: {self.label})"
