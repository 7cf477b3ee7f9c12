"""Predicted probabilities of an event."""

from plexus_tables.prediction import TableLabelPrediction


class EventPrediction(TableLabelPrediction):
    """The probability of the event for a row.

    Attributes:
        label: The event if the risk reaches the threshold, else the other label.
        probability: Probability of the label, from 0 to 1.
        alternatives: The other label with its probability.
        risk: Probability of the event, from 0 to 1.
        low: Lower end of the Venn-Abers interval of the probability (Vovk & Petej 2014), extended to the risk. It is no
            confidence interval.
        high: Upper end.
        positive: Whether the risk reaches the threshold.
        event: The label of the event.
        threshold: Probability of the event from which a row is positive, from 0 to 1.

    Example:
        ```python
        prediction = bundle.predict([{"glucose": 150, "bmi": 33.1, "age": 41}])[0]
        prediction.risk, prediction.positive
        ```
    """

    risk: float
    low: float
    high: float
    positive: bool
    event: str
    threshold: float

    def __str__(self) -> str:
        reached = "at or above" if self.positive else "below"
        interval = f"interval {self.low:.1%} to {self.high:.1%}"
        decision = f"{reached} the threshold {self.threshold:.1%}"
        text = f"probability of {self.event}: {self.risk:.1%}  ({interval}), {decision}"
        return text + "".join(f"  ! {warning}" for warning in self.warnings)
