"""Probabilities, predictive values and curves of a model at the prevalence of a population."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from plexus.metrics.binary import predictive_values
from plexus.metrics.label_shift import LabelShift
from plexus.metrics.operating_points import OperatingPoints

GRID = 300
"""Threshold probabilities at which a decision curve is drawn."""
MAX_THRESHOLD = 0.99
"""Largest threshold probability of a decision curve at most: at 1, a false positive would count infinitely."""
MIN_RANGE = 0.05
"""Largest threshold probability of a decision curve at least."""


class Estimate(NamedTuple):
    """A proportion or probability with its interval.

    Attributes:
        value: The number, from 0 to 1.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float
    low: float
    high: float


class DecisionCurve(NamedTuple):
    """Net benefits at threshold probabilities, in true positives per person.

    Attributes:
        thresholds: Threshold probabilities at the prevalence of the population, ascending, shape `(t,)`.
        model: Net benefit of treating from the threshold on, shape `(t,)`.
        treat_all: Net benefit of treating everybody, shape `(t,)`.
    """

    thresholds: np.ndarray
    model: np.ndarray
    treat_all: np.ndarray


@dataclass(frozen=True)
class Population:
    """A population with another prevalence than the training data.

    It is assumed that only the prevalence differs: images with the outcome look like those with it in the training
    data, and so do images without it (prior probability shift, also named label shift).

    Args:
        prevalence: Share of the population with the outcome, between 0 and 1.
        training_prevalence: That of the data to which the probabilities are calibrated.

    Example:
        ```python
        Population(0.01, training_prevalence=0.5).correct(0.9)  # 0.083
        ```
    """

    prevalence: float
    training_prevalence: float

    def correct(self, probability: float) -> float:
        """Correct a probability for the prevalence (Saerens, Latinne & Decaestecker 2002, equation 2.4).

        Args:
            probability: Probability of the outcome, calibrated at the prevalence of the training data.

        Returns:
            The probability in the population.
        """
        return float(LabelShift(self.training_prevalence, self.prevalence).correct(np.array(probability)))

    def predictive_values(self, metrics: Mapping[str, float]) -> tuple[Estimate, Estimate]:
        """Compute PPV and NPV from sensitivity and specificity by Bayes' theorem.

        Both grow with sensitivity and specificity: their bounds follow from those of these two, and cover more than
        95 %.

        Args:
            metrics: `sensitivity` and `specificity`, each followed by `…_low` and `…_high`.

        Returns:
            PPV and NPV; NaN if no result is positive or negative.
        """
        columns = [
            predictive_values(metrics[f"sensitivity{bound}"], metrics[f"specificity{bound}"], self.prevalence)
            for bound in ("", "_low", "_high")
        ]
        ppv, npv = (Estimate(*values) for values in zip(*columns, strict=True))
        return ppv, npv

    def net_benefit(self, points: OperatingPoints, thresholds: np.ndarray) -> np.ndarray:
        """Compute the net benefit of treating from a threshold probability (Vickers & Elkin 2006).

        Args:
            points: The ROC curve, whose thresholds are at the prevalence of the training data.
            thresholds: Threshold probabilities at the prevalence of the population, from 0, below 1, shape `(t,)`.

        Returns:
            Net benefits of shape `(t,)`, in true positives per person; treating nobody has 0.
        """
        uncorrected = LabelShift(self.prevalence, self.training_prevalence).correct(thresholds)
        places = np.searchsorted(-points.thresholds, -uncorrected, side="right") - 1
        false_positive_rates = 1 - points.specificities[places]
        odds = thresholds / (1 - thresholds)
        hits = points.sensitivities[places] * self.prevalence
        return np.asarray(hits - false_positive_rates * (1 - self.prevalence) * odds)

    def net_benefit_at(self, points: OperatingPoints, threshold: float) -> tuple[float, float]:
        """Compute the net benefits at one threshold.

        Args:
            points: As for `net_benefit`.
            threshold: Threshold at the prevalence of the population, from 0 to 1.

        Returns:
            That of the model, and that of treating everybody.
        """
        thresholds = np.array([min(threshold, MAX_THRESHOLD)])
        return float(self.net_benefit(points, thresholds)[0]), float(self._treat_all(thresholds)[0])

    def decision_curve(self, points: OperatingPoints, threshold: float) -> DecisionCurve:
        """Compute the decision curve around the threshold of the model.

        Args:
            points: As for `net_benefit`.
            threshold: Threshold of the model, at the prevalence of the population.

        Returns:
            The curve. Its thresholds end at four times the prevalence or twice the threshold, whichever is larger.
        """
        end = min(max(4 * self.prevalence, 2 * threshold, MIN_RANGE), MAX_THRESHOLD)
        thresholds = np.linspace(0, end, GRID)
        return DecisionCurve(thresholds, self.net_benefit(points, thresholds), self._treat_all(thresholds))

    def _treat_all(self, thresholds: np.ndarray) -> np.ndarray:
        return np.asarray(self.prevalence - (1 - self.prevalence) * thresholds / (1 - thresholds))
