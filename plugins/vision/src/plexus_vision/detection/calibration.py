"""Probability that a detection is correct."""

from typing import NamedTuple, Self

import numpy as np

from plexus_vision.detection.matches import Matches

MIN_ROWS = 30
"""Correct and wrong detections of a class that a regression of its own takes; rarer classes get the shared one."""
MIN_SCORE = 0.05
"""Detections below this score are left out of the fit: they are many, and no threshold is as low."""
EDGE = 1e-6
"""Scores nearer to 0 or 1 count as this far from it, as those of 0 and 1 have no log odds."""


class ScoreCalibration(NamedTuple):
    """Logistic regression of whether a detection is correct on the log odds of its score, for each class.

    That is logistic calibration of the confidence only (Küppers et al. 2020, arXiv:2004.13546, section 3.2). A
    detection is correct if its IoU with a box of its label that no more confident one matches is 0.5 or more.

    Attributes:
        slopes: Slope per class, above 0, so that the order of the detections of a class stays.
        intercepts: Intercept per class, in log odds.

    Example:
        ```python
        calibration = ScoreCalibration.fit(matches)
        calibration.probability(detections.scores, detections.classes)
        ```
    """

    slopes: list[float]
    intercepts: list[float]

    @classmethod
    def fit(cls, matches: Matches) -> Self:
        """Fit the regressions.

        Args:
            matches: Matches of the validation split.

        Returns:
            The calibration. A class with few correct or wrong detections gets the regression of all classes together;
            if that is not defined either, the score is the probability.
        """
        from plexus.metrics.recalibration import logistic_recalibration

        rows = (matches.scores >= MIN_SCORE) & ~matches.ignored[0]
        scores, classes, correct = matches.scores[rows], matches.classes[rows], matches.correct[0, rows]
        shared = _rising(*logistic_recalibration(scores, correct)) or (1.0, 0.0)
        fits = []
        for k in range(len(matches.labels)):
            own = classes == k
            enough = min(np.sum(correct[own]), np.sum(~correct[own])) >= MIN_ROWS
            fits.append((enough and _rising(*logistic_recalibration(scores[own], correct[own]))) or shared)
        return cls([slope for slope, _ in fits], [intercept for _, intercept in fits])

    def probability(self, scores: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Compute the probability that detections are correct.

        Args:
            scores: Scores from 0 to 1, shape `(n,)`.
            classes: Class indices, shape `(n,)`.

        Returns:
            Probabilities from 0 to 1, shape `(n,)`.
        """
        clipped = np.clip(np.asarray(scores, np.float64), EDGE, 1 - EDGE)
        logits = np.array(self.slopes)[classes] * np.log(clipped / (1 - clipped)) + np.array(self.intercepts)[classes]
        return _logistic(logits)

    def scores(self, probability: float) -> np.ndarray:
        """Compute the scores that have a probability.

        Args:
            probability: Probability that a detection is correct, above 0 and below 1.

        Returns:
            Score of each class from 0 to 1, shape `(classes,)`.
        """
        log_odds = np.log(probability / (1 - probability))
        return _logistic((log_odds - np.array(self.intercepts)) / np.array(self.slopes))


def calibration_error(probabilities: np.ndarray, correct: np.ndarray) -> float:
    """Compute the expected calibration error of detections (Küppers et al. 2020, equation 5, of the confidence only).

    Args:
        probabilities: Probabilities that the detections are correct, at least one, shape `(n,)`.
        correct: Whether they are, shape `(n,)`.

    Returns:
        The error, from 0 to 1.
    """
    from plexus.metrics.calibration import expected_calibration_error

    return expected_calibration_error(probabilities[:, None], np.where(correct, 0, 1))


def _logistic(logits: np.ndarray) -> np.ndarray:
    # In a form that does not overflow; predicting does not import SciPy.
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits))


def _rising(slope: float, intercept: float) -> tuple[float, float] | None:
    """Return the regression if it is defined and rises with the score."""
    return (slope, intercept) if slope > 0 else None
