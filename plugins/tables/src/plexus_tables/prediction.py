"""Predictions for the rows of tables."""

from plexus.prediction import LabelPrediction


class TableLabelPrediction(LabelPrediction):
    """The predicted label of a row.

    Attributes:
        label_set: Labels that hold the true one in the stated share of rows; one label if the model is sure.
        warnings: How the row differs from the training data.

    Example:
        ```python
        prediction = bundle.predict([{"age": 140, "sex": "f"}])[0]
        prediction.warnings  # ("age 140 is outside the training range 18-92",)
        ```
    """

    label_set: tuple[str, ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        text = super().__str__()
        if len(self.label_set) > 1:
            text += f"  [one of {', '.join(self.label_set)}]"
        return text + "".join(f"  ! {warning}" for warning in self.warnings)
