"""The prediction of object detection."""

from collections import Counter

from plexus import Prediction


class DetectedObject(Prediction):
    """One object of an image.

    Attributes:
        label: The label.
        box: Left, top, right and bottom in pixels of the image.
        probability: Calibrated probability that the image has an object of this label at the box.

    Example:
        ```python
        [object.box for object in prediction.objects if object.label == "RBC"]
        ```
    """

    label: str
    box: list[float]
    probability: float

    def __str__(self) -> str:
        left, top, right, bottom = self.box
        return (
            f"{self.label} {self.probability:.0%}, {right - left:.0f} x {bottom - top:.0f} at ({left:.0f}, {top:.0f})"
        )


class DetectionPrediction(Prediction):
    """The objects of one image.

    Attributes:
        objects: The objects, the most probable first.
        counts: Number of objects by label, of all labels of the model.

    Example:
        ```python
        str(prediction)  # "12 RBC, 1 WBC"
        ```
    """

    objects: list[DetectedObject]
    counts: dict[str, int]

    def __str__(self) -> str:
        counts = Counter({label: count for label, count in self.counts.items() if count})
        return ", ".join(f"{count:,} {label}" for label, count in counts.most_common()) or "no object"
