"""Confidence intervals."""

from collections.abc import Callable

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 200


def wilson_interval(proportion: float, count: int) -> tuple[float, float]:
    """Compute the 95 % confidence interval of a proportion (Wilson 1927).

    Args:
        proportion: Proportion of successes, from 0 to 1.
        count: Number of trials.

    Returns:
        Lower and upper bound; 0 and 1 without trials.
    """
    from scipy.stats import binomtest

    if count == 0:
        return 0.0, 1.0
    interval = binomtest(round(proportion * count), count).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap_interval(
    metric: Callable[[np.ndarray], float], strata: list[np.ndarray], seed: int = 0
) -> tuple[float, float]:
    """Compute the 95 % confidence interval of a metric over stratified resamples of its examples (Efron 1979).

    `scipy.stats.bootstrap` resamples without strata.

    Args:
        metric: Computes the metric of the examples with these indices, shape `(n,)`.
        strata: Indices of the examples of each stratum; each is resampled with replacement to its own size.
        seed: Random seed.

    Returns:
        Lower and upper bound.
    """
    generator = np.random.default_rng(seed)
    values = [metric(np.concatenate([generator.choice(rows, len(rows)) for rows in strata])) for _ in range(RESAMPLES)]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
