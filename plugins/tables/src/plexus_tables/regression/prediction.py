"""Predicted numbers for the rows of tables."""

from plexus.tasks.regression_codec import NumberPrediction
from plexus.utils.formatting import number


class TableNumberPrediction(NumberPrediction):
    """The predicted number of a row.

    Attributes:
        low: Lower bound of the interval that holds the true number in the stated share of rows; None if there are too
            few training rows for one.
        high: Upper bound.
        warnings: How the row differs from the training data.

    Example:
        ```python
        prediction = bundle.predict([{"rooms": 5, "area": 120}])[0]
        prediction.low, prediction.value, prediction.high
        ```
    """

    low: float | None
    high: float | None
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        interval = "" if self.low is None or self.high is None else f"  ({number(self.low)} to {number(self.high)})"
        return super().__str__() + interval + "".join(f"  ! {warning}" for warning in self.warnings)
