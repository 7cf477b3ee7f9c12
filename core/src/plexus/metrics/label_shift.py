"""Correction of probabilities for another prevalence than that of the training data."""

from typing import NamedTuple

import numpy as np

from plexus.errors import InputError
from plexus.metrics.intervals import CONFIDENCE

TOLERANCE, MAX_STEPS = 1e-9, 10_000
"""The EM algorithm ends where a step changes the prevalence by less, or after so many steps."""


class LabelShift(NamedTuple):
    """The change of the prevalence between training and use: the log-odds of all probabilities change by a constant.

    It is right where rows with and without the outcome look as in training, and only their shares differ (Saerens,
    Latinne & Decaestecker 2002, doi:10.1162/089976602753284446). A screening has milder cases than a hospital, too: a
    corrected probability is no substitute for a calibration on data of the place where the model is used.

    Attributes:
        training: Prevalence of the training data, between 0 and 1.
        prevalence: Prevalence where the model is used, between 0 and 1.

    Example:
        ```python
        shift = LabelShift(training=0.74, prevalence=0.1)
        shift.correct(np.array([0.74]))  # [0.1]
        ```
    """

    training: float
    prevalence: float

    def correct(self, probabilities: np.ndarray) -> np.ndarray:
        """Correct probabilities of the outcome, or a threshold, which is then reached by the same rows.

        Args:
            probabilities: Probabilities for the prevalence of the training data, of any shape.

        Returns:
            Probabilities for the other prevalence, in float64 and of the same shape; 0 and 1 stay what they are.
        """
        cases, others = _likelihoods(probabilities, self.training)
        cases, others = cases * self.prevalence, others * (1 - self.prevalence)
        return np.asarray(cases / (cases + others))


def estimate_prevalence(probabilities: np.ndarray, training: float) -> tuple[float, float]:
    """Estimate the prevalence of rows without labels by the EM algorithm of Saerens et al. 2002.

    It is the prevalence of the largest likelihood, which has one maximum. The probabilities have to be calibrated for
    the training data; the rows have to be a sample of those of the place, not selected by the model.

    Args:
        probabilities: Calibrated probabilities for the prevalence of the training data, shape `(n,)`, at least one.
        training: Prevalence of the training data, between 0 and 1.

    Returns:
        The prevalence, and its standard error by the observed information; infinite if the rows say nothing.

    Raises:
        InputError: If there are no probabilities, or one is not a number from 0 to 1.
    """
    values = np.asarray(probabilities)
    if not values.size or not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"prevalence: expected one or more probabilities from 0 to 1, got {_described(values)}")
    cases, others = _likelihoods(probabilities, training)
    prevalence = training
    for _ in range(MAX_STEPS):
        mixed = cases * prevalence + others * (1 - prevalence)
        updated = float(np.mean(cases * prevalence / mixed))
        if abs(updated - prevalence) < TOLERANCE:
            break
        prevalence = updated
    mixed = cases * prevalence + others * (1 - prevalence)
    information = float(np.sum(((cases - others) / mixed) ** 2))
    return prevalence, information**-0.5 if information > 0 else np.inf


def label_shift_metrics(probabilities: np.ndarray, outcomes: np.ndarray, training: float) -> dict[str, float]:
    """Compute the estimated prevalence of labelled rows, and how good corrected probabilities are.

    Args:
        probabilities: Probabilities for the prevalence of the training data, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`; the estimate does not look at them.
        training: Prevalence of the training data, between 0 and 1.

    Returns:
        `estimated_prevalence` with its 95 % interval `…_low` and `…_high`, and `corrected_log_loss` and
        `corrected_brier`, those of the probabilities that are corrected to the estimate.
    """
    from scipy.stats import norm

    prevalence, error = estimate_prevalence(probabilities, training)
    half = float(norm.ppf(0.5 + CONFIDENCE / 2)) * error
    corrected = LabelShift(training, prevalence).correct(probabilities)
    of_outcome = np.where(outcomes == 1, corrected, 1 - corrected)
    return {
        "estimated_prevalence": prevalence,
        "estimated_prevalence_low": max(prevalence - half, 0.0),
        "estimated_prevalence_high": min(prevalence + half, 1.0),
        "corrected_log_loss": float(-np.log(np.maximum(of_outcome, np.finfo(np.float64).eps)).mean()),
        "corrected_brier": float(np.mean((1 - of_outcome) ** 2)),
    }


def _likelihoods(probabilities: np.ndarray, training: float) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers that are proportional to the likelihoods of the rows with and without the outcome."""
    exact = np.asarray(probabilities, np.float64)
    return exact / training, (1 - exact) / (1 - training)


def _described(values: np.ndarray) -> str:
    invalid = values[~((values >= 0) & (values <= 1))]
    return f"{invalid.flat[0]:g}" if values.size else "none"
