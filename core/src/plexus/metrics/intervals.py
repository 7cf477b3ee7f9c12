"""Confidence intervals."""

import math
from collections.abc import Callable, Iterator
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
NORMAL_QUANTILE = 1.96
"""Half width of an interval in standard errors."""
RESAMPLES = 200
GROUP_RESAMPLES = 1000
"""Percentile intervals need about a thousand resamples (Efron & Tibshirani 1993, section 13.3)."""
MANY_GROUPS = 5000
"""More groups than this are resampled `RESAMPLES` times only: their intervals are narrow, and resamples take long."""


def wilson_interval(proportion: float, count: int) -> tuple[float, float]:
    """Compute the 95 % confidence interval of a proportion (Wilson 1927).

    SciPy's takes whole counts only, and its import 60 MB of memory in a server that lists models.

    Args:
        proportion: Proportion of successes, from 0 to 1.
        count: Number of trials.

    Returns:
        Lower and upper bound; 0 and 1 without trials.
    """
    return _wilson_interval(proportion, count) if count else (0.0, 1.0)


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Compute the 95 % confidence interval of a mean of independent values, by the normal distribution.

    Args:
        values: Array of shape `(n,)`.

    Returns:
        Lower and upper bound; the value itself if there is one.
    """
    mean = float(values.mean())
    half_width = NORMAL_QUANTILE * float(values.std(ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return float(mean - half_width), float(mean + half_width)


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


def group_resamples(groups: np.ndarray, seed: int = 0) -> Iterator[np.ndarray]:
    """Resample whole groups with replacement: the cluster bootstrap (Davison & Hinkley 1997, section 3.8).

    `scipy.stats.bootstrap` and `sklearn.utils.resample` resample single rows.

    Args:
        groups: Group of each row, such as its patient, shape `(n,)`.
        seed: Random seed.

    Yields:
        Ascending indices of the rows of one resample; a group that is drawn twice has its rows twice. There are 1,000
        resamples, 200 of more than 5,000 groups.
    """
    index = np.unique(groups, return_inverse=True)[1]
    rows, sizes = np.argsort(index, kind="stable"), np.bincount(index)
    starts = np.cumsum(sizes) - sizes
    generator = np.random.default_rng(seed)
    for _ in range(GROUP_RESAMPLES if len(sizes) <= MANY_GROUPS else RESAMPLES):
        drawn = generator.integers(len(sizes), size=len(sizes))
        lengths = sizes[drawn]
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        yield np.sort(rows[np.repeat(starts[drawn], lengths) + offsets])


def group_bootstrap_interval(
    metric: Callable[[np.ndarray], float | np.ndarray], groups: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Compute the 95 % percentile intervals of metrics over resamples of whole groups.

    Rows of one patient are alike: an interval over resampled rows would be too narrow.

    Args:
        metric: Computes one metric or an array of metrics of the rows with these indices, shape `(n,)`; NaN where a
            metric is not defined, as the ROC AUC of one class.
        groups: Group of each row, shape `(n,)`; a group of its own for each row resamples rows.
        seed: Random seed.

    Returns:
        Lower bounds and upper bounds, shape `(2, …)`; NaN for a metric that no resample defines.
    """
    values = np.array([metric(rows) for rows in group_resamples(groups, seed)], np.float64)
    defined = np.isfinite(values).any(axis=0)
    bounds = np.nanpercentile(np.where(defined, values, 0.0), [2.5, 97.5], axis=0)
    return np.where(defined, bounds, np.nan)


def group_proportion_interval(successes: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Compute the 95 % interval of a proportion whose rows belong to groups.

    It is Wilson's interval of the effective number of rows (Korn & Graubard 1998), which the variance between groups
    gives. Unlike the bootstrap it has a width if all rows are successes.

    Args:
        successes: Whether each row is a success, shape `(n,)`.
        groups: Group of each row, shape `(n,)`.

    Returns:
        Lower and upper bound; `wilson_interval` if each group has one row; 0 and 1 without rows.
    """
    if len(successes) == 0:
        return 0.0, 1.0
    return _wilson_interval(float(np.mean(successes)), _effective_count(successes, groups))


def _wilson_interval(proportion: float, count: float) -> tuple[float, float]:
    squared = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2) ** 2
    center = (proportion + squared / (2 * count)) / (1 + squared / count)
    variance = proportion * (1 - proportion) / count + squared / (4 * count**2)
    half = math.sqrt(squared * variance) / (1 + squared / count)
    return max(center - half, 0.0), min(center + half, 1.0)


def _effective_count(successes: np.ndarray, groups: np.ndarray) -> float:
    """Return the number of independent rows whose proportion has the variance of these grouped ones."""
    index = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(index)
    proportion, rows, count = float(np.mean(successes)), len(successes), len(sizes)
    if count in (1, rows) or proportion in (0.0, 1.0):
        return float(count)
    residuals = np.bincount(index, successes) - proportion * sizes
    # The linearized variance of a ratio of two sums over groups (Cochran 1977, section 6.3).
    variance = count / (count - 1) * float(np.sum(residuals**2)) / rows**2
    return float(np.clip(proportion * (1 - proportion) / max(variance, 1e-12), 1, rows))
