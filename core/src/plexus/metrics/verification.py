"""Verification: comparisons of two samples, such as two pictures or two recordings, of one or of two persons.

The terms are those of ISO/IEC 19795-1: a comparison is genuine if both samples are of one person, and an impostor
comparison otherwise. Two samples match if their similarity is at least the threshold.
"""

from typing import NamedTuple

import numpy as np

from plexus.errors import InputError
from plexus.metrics.operating_points import OperatingPoints

MAX_COMPARISONS = 2_000_000
"""More comparisons than this are sampled."""
CHUNK = 1 << 24
"""Numbers that are multiplied at once where comparisons are sampled, so that the memory stays bounded."""


class Comparisons(NamedTuple):
    """Comparisons of pairs of samples.

    Attributes:
        similarities: Similarity of each pair, from -1 to 1, shape `(pairs,)`.
        genuine: Whether both samples of a pair are of one person, shape `(pairs,)`.
        first: Index of the first sample of each pair, shape `(pairs,)`.
        second: Index of the second sample, larger than the first, shape `(pairs,)`.

    Example:
        ```python
        similarities, genuine, first, second = compare_all(embeddings, persons)
        equal_error_rate(similarities, genuine)
        ```
    """

    similarities: np.ndarray
    genuine: np.ndarray
    first: np.ndarray
    second: np.ndarray


class DetPoints(NamedTuple):
    """The detection error trade-off: both error rates of all thresholds that differ.

    Attributes:
        false_match_rates: Ascending from 0 to 1, shape `(t,)`.
        false_non_match_rates: Descending from 1 to 0, shape `(t,)`.
        thresholds: Similarities from which samples match, descending from infinity, shape `(t,)`.

    Example:
        ```python
        points = det_points(similarities, genuine)
        points.thresholds[points.false_match_rates <= 1e-3].min()
        ```
    """

    false_match_rates: np.ndarray
    false_non_match_rates: np.ndarray
    thresholds: np.ndarray


def compare_all(embeddings: np.ndarray, persons: np.ndarray, seed: int = 0) -> Comparisons:
    """Compare all pairs of samples by cosine similarity.

    Of more than `MAX_COMPARISONS` pairs, at most half as many genuine and half as many impostor comparisons are drawn
    at random, as genuine ones are rare. Error rates are shares of one of the two kinds, so that they stay unbiased.

    Args:
        embeddings: Embeddings of unit length, shape `(n, d)`.
        persons: Person of each embedding, shape `(n,)`.
        seed: Random seed of the draw.

    Returns:
        The comparisons, each pair once.

    Raises:
        InputError: If the shapes differ, or there are fewer than two embeddings.
    """
    persons = np.asarray(persons)
    if embeddings.ndim != 2 or persons.shape != embeddings.shape[:1] or len(persons) < 2:
        raise InputError(
            f"embeddings: expected shape (n, d) with n of 2 or more, and a person for each, got {embeddings.shape} and "
            f"persons of {persons.shape}"
        )
    index, count = np.unique(persons, return_inverse=True)[1], len(persons)
    pairs = count * (count - 1) // 2
    if pairs <= MAX_COMPARISONS:
        first, second = _pair(np.arange(pairs))
        similarities = (embeddings @ embeddings.T)[first, second]
    else:
        generator = np.random.default_rng(seed)
        first, second = np.concatenate([_genuine_pairs(index, generator), _impostor_pairs(index, generator)], axis=1)
        similarities = _similarities(embeddings, first, second)
    return Comparisons(similarities, index[first] == index[second], first, second)


def det_points(similarities: np.ndarray, genuine: np.ndarray) -> DetPoints:
    """Compute false match rate and false non-match rate of all thresholds (Martin et al. 1997, the DET curve).

    Args:
        similarities: Similarity of each comparison, shape `(pairs,)`.
        genuine: Whether each comparison is genuine, shape `(pairs,)`; both kinds occur.

    Returns:
        The error rates.

    Raises:
        InputError: If a similarity is not finite, or one kind of comparisons is missing.
    """
    points = _operating_points(similarities, genuine)
    return DetPoints(1 - points.specificities, 1 - points.sensitivities, points.thresholds)


def equal_error_rate(similarities: np.ndarray, genuine: np.ndarray) -> float:
    """Compute the error rate at which false match rate and false non-match rate are equal.

    Args:
        similarities: Similarity of each comparison, shape `(pairs,)`.
        genuine: Whether each comparison is genuine, shape `(pairs,)`; both kinds occur.

    Returns:
        The rate, from 0 to 1, interpolated between the two thresholds next to it.
    """
    points = det_points(similarities, genuine)
    return crossing_rate(points.false_match_rates, points.false_non_match_rates)


def crossing_rate(false_match_rates: np.ndarray, false_non_match_rates: np.ndarray) -> float:
    """Return the rate at which two error rates are equal.

    Args:
        false_match_rates: Ascending from 0 to 1, shape `(t,)`.
        false_non_match_rates: Descending from 1 to 0, shape `(t,)`.

    Returns:
        The rate, linearly interpolated between two thresholds.
    """
    gaps = false_non_match_rates - false_match_rates
    after = int(np.argmax(gaps <= 0))
    before = after - 1
    share = gaps[before] / (gaps[before] - gaps[after])
    return float(false_match_rates[before] + share * (false_match_rates[after] - false_match_rates[before]))


def true_accept_rate(similarities: np.ndarray, genuine: np.ndarray, false_match_rate: float) -> float:
    """Compute the true accept rate, 1 - FNMR, at a false match rate.

    Args:
        similarities: Similarity of each comparison, shape `(pairs,)`.
        genuine: Whether each comparison is genuine, shape `(pairs,)`; both kinds occur.
        false_match_rate: Largest share of impostor comparisons that match, from 0 to 1.

    Returns:
        The share of genuine comparisons that match at the lowest threshold of at most this false match rate.
    """
    return _operating_points(similarities, genuine).at_specificity(1 - false_match_rate)[0]


def match_rate(similarities: np.ndarray, threshold: float) -> float:
    """Compute the share of comparisons that match.

    It is the false match rate of impostor comparisons, and the true accept rate of genuine ones.

    Args:
        similarities: Similarity of each comparison, shape `(pairs,)`.
        threshold: Similarity from which two samples match.

    Returns:
        The share, from 0 to 1; NaN without comparisons.
    """
    return float(np.mean(similarities >= threshold)) if len(similarities) else np.nan


def _operating_points(similarities: np.ndarray, genuine: np.ndarray) -> OperatingPoints:
    if not np.isfinite(similarities).all():
        raise InputError("similarities: expected finite numbers, got NaN or infinity; check the embeddings")
    count, matches = len(genuine), int(np.sum(genuine))
    if matches in (0, count):
        raise InputError(
            f"comparisons: expected genuine and impostor ones, got {matches:,} genuine of {count:,}; pass two persons "
            "or more, one of them with two samples or more"
        )
    return OperatingPoints.compute(similarities, genuine)


def _similarities(embeddings: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    size = max(CHUNK // embeddings.shape[1], 1)
    chunks = (slice(start, start + size) for start in range(0, len(first), size))
    return np.concatenate([np.einsum("pd,pd->p", embeddings[first[c]], embeddings[second[c]]) for c in chunks])


def _pair(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pair `i < j` whose number is `j (j - 1) / 2 + i`."""
    second = ((1 + np.sqrt(1 + 8.0 * numbers)) // 2).astype(np.int64)
    return numbers - second * (second - 1) // 2, second


def _impostor_pairs(persons: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    count = len(persons)
    numbers = generator.integers(count * (count - 1) // 2, size=MAX_COMPARISONS // 2)
    first, second = _pair(np.unique(numbers))
    return np.stack([first, second])[:, persons[first] != persons[second]]


def _genuine_pairs(persons: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return pairs of one person, numbered person by person: all of them, or a draw."""
    rows, sizes = np.argsort(persons, kind="stable"), np.bincount(persons)
    ends = np.cumsum(sizes * (sizes - 1) // 2)
    numbers, limit = np.arange(0), MAX_COMPARISONS // 2
    if ends[-1]:
        numbers = np.arange(ends[-1]) if ends[-1] <= limit else np.unique(generator.integers(ends[-1], size=limit))
    person = np.searchsorted(ends, numbers, side="right")
    pairs = np.stack(_pair(numbers - (ends - sizes * (sizes - 1) // 2)[person]))
    return np.sort(rows[pairs + (np.cumsum(sizes) - sizes)[person]], axis=0)
