"""Probability that two samples are of one person."""

import math
from typing import NamedTuple, Self

import numpy as np

from plexus.errors import InputError


class MatchCalibration(NamedTuple):
    """Logistic regression of whether a comparison is genuine on its similarity.

    Genuine and impostor comparisons have equal weight: the probability is that of a prior of 0.5, and its log odds
    `slope * similarity + intercept` are the logarithm of the likelihood ratio (Brümmer & du Preez 2006,
    doi:10.1016/j.csl.2005.08.001). At another prior, `log(prior / (1 - prior))` is added to them.

    Attributes:
        slope: Log odds per unit of similarity, 0 or more: the probability never falls with the similarity.
        intercept: Log odds at similarity 0.

    Example:
        ```python
        calibration = MatchCalibration.fit(similarities, genuine)
        calibration.probability(0.9)
        ```
    """

    slope: float
    intercept: float

    @classmethod
    def fit(cls, similarities: np.ndarray, genuine: np.ndarray) -> Self:
        """Fit the regression.

        Its targets are those of Platt (1999, section 2.2): with n genuine comparisons, their target is
        (n + 1) / (n + 2) instead of 1, and 1 / (m + 2) instead of 0 for m impostor comparisons. So the fit is finite
        if a threshold separates both kinds, and with few comparisons no probability is near 0 or 1.

        Args:
            similarities: Similarity of each comparison, shape `(pairs,)`.
            genuine: Whether each comparison is genuine, shape `(pairs,)`; both kinds occur.

        Returns:
            The calibration; slope and intercept are 0 if genuine comparisons are not more similar on average.

        Raises:
            InputError: If a similarity is not finite, or one kind of comparisons is missing.
        """
        from sklearn.linear_model import LogisticRegression

        genuine = np.asarray(genuine, bool)
        counts = np.array([np.sum(~genuine), np.sum(genuine)])
        if not counts.all() or not np.isfinite(similarities).all():
            raise InputError(
                f"comparisons: expected genuine and impostor ones with finite similarities, got {counts[1]:,} genuine "
                f"of {len(genuine):,}; pass more persons"
            )
        if np.mean(similarities[genuine]) <= np.mean(similarities[~genuine]) or np.ptp(similarities) == 0:
            return cls(0.0, 0.0)  # where the slope of the regression is not above 0, too
        center, scale = float(np.mean(similarities)), float(np.std(similarities))
        x = ((similarities - center) / scale)[:, None]
        # scikit-learn has no targets between 0 and 1: each row is one of both labels, weighted by its target.
        targets = np.where(genuine, (counts[1] + 1) / (counts[1] + 2), 1 / (counts[0] + 2))
        weights = 1 / counts[genuine.astype(int)]
        model = LogisticRegression(C=math.inf, solver="newton-cholesky", tol=1e-8, max_iter=1000).fit(
            np.concatenate([x, x]),
            np.repeat([True, False], len(x)),
            np.concatenate([weights * targets, weights * (1 - targets)]) * len(x),
        )
        slope = float(model.coef_[0, 0]) / scale
        return cls(slope, float(model.intercept_[0]) - slope * center)

    def probability(self, similarities: np.ndarray | float) -> np.ndarray:
        """Compute the probability that samples are of one person, at a prior of 0.5.

        Args:
            similarities: Similarities of any shape.

        Returns:
            Probabilities from 0 to 1, of the same shape.
        """
        # The logistic function, in a form that does not overflow; predicting does not import SciPy.
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * (self.slope * np.asarray(similarities) + self.intercept)))
