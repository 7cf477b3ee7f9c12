"""Random samples of rows, and k-means on them."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.cluster import KMeans


def sample_rows(rows: int, size: int, seed: int) -> np.ndarray:
    """Return a random sample of rows.

    Args:
        rows: Number of all rows.
        size: Size of the sample; all rows if there are fewer.
        seed: Random seed.

    Returns:
        Indices in ascending order.
    """
    return np.sort(np.random.default_rng(seed).permutation(rows)[:size])


def fit_kmeans(x: np.ndarray, clusters: int, seed: int) -> "KMeans":
    """Fit k-means from one start.

    Args:
        x: Features of shape `(n, features)`.
        clusters: Number of clusters, at most n.
        seed: Random seed.

    Returns:
        The fitted k-means.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different rows than clusters
        return KMeans(clusters, n_init=1, random_state=seed).fit(x)


def kmeans_start(x: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Return clusters of k-means, from which a mixture is fitted.

    Args:
        x: Features of shape `(n, features)`.
        clusters: Number of clusters, at most n; the result has fewer if there are fewer different rows.
        seed: Random seed.

    Returns:
        Clusters of shape `(n,)`, each with a member.
    """
    return np.asarray(np.unique(fit_kmeans(x, clusters, seed).labels_, return_inverse=True)[1])
