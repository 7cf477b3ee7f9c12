"""Probability intervals of a binary classifier."""

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_POINTS = 500
"""Points of the table; further distinct scores are joined to groups."""


class VennAbers(NamedTuple):
    """Inductive Venn-Abers predictor (Vovk & Petej 2014; Vovk, Petej & Fedorova 2015, section 2).

    The probability of class 1 is estimated twice, by isotonic regression on the scores of rows that the network has not
    seen and on the row itself, once with class 0 and once with class 1. One of the two estimates is perfectly
    calibrated. They are close to each other for many rows: the interval states how far the calibration depends on a
    single row, and is no confidence interval.

    Attributes:
        lower: Lowest score of each group of calibration scores, ascending, shape `(groups,)`.
        upper: Highest score of each group; the same if the group is one distinct score.
        p0: Probability of a row in the group, from the regression with class 0; 0 below the first group.
        p1: Probability of a row in the group, from the regression with class 1; 1 above the last group.

    Example:
        ```python
        venn_abers = VennAbers.fit(out_of_fold_logits, outcomes)
        low, high = venn_abers.bounds(logits)
        ```
    """

    lower: np.ndarray
    upper: np.ndarray
    p0: np.ndarray
    p1: np.ndarray

    @classmethod
    def fit(cls, scores: np.ndarray, outcomes: np.ndarray) -> Self:
        """Compute both regressions for each group of scores.

        Equal scores are one group. More than `MAX_POINTS` distinct scores are joined to groups of about as many rows
        each, as if the network rounded its scores.

        Args:
            scores: Scores of rows that the network has not seen, such as out-of-fold logits, shape `(n,)`.
            outcomes: 1 or 0, shape `(n,)`.

        Returns:
            The predictor.

        Raises:
            InputError: If there are no rows, or a score is not a finite number.
        """
        if not len(scores) or not np.isfinite(scores).all():
            raise InputError("out-of-fold scores: expected finite numbers, found none, NaN or infinity; train again")
        distinct, positions, counts = np.unique(scores.astype(np.float64), return_inverse=True, return_counts=True)
        group = _groups(counts)
        first = np.flatnonzero(np.diff(group, prepend=-1))
        last = np.append(first[1:], len(distinct)) - 1
        rows = np.bincount(group[positions])
        positives = np.bincount(group[positions], outcomes)
        return cls(distinct[first], distinct[last], *_regressions(rows, positives))

    def bounds(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute the probability intervals of rows.

        Args:
            scores: Scores by the network, shape `(n,)`.

        Returns:
            Lower and upper probabilities of class 1, each of shape `(n,)` in float64.
        """
        # A score between two groups has the p0 of the group below it and the p1 of the group above it.
        low = np.append(0.0, self.p0)[self.lower.searchsorted(scores, "right")]
        high = np.append(self.p1, 1.0)[self.upper.searchsorted(scores, "left")]
        return low, high

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Compute the probability within the interval whose log loss is the smallest in the worst case.

        Vovk, Petej & Fedorova 2015, section 4.

        Args:
            scores: Scores by the network, shape `(n,)`.

        Returns:
            Probabilities of class 1, shape `(n,)`, in float64.
        """
        low, high = self.bounds(scores)
        return np.asarray(high / (1 - low + high))

    def to_json(self) -> "JsonObject":
        """Return the state as JSON types, with the fields of `VennAbersState`.

        Returns:
            The object that `from_json` takes.
        """
        return {name: values.tolist() for name, values in self._asdict().items()}

    @classmethod
    def from_json(cls, state: "JsonObject") -> Self:
        """Create the predictor from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The predictor.
        """
        return cls(**{name: np.array(values, np.float64) for name, values in state.items()})


def _groups(counts: np.ndarray) -> np.ndarray:
    """Return the group of each distinct score, from the number of rows of each."""
    if len(counts) <= MAX_POINTS:
        return np.arange(len(counts))
    # By the rank of its middle row, so that a frequent score is a group of its own.
    middle = np.cumsum(counts) - counts / 2
    return np.unique((middle * MAX_POINTS / counts.sum()).astype(int), return_inverse=True)[1]


def _regressions(rows: np.ndarray, positives: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit the isotonic regressions with a further row of class 0, and of class 1, in each group in turn."""
    from scipy.optimize import isotonic_regression

    estimates = np.empty((2, len(rows)))
    for outcome in (0, 1):
        for group in range(len(rows)):
            weights, sums = rows.astype(np.float64), positives.astype(np.float64)
            weights[group] += 1
            sums[group] += outcome
            estimates[outcome, group] = isotonic_regression(sums / weights, weights=weights).x[group]
    # Both ascend; rounding errors between the fits are removed.
    p0, p1 = np.clip(np.maximum.accumulate(estimates, axis=1), 0, 1)
    return p0, p1
