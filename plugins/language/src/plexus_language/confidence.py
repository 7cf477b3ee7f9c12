"""Calibrated confidence of translations."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject

MAX_POINTS = 64
"""Points of the piecewise linear function."""
MARGIN = 1.0
"""Added number of good and of other translations: none is good or bad with certainty."""


@dataclass(frozen=True)
class Confidence:
    """The probability that a translation is good, by the mean log-probability of its tokens.

    Args:
        scores: Mean log-probabilities in ascending order.
        probabilities: Probability at each of them; linear between them.

    Example:
        ```python
        Confidence.fit(log_probabilities, is_good).probability(-0.3)
        ```
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    @classmethod
    def fit(cls, scores: Sequence[float], is_good: Sequence[bool]) -> Self:
        """Fit isotonic regression (Zadrozny and Elkan 2002) on validation sentences.

        Args:
            scores: Mean log-probability of each translation.
            is_good: Whether it is good.

        Returns:
            The fitted function.
        """
        from sklearn.isotonic import IsotonicRegression

        order = np.argsort(scores, kind="stable")
        groups = np.array_split(order, min(MAX_POINTS, max(len(order) // 10, 1)))
        means = np.array([np.mean(np.take(scores, group)) for group in groups])
        shares = [(np.take(is_good, group).sum() + MARGIN) / (len(group) + 2 * MARGIN) for group in groups]
        smooth = IsotonicRegression().fit(means, shares, [len(group) for group in groups]).predict(means)
        return cls(tuple(np.round(means, 6).tolist()), tuple(np.round(smooth, 6).tolist()))

    def probability(self, score: float) -> float:
        """Return the confidence of a translation.

        Args:
            score: The mean log-probability of its tokens.

        Returns:
            Probability from 0 to 1.
        """
        return round(float(np.interp(score, self.scores, self.probabilities)), 4)

    def to_json(self) -> JsonObject:
        """Return the points as JSON types.

        Returns:
            `scores` and `probabilities`.
        """
        return {name: list(values) for name, values in asdict(self).items()}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the function from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The function.
        """
        return cls(tuple(state["scores"]), tuple(state["probabilities"]))
