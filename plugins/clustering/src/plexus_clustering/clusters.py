"""Clusters of feature vectors, by the methods that train no network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from plexus import InputError
from plexus_clustering.consensus import consensus_clusters
from plexus_clustering.mixed_features import MixedFeatures
from plexus_clustering.mixture_count import MixtureCount, count_components, min_cluster_size, recount_components
from plexus_clustering.prediction import NOISE
from plexus_clustering.prediction_strength import count_by_strength
from plexus_clustering.tomato import DensityModes, find_modes

RESAMPLES, RESAMPLE_FRACTION = 10, 0.8
MAX_TOMATO_DIMENSIONS = 3
"""In more dimensions, some hundred rows are too few to estimate a density."""
MIN_ACCEPTED_PROMINENCE = 2.0
"""Prominence of the least mode, in standard errors, for a number of clusters that the user set."""
MIN_CLUSTER_SIZE, MAX_SILHOUETTE_CLUSTERS, SILHOUETTE_SAMPLE = 5, 15, 2000


@dataclass(frozen=True)
class Clustering:
    """The result of a clustering method.

    Args:
        labels: Cluster of each row, shape `(n,)`, from 0, largest cluster first; -1 for noise.
        clusters: Number of clusters.
        count_stability: Fraction of resamples in which the same number is estimated; None if the user set it.
        second_count: The number by another criterion; None if the user set it, or the method has no other.

    Example:
        ```python
        find_clusters(x, "kmeans", clusters=3, seed=0).labels
        ```
    """

    labels: np.ndarray
    clusters: int
    count_stability: float | None = None
    second_count: int | None = None


def find_clusters(
    x: np.ndarray, method: str, clusters: int | None, seed: int, fields: Sequence[slice] = ()
) -> Clustering:
    """Cluster feature vectors.

    Args:
        x: Features of similar scale, shape `(n, features)`.
        method: `tomato`, `hdbscan` or `kmeans`.
        clusters: Number of clusters; None to estimate it, and its stability.
        seed: Random seed of the method and of the resamples.
        fields: Columns of `x` that are categories of the same column of a table.

    Returns:
        The clusters.

    Raises:
        InputError: If the method estimates the number itself, or there are fewer distinct rows.
    """
    require_distinct(x, clusters)
    if clusters is None and method == "tomato":
        return _find_number(x, seed, fields)
    labels = _largest_first(METHODS[method](x, clusters, seed, fields))
    if labels.max() == NOISE:
        raise InputError(f"--method {method}: no part of the data is denser than the rest; use another method")
    count = int(labels.max()) + 1
    if clusters is not None:
        return Clustering(labels, count)

    def estimate(rows: np.ndarray) -> int:
        return int(METHODS[method](x[rows], None, seed, ()).max()) + 1

    return Clustering(labels, count, count_stability(len(x), estimate, count, seed))


def _find_number(x: np.ndarray, seed: int, fields: Sequence[slice]) -> Clustering:
    """Cluster by density, or else by consensus, with the number that each estimates."""
    features = MixedFeatures.split(x, fields, seed)
    modes = _prominent_modes(x)
    mixture: MixtureCount | None = None
    if modes is not None:
        count, second = modes.estimate_count(), modes.count()
        labels = modes.labels(count)
    else:
        mixture = count_components(features, seed)
        count, second = mixture.clusters, count_by_strength(features.encoded, seed)
        labels = consensus_clusters(features, count, min_cluster_size(len(x)), seed)

    def estimate(rows: np.ndarray) -> int:
        if mixture is not None:
            return recount_components(features.take(rows), mixture, seed)
        return find_modes(x[rows]).estimate_count()

    return Clustering(_largest_first(labels), count, count_stability(len(x), estimate, count, seed), second)


def require_distinct(x: np.ndarray, clusters: int | None) -> None:
    """Check that there are as many different inputs as clusters, and two or more.

    Args:
        x: Features of shape `(n, features)`.
        clusters: Number of clusters; None if it is estimated.

    Raises:
        InputError: If there are fewer.
    """
    distinct = len(np.unique(x, axis=0))
    if distinct == 1:
        raise InputError("all inputs are equal: expected at least two different ones")
    if clusters is not None and clusters > distinct:
        raise InputError(f"--clusters {clusters}: there are only {distinct} different inputs")


def estimate_embedded_count(embedded: np.ndarray, seed: int) -> tuple[int, float]:
    """Estimate the number of clusters in an embedding, where prominence has no known scale.

    Args:
        embedded: Shape `(n, dimensions)`.
        seed: Random seed of the resamples.

    Returns:
        The number of clusters, and its stability.
    """
    count = find_modes(embedded).count_above_gap()
    stability = count_stability(len(embedded), lambda rows: find_modes(embedded[rows]).count_above_gap(), count, seed)
    return count, stability


def count_stability(rows: int, estimate: Callable[[np.ndarray], int], count: int, seed: int) -> float:
    """Compute in which fraction of random resamples the same number of clusters is estimated.

    Args:
        rows: Number of rows.
        estimate: Returns the number of clusters among some rows, from their indices.
        count: The number estimated from all rows.
        seed: Random seed of the resamples.

    Returns:
        A fraction from 0 to 1.
    """
    generator = np.random.default_rng(seed)
    size = max(int(RESAMPLE_FRACTION * rows), 2)
    resamples = (np.sort(generator.permutation(rows)[:size]) for _ in range(RESAMPLES))
    return sum(estimate(resample) == count for resample in resamples) / RESAMPLES


def tomato_labels(x: np.ndarray, clusters: int | None, seed: int, fields: Sequence[slice] = ()) -> np.ndarray:
    """Assign rows to modes of the density; by a consensus of k-means and mixtures where the modes are not prominent.

    Args:
        x: Features of shape `(n, features)`.
        clusters: Number of clusters; None to estimate it.
        seed: Random seed.
        fields: Columns of `x` that are categories of the same column of a table.

    Returns:
        Clusters of shape `(n,)`.
    """
    if clusters is None:
        return _find_number(x, seed, fields).labels
    modes = _modes(x)
    if modes is not None and clusters > 1 and modes.prominence(clusters) >= MIN_ACCEPTED_PROMINENCE:
        return modes.labels(clusters)
    return consensus_clusters(MixedFeatures.split(x, fields, seed), clusters, 1, seed)


def hdbscan_labels(
    x: np.ndarray,
    clusters: int | None,
    seed: int,  # noqa: ARG001 - one signature
    fields: Sequence[slice] = (),  # noqa: ARG001
) -> np.ndarray:
    """Cluster by HDBSCAN (Campello, Moulavi, Sander 2013), which estimates the number and finds noise.

    Args:
        x: Features of shape `(n, features)`.
        clusters: None.
        seed: Not used.
        fields: Not used.

    Returns:
        Clusters of shape `(n,)`; -1 for noise.

    Raises:
        InputError: If a number of clusters is set.
    """
    from sklearn.cluster import HDBSCAN

    if clusters is not None:
        raise InputError("--method hdbscan estimates the number of clusters: omit --clusters, or use another method")
    size = min(max(MIN_CLUSTER_SIZE, len(x) // 200), len(x))
    return np.asarray(HDBSCAN(min_cluster_size=size, copy=True).fit_predict(x))


def kmeans_labels(
    x: np.ndarray,
    clusters: int | None,
    seed: int,
    fields: Sequence[slice] = (),  # noqa: ARG001 - one signature
) -> np.ndarray:
    """Cluster by k-means; without a number, by the one with the best silhouette (Rousseeuw 1987).

    Args:
        x: Features of shape `(n, features)`.
        clusters: Number of clusters; None to estimate it.
        seed: Random seed.
        fields: Not used.

    Returns:
        Clusters of shape `(n,)`.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    if clusters:
        return np.asarray(KMeans(clusters, n_init=5, random_state=seed).fit_predict(x))
    counts = range(2, min(MAX_SILHOUETTE_CLUSTERS, len(x) - 1, len(np.unique(x, axis=0))) + 1)
    candidates = [np.asarray(KMeans(count, n_init=1, random_state=seed).fit_predict(x)) for count in counts]
    rows = np.random.RandomState(seed).permutation(len(x))[:SILHOUETTE_SAMPLE]

    def silhouette(labels: np.ndarray) -> float:
        distinct = len(np.unique(labels[rows]))
        return float(silhouette_score(x[rows], labels[rows])) if 1 < distinct < len(rows) else -1.0

    return max(candidates, key=silhouette) if candidates else np.zeros(len(x), int)


METHODS: dict[str, Callable[[np.ndarray, int | None, int, Sequence[slice]], np.ndarray]] = {
    "tomato": tomato_labels,
    "hdbscan": hdbscan_labels,
    "kmeans": kmeans_labels,
}
"""Methods without training: features, number of clusters, seed and fields to clusters."""


def _largest_first(labels: np.ndarray) -> np.ndarray:
    """Return the same clusters, numbered by size; noise stays."""
    values, counts = np.unique(labels[labels != NOISE], return_counts=True)
    rank = {int(label): number for number, label in enumerate(values[np.argsort(-counts, kind="stable")])}
    return np.array([rank.get(label, NOISE) for label in labels.tolist()])


def _prominent_modes(x: np.ndarray) -> DensityModes | None:
    """Return the modes of the density; None if there are not two or more prominent ones."""
    modes = _modes(x)
    return modes if modes is not None and modes.count() > 1 else None


def _modes(x: np.ndarray) -> DensityModes | None:
    """Return the modes of the density; None if there are too many features or too few rows to estimate one."""
    if x.shape[1] > MAX_TOMATO_DIMENSIONS or len(x) <= 2 * MIN_CLUSTER_SIZE:
        return None
    return find_modes(x)
