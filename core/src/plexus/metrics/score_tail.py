"""Thresholds of a stated false match rate, also below the resolution of the sample."""

import math
from typing import NamedTuple, Self

import numpy as np

from plexus.errors import InputError

RESOLUTION = 10
"""Below this number of false matches, an empirical quantile depends on a few comparisons."""
MIN_COMPARISONS = 20
PRIOR_WEIGHT = 30
"""The shape is shrunk to 0, an exponential tail, as by a prior of so many similarities."""


class ScoreTail(NamedTuple):
    """Generalised Pareto distribution of the largest similarities: peaks over a threshold (Coles 2001, chapter 4).

    Attributes:
        start: Similarity above which the tail begins.
        rate: Share of the similarities above it, from 0 to 1.
        shape: Shape parameter; below 0, similarities have an upper end.
        scale: Scale parameter, above 0.

    Example:
        ```python
        tail = ScoreTail.fit(similarities[~genuine])
        tail.exceedance(tail.quantile(1e-6))  # 1e-6
        ```
    """

    start: float
    rate: float
    shape: float
    scale: float

    @classmethod
    def fit(cls, similarities: np.ndarray) -> Self:
        """Fit the tail of impostor comparisons.

        It begins at the largest `min(0.2 n, 3 sqrt(n))` similarities. The estimator is that of Zhang & Stephens (2009,
        doi:10.1198/tech.2009.08017), as in Pareto smoothed importance sampling (Vehtari et al. 2024),
        with the shape shrunk to 0. The maximum likelihood fit of `scipy.stats.genpareto` underestimates the end of
        short tails: where the rate is a tenth of 1 / n, the realised rate of normal, beta and t distributions
        was 2 to 7 times the stated one on average, and 1 to 3 times with this estimator (n from 300 to 43,500).

        Args:
            similarities: Similarities of impostor comparisons, shape `(n,)`; at least 20.

        Returns:
            The tail.

        Raises:
            InputError: If there are fewer similarities, one is not finite, or the largest are all equal.
        """
        count = len(similarities)
        if count < MIN_COMPARISONS or not np.isfinite(similarities).all():
            raise InputError(
                f"similarities: expected {MIN_COMPARISONS} or more impostor comparisons, all of them finite, "
                f"got {count:,}; pass more persons"
            )
        size = max(int(min(0.2 * count, 3 * math.sqrt(count))), RESOLUTION)
        largest = np.sort(similarities.astype(np.float64))[-size - 1 :]
        excesses = largest[1:] - largest[0]
        excesses = excesses[excesses > 0]
        if not excesses.size:
            raise InputError(f"similarities: expected different ones, but the largest {size:,} are equal")
        shape = _shape(excesses) * len(excesses) / (len(excesses) + PRIOR_WEIGHT)
        # The scale at which the mean of the distribution is that of the excesses.
        return cls(float(largest[0]), len(excesses) / count, shape, float(excesses.mean()) * (1 - shape))

    def exceedance(self, similarity: float) -> float:
        """Return the share of impostor comparisons of at least a similarity.

        Args:
            similarity: The similarity.

        Returns:
            The share; `rate`, which is too low, below the start of the tail.
        """
        excess = max(similarity - self.start, 0.0) / self.scale
        if abs(self.shape) < 1e-9:
            return self.rate * math.exp(-excess)
        return float(self.rate * max(1 + self.shape * excess, 0.0) ** (-1 / self.shape))

    def quantile(self, rate: float) -> float:
        """Return the similarity that a share of the impostor comparisons reaches.

        Args:
            rate: The share, above 0 and at most `rate` of the tail.

        Returns:
            The similarity.

        Raises:
            InputError: If the share is out of range.
        """
        if not 0 < rate <= self.rate:
            raise InputError(f"rate: expected a number above 0 and at most {self.rate:.3g}, got {rate:.3g}")
        if abs(self.shape) < 1e-9:
            return self.start + self.scale * math.log(self.rate / rate)
        return float(self.start + self.scale / self.shape * math.expm1(self.shape * math.log(self.rate / rate)))


def threshold_at(similarities: np.ndarray, false_match_rate: float) -> float:
    """Compute the threshold of a false match rate.

    If the rate allows `RESOLUTION` false matches or more, it is an empirical quantile, otherwise the quantile of a
    `ScoreTail`. Comparisons of the same few persons are alike: with few persons, rates below 1 / n are rough.

    Args:
        similarities: Similarities of impostor comparisons, shape `(n,)`.
        false_match_rate: Share of impostor comparisons that may match, above 0 and below 1.

    Returns:
        The similarity from which two samples match.

    Raises:
        InputError: If the rate is out of range, or there are too few comparisons for a tail.
    """
    if not 0 < false_match_rate < 1:
        raise InputError(f"false match rate: expected a number between 0 and 1, got {false_match_rate:.3g}")
    if false_match_rate * len(similarities) >= RESOLUTION:
        return empirical_threshold(similarities, false_match_rate)
    tail = ScoreTail.fit(similarities)
    # Equal similarities can make the tail start above a rate that is below the resolution.
    return tail.quantile(min(false_match_rate, tail.rate))


def empirical_threshold(similarities: np.ndarray, false_match_rate: float) -> float:
    """Compute the lowest threshold at which no larger share of a sample matches.

    Args:
        similarities: Similarities of impostor comparisons, shape `(n,)`; at least one.
        false_match_rate: Share of the impostor comparisons that may match, from 0 to 1.

    Returns:
        One of the similarities, or the next larger number, if none may match.
    """
    # A share that misses the limit by a rounding error reaches it: 0.07 * 100 is above 7 in floating point.
    allowed = math.floor(false_match_rate * len(similarities) + 1e-9)
    descending = np.sort(similarities)[::-1]
    if allowed >= len(descending):
        return float(descending[-1])
    matches = descending[descending > descending[allowed]]
    return float(matches[-1] if len(matches) else np.nextafter(descending[0], np.inf, dtype=descending.dtype))


def _shape(excesses: np.ndarray) -> float:
    """Estimate the shape of a generalised Pareto distribution of ascending excesses (Zhang & Stephens 2009)."""
    count, grid = len(excesses), 30 + int(math.sqrt(len(excesses)))
    quartile = excesses[int(count / 4 + 0.5) - 1]
    steps = 1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))
    theta = 1 / excesses[-1] + steps / (3 * quartile)
    shapes = np.log1p(-theta[:, None] * excesses).mean(axis=1)
    likelihoods = count * (np.log(-theta / shapes) - shapes - 1)
    weights = np.exp(likelihoods - likelihoods.max())
    mean = float(np.sum(theta * weights) / weights.sum())
    return float(np.log1p(-mean * excesses).mean())
