"""Result for one transaction: whether it is flagged, the probability of fraud and the reasons."""

from plexus import Prediction

UNUSUAL = 0.999
"""Share of the normal training transactions with a smaller anomaly score, from which a transaction is unusual."""


class FraudPrediction(Prediction):
    """The prediction for a transaction.

    Attributes:
        fraud: Whether it is flagged: its expected loss exceeds the cost of a review.
        probability: Calibrated probability of fraud.
        unusual: Anomaly score: share of the normal training transactions that the autoencoder reconstructs better. It
            needs no example of a fraud.
        reasons: Features that raised the probability of a flagged transaction most.

    Example:
        ```python
        prediction = bundle.predict([transaction])[0]
        print(prediction.probability, prediction.reasons)
        ```
    """

    fraud: bool
    probability: float
    unusual: float
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        flag = "FRAUD?" if self.fraud else "ok"
        unusual = "  (unlike the training data)" if self.unusual >= UNUSUAL else ""
        reasons = f"  {'; '.join(self.reasons)}" if self.reasons else ""
        return f"{flag}  {self.probability:.2%}{unusual}{reasons}"
