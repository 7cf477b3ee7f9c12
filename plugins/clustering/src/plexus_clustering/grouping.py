"""Groups among rows of numbers, by each of the methods that need no gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plexus import InputError
from plexus_clustering.codec import NOISE
from plexus_clustering.mixture import count_near, find_mixture
from plexus_clustering.peaks import SIGNIFICANT, find_peaks

RESAMPLES, SHARE = 10, 0.8
LOW_DIMENSIONS = 3
"""Up to this many columns, density can be told from some hundred rows."""
PASS = 2.0
"""Standard errors by which a given number of peaks must rise above their passes to be taken for clusters."""
_FEWEST, _MOST_BY_SILHOUETTE = 5, 15


@dataclass(frozen=True)
class Grouping:
    """What a method found.

    Args:
        labels: `(n,)`, from 0, the largest first; -1: noise.
        clusters: how many.
        sureness: the share of resamples in which as many were found; None if the number was given.
    """

    labels: np.ndarray
    clusters: int
    sureness: float | None = None


Find = Callable[[np.ndarray, int | None, int], np.ndarray]


def group(x: np.ndarray, method: str, clusters: int | None, seed: int) -> Grouping:
    """Group rows.

    Args:
        x: `(n, features)`, of like scale.
        method: `peaks`, `density` or `kmeans`.
        clusters: how many; None: as many as there are, and then also how sure that is.
        seed: of the method's random starts and of the resamples.

    Raises:
        InputError: the number was given to a method that finds it, or there are fewer distinct rows.
    """
    find = METHODS[method]
    distinct = len(np.unique(x, axis=0))
    if distinct == 1:
        raise InputError("all inputs are equal: there is nothing to tell apart")
    if clusters is not None and clusters > distinct:
        raise InputError(f"--clusters {clusters}: there are only {distinct} different inputs")
    labels = by_size(find(x, clusters, seed))
    if labels.max() == NOISE:
        raise InputError(f"--method {method}: no part of the data is denser than the rest; take another method")
    number = int(labels.max()) + 1
    if clusters is not None:
        return Grouping(labels, number)
    return Grouping(labels, number, sureness(x, lambda rows: _count(rows, method, number, seed), number, seed))


def _count(x: np.ndarray, method: str, number: int, seed: int) -> int:
    """How many clusters there are in a resample; of a mixture, among the numbers near that which all rows led to."""
    labels = _outstanding(x, None) if method == "peaks" else METHODS[method](x, None, seed)
    return count_near(x, number, seed) if labels is None else int(labels.max()) + 1


def group_manifold(embedded: np.ndarray, seed: int) -> tuple[int, float]:
    """How many clusters there are in an embedding, where no scale is known beforehand, and how sure that is."""
    number = find_peaks(embedded).widest_gap()
    return number, sureness(embedded, lambda rows: find_peaks(rows).widest_gap(), number, seed)


def sureness(x: np.ndarray, count: Callable[[np.ndarray], int], number: int, seed: int) -> float:
    """The share of resamples of the rows in which the same number is found."""
    generator = np.random.default_rng(seed)
    same = 0
    for _ in range(RESAMPLES):
        rows = np.sort(generator.permutation(len(x))[: max(int(SHARE * len(x)), 2)])
        same += count(x[rows]) == number
    return same / RESAMPLES


def by_peaks(x: np.ndarray, clusters: int | None, seed: int) -> np.ndarray:
    """Peaks of the density; a Gaussian mixture where they cannot be told, or too few stand out."""
    labels = _outstanding(x, clusters)
    return np.asarray(find_mixture(x, clusters, seed).predict(x.astype(np.float64))) if labels is None else labels


def _outstanding(x: np.ndarray, clusters: int | None) -> np.ndarray | None:
    """Clusters around the peaks, or None if there are not two or more that stand out."""
    if x.shape[1] > LOW_DIMENSIONS or len(x) <= 2 * _FEWEST:
        return None
    peaks = find_peaks(x)
    number = clusters or peaks.count(SIGNIFICANT)
    return peaks.labels(number) if number > 1 and peaks.significance(number) >= PASS else None


def by_density(x: np.ndarray, clusters: int | None, seed: int) -> np.ndarray:  # noqa: ARG001
    """HDBSCAN (Campello, Moulavi, Sander 2013), which says itself how many clusters there are, and leaves noise out."""
    from sklearn.cluster import HDBSCAN

    if clusters is not None:
        raise InputError("--method density finds the number itself: leave --clusters out, or take another method")
    return np.asarray(HDBSCAN(min_cluster_size=max(_FEWEST, len(x) // 200), copy=True).fit_predict(x))


def by_kmeans(x: np.ndarray, clusters: int | None, seed: int) -> np.ndarray:
    """k-means; the number with the best silhouette (Rousseeuw 1987) if none is given."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    numbers = [clusters] if clusters else range(2, min(_MOST_BY_SILHOUETTE, len(x) - 1) + 1)
    found = [KMeans(number, n_init=5 if clusters else 1, random_state=seed).fit_predict(x) for number in numbers]
    if len(found) == 1:
        return np.asarray(found[0])
    return np.asarray(max(found, key=lambda labels: silhouette_score(x, labels, sample_size=2000, random_state=seed)))


METHODS: dict[str, Find] = {
    "peaks": by_peaks,
    "density": by_density,
    "kmeans": by_kmeans,
}


def by_size(labels: np.ndarray) -> np.ndarray:
    """The same groups, the largest first; noise stays."""
    values, counts = np.unique(labels[labels != NOISE], return_counts=True)
    order = values[np.argsort(-counts, kind="stable")]
    renamed = {old: new for new, old in enumerate(order.tolist())} | {NOISE: NOISE}
    return np.array([renamed[label] for label in labels.tolist()])
