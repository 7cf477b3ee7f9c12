"""Which unlabelled inputs a person should label next."""

import hashlib
import warnings
from collections.abc import Sequence

import numpy as np

from plexus.data.label_spreading import SPREADING, neighbour_graph, principal_components
from plexus.errors import InputError

EIGENVECTORS, TOLERANCE = 64, 1e-3
"""Dimensions of the embedding of the graph, and the relative accuracy of its eigenvalues."""
DENSE = 400
"""Graphs of at most this many nodes are decomposed as dense matrices."""
RESTARTS, MAX_STARTS, ITERATIONS = 300, 10, 50
"""k-means starts `RESTARTS / clusters` times, at least once: few clusters have worse local optima."""
CANDIDATES = 10
"""Uncertain inputs that are clustered, per suggestion (beta of Zhdanov 2019)."""


def cluster_medoids(
    features: np.ndarray, count: int, seed: int, labelled: Sequence[int] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the medoids of the largest clusters that hold no labelled input.

    As in TypiClust (Hacohen et al. 2022, arXiv:2202.02794, section 4), there are as many clusters as labelled inputs
    and suggestions together, and those without a label are used, the largest first. The clusters are those of the graph
    on which `spread_labels` spreads labels: k-means in the feature space of its kernel `(I - alpha S)^-1` (Zhou et al.
    2004, equation 4; Smola & Kondor 2003, regularized Laplacian), whose rows have a norm of 1 (Ng et al. 2001, step 4).
    Inputs of a cluster are those that labels spread to alike. TypiClust suggests the densest input of a cluster; here
    it is the medoid: the densest inputs of a class are often alike and say little about the others.

    Args:
        features: Shape `(n, features)`.
        count: Number of suggestions, from 1 to the number of different inputs without a label.
        seed: Random seed.
        labelled: Rows that have a label already.

    Returns:
        Rows of shape `(count,)`, and the number of inputs in the cluster of each.

    Raises:
        InputError: If there are fewer different inputs.

    Example:
        ```python
        rows, sizes = cluster_medoids(image_descriptors(images), count=10, seed=0)
        ```
    """
    first, inverse = _distinct(features)
    closed = np.unique(inverse[np.asarray(labelled, int)])
    _require_distinct(len(first) - len(closed), count)
    number, components = count + len(closed), _components(features[first], seed)
    clusters = _cluster(components, number, seed)
    sizes = np.bincount(clusters[inverse], minlength=number)
    order = np.argsort(-sizes, kind="stable")
    chosen = order[~np.isin(order, clusters[closed])][:count]
    medoids = [_nearest_to_mean(components, np.flatnonzero(clusters == cluster)) for cluster in chosen]
    return first[medoids], sizes[chosen]


def diverse_uncertain_rows(
    features: np.ndarray, probabilities: np.ndarray, count: int, seed: int, labelled: Sequence[int] = ()
) -> np.ndarray:
    """Choose inputs that a model is uncertain about, and that differ from each other.

    Uncertainty is the small margin between the two highest probabilities (Scheffer et al. 2001; Settles 2009, section
    3.1). Of the `CANDIDATES * count` most uncertain inputs, weighted by it, k-means forms `count` clusters, and the
    input nearest to the center of each is suggested (Zhdanov 2019, arXiv:1901.05954, algorithm 1).

    Args:
        features: Shape `(n, features)`.
        probabilities: Calibrated probabilities of shape `(n, labels)`, of two labels or more.
        count: Number of suggestions, from 1 to the number of different inputs without a label.
        seed: Random seed.
        labelled: Rows that have a label already.

    Returns:
        Rows of shape `(count,)`, the most uncertain first.

    Raises:
        InputError: If there are fewer different inputs.

    Example:
        ```python
        rows = diverse_uncertain_rows(image_descriptors(images), probabilities, count=10, seed=0)
        ```
    """
    first, inverse = _distinct(features)
    rows = first[~np.isin(np.arange(len(first)), inverse[np.asarray(labelled, int)])]
    _require_distinct(len(rows), count)
    margin = margins(probabilities)
    rows = rows[np.argsort(margin[rows], kind="stable")[: CANDIDATES * count]]
    if len(rows) > count:
        components, weights = _components(features[rows], seed), np.maximum(1 - margin[rows], 1e-6)
        clusters = _k_means(components, count, seed, weights)
        members = [np.flatnonzero(clusters == cluster) for cluster in range(count)]
        rows = rows[[_nearest_to_mean(components, each, weights[each]) for each in members]]
    return np.asarray(rows[np.argsort(margin[rows], kind="stable")])


def margins(probabilities: np.ndarray) -> np.ndarray:
    """Return the difference between the two highest probabilities of each input.

    Args:
        probabilities: Shape `(n, labels)`, of two labels or more.

    Returns:
        Shape `(n,)`, from 0 to 1.
    """
    highest = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(highest[:, 1] - highest[:, 0])


def _distinct(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each group of equal ones, and the group of each row."""
    groups: dict[bytes, int] = {}
    inverse = np.array([groups.setdefault(hashlib.sha256(row.tobytes()).digest(), len(groups)) for row in features])
    return np.unique(inverse, return_index=True)[1], inverse


def _require_distinct(distinct: int, count: int) -> None:
    if not 1 <= count <= distinct:
        raise InputError(
            f"--count {count}: expected 1 to {distinct:,}, the number of different images that have no label"
        )


def _components(features: np.ndarray, seed: int) -> np.ndarray:
    return principal_components(features, seed) if len(features) > 1 else features


def _cluster(components: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return the cluster of each of several different inputs."""
    if count == len(components):
        return np.arange(count)
    embedding = _graph_embedding(components, seed)
    # Inputs of a small part of the graph have one point of the embedding.
    if embedding is None or len(np.unique(embedding.round(4), axis=0)) < count:
        return _k_means(components, count, seed)
    return _k_means(embedding, count, seed)


def _graph_embedding(components: np.ndarray, seed: int) -> np.ndarray | None:
    """Return points whose products are the cosines of the kernel; None if the graph has too many separate parts."""
    from scipy.sparse import diags_array
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import eigsh

    graph = neighbour_graph(components)
    size = min(EIGENVECTORS, len(components) - 1)
    if connected_components(graph, directed=False)[0] > size // 2:
        return None
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    scale = diags_array(1 / np.sqrt(np.maximum(degrees, np.finfo(np.float32).tiny)))
    normalized = (scale @ graph @ scale).astype(np.float32)
    if len(components) <= DENSE:
        values, vectors = np.linalg.eigh(normalized.toarray())
    else:
        start = np.random.default_rng(seed).normal(size=len(components)).astype(np.float32)
        values, vectors = eigsh(normalized, k=size, which="LA", v0=start, tol=TOLERANCE)
    points = vectors[:, -size:] / np.sqrt(1 - SPREADING * np.minimum(values[-size:], 1))
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12), np.float32)


def _k_means(points: np.ndarray, count: int, seed: int, weights: np.ndarray | None = None) -> np.ndarray:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    starts = int(np.clip(RESTARTS // count, 1, MAX_STARTS))
    model = KMeans(count, n_init=starts, max_iter=ITERATIONS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # of empty clusters, which are filled
        clusters = model.fit(points, sample_weight=weights).labels_.astype(int)
    distances = np.linalg.norm(points - model.cluster_centers_[clusters], axis=1)
    return _without_empty(clusters, distances, count)


def _without_empty(clusters: np.ndarray, distances: np.ndarray, count: int) -> np.ndarray:
    """Move the inputs farthest from their centers to the empty clusters, which nearly equal inputs leave."""
    sizes, farthest = np.bincount(clusters, minlength=count), iter(np.argsort(-distances, kind="stable"))
    for empty in np.flatnonzero(sizes == 0):
        row = next(row for row in farthest if sizes[clusters[row]] > 1)
        sizes[clusters[row]] -= 1
        clusters[row], sizes[empty] = empty, 1
    return clusters


def _nearest_to_mean(points: np.ndarray, rows: np.ndarray, weights: np.ndarray | None = None) -> int:
    """Return the row nearest to the mean: the medoid by squared distances."""
    distances = np.square(points[rows] - np.average(points[rows], axis=0, weights=weights)).sum(axis=1)
    return int(rows[np.argmin(distances)])
