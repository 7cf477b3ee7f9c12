"""Confidence intervals of the error rates of verification, whole persons resampled."""

from collections.abc import Iterator

import numpy as np

from plexus.metrics.intervals import GROUP_RESAMPLES, RESAMPLES, wilson_interval
from plexus.metrics.operating_points import ROUNDING
from plexus.metrics.verification import Comparisons, crossing_rate, equal_error_rate, match_rate, true_accept_rate

FALSE_MATCH_RATE = 1e-3
MANY_COMPARISONS = 500_000
"""More comparisons than this are resampled `RESAMPLES` times only, as resamples take long."""


def verification_intervals(
    comparisons: Comparisons,
    persons: np.ndarray,
    threshold: float,
    false_match_rate: float = FALSE_MATCH_RATE,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Compute the 95 % percentile intervals of error rates over resamples of whole persons.

    Comparisons that share a person are alike, so that persons are drawn with replacement, not comparisons (Bolle,
    Ratha & Pankanti 2004, doi:10.1016/j.cviu.2003.08.002, resample subsets for this reason). A person who is drawn k
    times has its genuine comparisons k times. Two persons drawn k and m times have theirs k m times. The copies of one
    person are not compared with each other: they would be impostors with the similarities of genuine comparisons.

    Errors that no comparison shows are in no resample either, and all resamples of two persons are alike, as both have
    to be drawn for an impostor comparison. Then the bounds are Wilson's, with each person as one trial
    of the equal error rate, the true accept rate and the false non-match rate, and each pair of persons as one trial
    of the false match rate.

    Args:
        comparisons: The comparisons, of both kinds.
        persons: Person of each sample, shape `(n,)`.
        threshold: Similarity from which two samples match.
        false_match_rate: False match rate of the true accept rate.
        seed: Random seed.

    Returns:
        Lower and upper bound of `equal_error_rate`, of `true_accept_rate` at the false match rate, and of
        `false_match_rate` and `false_non_match_rate` at the threshold. There are 1,000 resamples, 200 of more than
        500,000 comparisons.
    """
    similarities, genuine = comparisons.similarities, comparisons.genuine
    index = np.unique(np.asarray(persons), return_inverse=True)[1]
    resamples = list(_resample(comparisons, index, threshold, false_match_rate, seed))
    bounds = np.nanpercentile(resamples, [2.5, 97.5], axis=0).T
    trials = len(np.unique(index[comparisons.first[genuine]]))
    count = index.max() + 1
    rates = {
        "equal_error_rate": (equal_error_rate(similarities, genuine), trials),
        "true_accept_rate": (true_accept_rate(similarities, genuine, false_match_rate), trials),
        "false_match_rate": (match_rate(similarities[~genuine], threshold), count * (count - 1) // 2),
        "false_non_match_rate": (1 - match_rate(similarities[genuine], threshold), trials),
    }
    return {
        name: wilson_interval(rate, size) if rate in (0.0, 1.0) or low == high else (float(low), float(high))
        for (name, (rate, size)), (low, high) in zip(rates.items(), bounds, strict=True)
    }


def _resample(
    comparisons: Comparisons, persons: np.ndarray, threshold: float, false_match_rate: float, seed: int
) -> Iterator[tuple[float, float, float, float]]:
    """Yield the four rates of each resample; they are not defined if all draws are of one person."""
    order = np.argsort(-comparisons.similarities, kind="stable")
    similarities, genuine = comparisons.similarities[order], comparisons.genuine[order]
    first, second = persons[comparisons.first[order]], persons[comparisons.second[order]]
    steps = np.append(0, np.flatnonzero(np.diff(similarities, append=-np.inf)) + 1)
    at_threshold = int(np.sum(similarities[steps[1:] - 1] >= threshold))
    generator, count = np.random.default_rng(seed), int(persons.max()) + 1
    for _ in range(GROUP_RESAMPLES if len(order) <= MANY_COMPARISONS else RESAMPLES):
        draws = np.bincount(generator.integers(count, size=count), minlength=count)
        weights = draws[first]
        accepts = _cumulative_share(np.where(genuine, weights, 0))[steps]
        matches = _cumulative_share(np.where(genuine, 0, weights * draws[second]))[steps]
        if np.isnan(accepts[-1] + matches[-1]):
            continue
        last = int(np.searchsorted(matches, false_match_rate + ROUNDING, side="right")) - 1
        yield (
            crossing_rate(matches, 1 - accepts),
            float(accepts[last]),
            float(matches[at_threshold]),
            float(1 - accepts[at_threshold]),
        )


def _cumulative_share(weights: np.ndarray) -> np.ndarray:
    """Return cumulative shares from 0 to 1, shape `(n + 1,)`; NaN if all weights are 0."""
    sums = np.concatenate([[0], np.cumsum(weights)])
    return np.asarray(sums / sums[-1]) if sums[-1] else np.full(len(sums), np.nan)
