"""Metrics of clusters, with true classes and without."""

import numpy as np

from plexus import Metric
from plexus_clustering.prediction import NOISE

NEIGHBOURS = 5
OTHER_METRICS = (
    Metric("kmeans_neighbour_agreement", "Neighbour agreement of k-means"),
    Metric("silhouette"),
    Metric("davies_bouldin", "Davies-Bouldin index", higher_is_better=False),
    Metric("stability", "Stability under resampling"),
    Metric("clusters", higher_is_better=None),
    Metric("noise", "Share of inputs in no cluster", higher_is_better=None),
    Metric("count_stability", "Share of resamples with the same number of clusters"),
    Metric("second_count", "Clusters by a second criterion", higher_is_better=None),
    Metric("acc", "Accuracy (Hungarian method)"),
    Metric("nmi", "Normalized mutual information"),
    Metric("ari", "Adjusted Rand index"),
    Metric("kmeans_acc", "Accuracy of k-means (Hungarian method)"),
    Metric("kmeans_nmi", "Normalized mutual information of k-means"),
    Metric("kmeans_ari", "Adjusted Rand index of k-means"),
)
"""Descriptions of the metrics other than the one that ranks models."""


def external_metrics(clusters: np.ndarray, labels: np.ndarray, prefix: str = "") -> dict[str, float]:
    """Compare clusters with true classes; noise counts as one more cluster.

    Args:
        clusters: Clusters of shape `(n,)`.
        labels: True classes of shape `(n,)`.
        prefix: Prefix of the names.

    Returns:
        `acc`: accuracy under the best one-to-one assignment of clusters to classes (Kuhn 1955, Hungarian method);
        `nmi`: normalized mutual information (Strehl & Ghosh 2002, arithmetic mean); `ari`: adjusted Rand index (Hubert
        & Arabie 1985).
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    from sklearn.metrics.cluster import contingency_matrix

    table = contingency_matrix(labels, clusters)
    assignment = linear_sum_assignment(table, maximize=True)
    return {
        f"{prefix}acc": float(table[assignment].sum() / len(labels)),
        f"{prefix}nmi": float(normalized_mutual_info_score(labels, clusters)),
        f"{prefix}ari": float(adjusted_rand_score(labels, clusters)),
    }


def neighbour_agreement(features: np.ndarray, clusters: np.ndarray) -> float:
    """Compute how often the k nearest neighbours of an input are in its cluster, corrected for chance.

    The correction is that of Cohen's kappa (1960). Unlike the silhouette it does not favour round clusters.

    Args:
        features: Shape `(n, features)`.
        clusters: Clusters of shape `(n,)`.

    Returns:
        1 if no cluster boundary cuts through a neighbourhood, 0 for random clusters and for a single one.
    """
    from sklearn.neighbors import NearestNeighbors

    fractions = np.unique(clusters, return_counts=True)[1] / len(clusters)
    if len(fractions) == 1:
        return 0.0
    chance = float((fractions**2).sum())
    k = min(NEIGHBOURS, len(clusters) - 1)
    neighbours = NearestNeighbors(n_neighbors=k).fit(features).kneighbors(return_distance=False)
    return float((np.mean(clusters[neighbours] == clusters[:, None]) - chance) / (1 - chance))


def internal_metrics(embedding: np.ndarray, clusters: np.ndarray) -> dict[str, float]:
    """Compute how compact and separate clusters are in the embedding, without noise.

    Args:
        embedding: Shape `(n, dimensions)`.
        clusters: Clusters of shape `(n,)`.

    Returns:
        `silhouette` (Rousseeuw 1987) and `davies_bouldin` (1979; lower is better); nothing for fewer than two clusters.
    """
    from sklearn.metrics import davies_bouldin_score, silhouette_score

    members = clusters != NOISE
    count = len(np.unique(clusters[members]))
    if not 2 <= count < members.sum():
        return {}
    return {
        "silhouette": float(silhouette_score(embedding[members], clusters[members])),
        "davies_bouldin": float(davies_bouldin_score(embedding[members], clusters[members])),
    }
