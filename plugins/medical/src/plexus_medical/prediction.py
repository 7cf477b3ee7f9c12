"""Predicted probabilities of an outcome, or the reason why an image is not answered."""

from collections.abc import Sequence

import numpy as np

from plexus.prediction import Columns, LabelPrediction

NOT_ANSWERED = "not answered"
"""Label of the predictions without an answer."""


class MedicalPrediction(LabelPrediction):
    """The probability of the outcome for an image.

    The model abstains from images that differ from those that it learned from: `label` is `NOT_ANSWERED`, `probability`
    is 0, and `risk`, `low`, `high` and `positive` are None, so that no program takes them for an answer. It also
    abstains where its decision is too uncertain, if that was asked for; there, the risk and its interval are stated.

    Attributes:
        label: The outcome if the risk reaches the threshold, else the other label; `NOT_ANSWERED` without an answer.
        probability: Probability of the label, from 0 to 1; 0 if the model abstains.
        alternatives: The other labels with their probabilities.
        risk: Probability of the outcome, from 0 to 1; None if the image is out of distribution.
        low: Lower end of the Venn-Abers interval of the probability (Vovk & Petej 2014), extended to the risk. It is no
            confidence interval.
        high: Upper end.
        positive: Whether the risk reaches the threshold; None if the model abstains.
        event: The label of the outcome.
        threshold: Probability of the outcome from which an image is positive, from 0 to 1.
        prevalence: Prevalence of the outcome that the probabilities were corrected to; None: that of the training data.
        abstained: Whether the model does not answer.
        warnings: Why the model does not answer, and what of the image was cut off.

    Example:
        ```python
        prediction = bundle.predict([Path("chest.dcm")])[0]
        prediction.abstained or (prediction.risk, prediction.positive)
        ```
    """

    risk: float | None
    low: float | None
    high: float | None
    positive: bool | None
    event: str
    threshold: float
    prevalence: float | None
    abstained: bool
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        reasons = "".join(f"  ! {warning}" for warning in self.warnings)
        if self.risk is None or self.low is None or self.high is None:
            return NOT_ANSWERED + reasons
        interval = f"interval {_percent(self.low)} to {_percent(self.high)}"
        prevalence = "" if self.prevalence is None else f", for a prevalence of {_percent(self.prevalence)}"
        text = f"probability of {self.event}: {_percent(self.risk)}  ({interval}{prevalence})"
        if self.positive is None:
            return f"{NOT_ANSWERED}: {text}" + reasons
        reached = "at or above" if self.positive else "below"
        return f"{text}, {reached} the threshold {_percent(self.threshold)}" + reasons


def medical_columns(
    labels: Sequence[str],
    risks: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    threshold: float,
    *,
    unlike: Sequence[str] | None = None,
    uncertain: Sequence[str] | None = None,
    cut: Sequence[str] | None = None,
    prevalence: float | None = None,
) -> Columns:
    """Return the fields of predictions.

    Args:
        labels: The negative and the positive label.
        risks: Probabilities of the outcome, shape `(n,)`.
        bounds: Lower and upper ends of their intervals, shape `(n,)` each.
        threshold: Probability from which an image is positive.
        unlike: Why each image is out of distribution, the result of `OutOfDistribution.reasons`; empty texts for those
            that are not. None: none is.
        uncertain: Why the decision for each image is too uncertain, the result of `Abstention.reasons`, in the same
            form.
        cut: What of each image was cut off, the result of `cut_warning`, in the same form.
        prevalence: Prevalence that the probabilities were corrected to; None: they were not.

    Returns:
        The fields of `MedicalPrediction`: for `MedicalPrediction.from_columns`.
    """
    count = len(risks)
    unlike, uncertain, cut = (texts or [""] * count for texts in (unlike, uncertain, cut))
    rounded = [np.round(values.astype(np.float64), 6).tolist() for values in (risks, *bounds)]
    rows = [
        _fields(labels, risk, threshold, bool(other), bool(other or unsure))
        for risk, other, unsure in zip(risks.tolist(), unlike, uncertain, strict=True)
    ]
    stated = [[None if reason else value for value, reason in zip(values, unlike, strict=True)] for values in rounded]
    return {
        **{name: [row[name] for row in rows] for name in ("label", "probability", "alternatives")},
        **dict(zip(("risk", "low", "high"), stated, strict=True)),
        "positive": [row["positive"] for row in rows],
        "event": [labels[1]] * count,
        "threshold": np.full(count, threshold),
        "prevalence": [prevalence] * count,
        "abstained": [row["positive"] is None for row in rows],
        # The decision for an image that is out of distribution has no meaning, nor has its uncertainty.
        "warnings": [
            tuple(filter(None, (other or unsure, part)))
            for other, unsure, part in zip(unlike, uncertain, cut, strict=True)
        ],
    }


def _fields(labels: Sequence[str], risk: float, threshold: float, unlike: bool, abstained: bool) -> dict[str, object]:
    """Return what depends on whether an image is answered."""
    by_label = {labels[1]: round(risk, 6), labels[0]: round(1 - risk, 6)}
    if abstained:
        alternatives = {} if unlike else by_label
        return {"label": NOT_ANSWERED, "probability": 0.0, "alternatives": alternatives, "positive": None}
    label = labels[int(risk >= threshold)]
    probability = by_label.pop(label)
    return {"label": label, "probability": probability, "alternatives": by_label, "positive": risk >= threshold}


def _percent(share: float) -> str:
    """Return a share in percent; one near 0 or 1 with more decimals: it is neither impossible nor certain."""
    if share in (0, 1):
        return f"{share:.0%}"
    if 0.01 <= share <= 0.99:
        return f"{share:.1%}"
    return f"{share:.2%}" if 5e-5 <= share <= 1 - 5e-5 else "below 0.01%" if share < 0.5 else "above 99.99%"
