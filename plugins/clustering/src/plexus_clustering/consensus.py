"""Consensus of k-means and mixtures over resamples (evidence accumulation, Fred & Jain 2005)."""

from dataclasses import dataclass

import numpy as np

from plexus_clustering.mixed_features import MixedFeatures
from plexus_clustering.mixed_mixture import SHAPES, fit_mixture
from plexus_clustering.resamples import fit_kmeans, sample_rows

RESAMPLES, RESAMPLE_FRACTION = 16, 0.8
SAMPLE_ROWS = 2000
"""Rows whose pairs are compared; the others join the cluster whose members have their labels most often."""
MIN_ROWS_PER_CLUSTER = 4
MAX_OUTLIER_CLUSTERS = 20


def consensus_clusters(features: MixedFeatures, clusters: int, min_size: int, seed: int) -> np.ndarray:
    """Cluster rows by what k-means and three mixtures agree on over resamples.

    Each method clusters 16 samples of 80 % of the rows, and assigns the others. The share of the 64 partitions in
    which two rows are in one cluster is their similarity, by which average linkage clusters them. No single method
    decides: the centroids of k-means and the covariances of mixtures are right for different data, and what depends
    on the sample has little weight.

    Args:
        features: The rows.
        clusters: Number of clusters, at most that of the different rows.
        min_size: Rows of the smallest cluster; smaller ones are outliers, which join the most similar large cluster.
        seed: Random seed of the resamples.

    Returns:
        Clusters of shape `(n,)`, from 0.
    """
    if clusters == 1:
        return np.zeros(len(features), int)
    if len(features) < MIN_ROWS_PER_CLUSTER * clusters:
        return _ward(features.encoded, clusters)
    partitions = Partitions.of_resamples(features, clusters, seed)
    rows = sample_rows(len(features), SAMPLE_ROWS, seed)
    labels = _cut(partitions.similarity(rows), clusters, min_size)
    complete = np.full(len(features), -1)
    complete[rows] = labels
    return partitions.assign(complete)


@dataclass(frozen=True)
class Partitions:
    """Several partitions of the same rows.

    Args:
        one_hot: Cluster of each row in each partition, one-hot, shape `(n, clusters of all partitions)`.
        count: Number of partitions.

    Example:
        ```python
        Partitions(np.array([[1, 0], [0, 1], [0, 1]]), count=1).similarity(np.arange(3))
        ```
    """

    one_hot: np.ndarray
    count: int

    @classmethod
    def of_resamples(cls, features: MixedFeatures, clusters: int, seed: int) -> "Partitions":
        """Partition the rows by each method on each resample.

        Args:
            features: The rows.
            clusters: Number of clusters.
            seed: Random seed of the resamples.

        Returns:
            The partitions.
        """
        generator = np.random.default_rng(seed)
        size = int(RESAMPLE_FRACTION * min(len(features), SAMPLE_ROWS))
        partitions = []
        for _ in range(RESAMPLES):
            rows = generator.permutation(len(features))[:size]
            sample = features.take(rows)
            kmeans = fit_kmeans(sample.encoded, clusters, int(generator.integers(1 << 31)))
            start = np.unique(kmeans.labels_, return_inverse=True)[1]
            partitions.append(kmeans.predict(features.encoded))
            partitions += [fit_mixture(sample, start, shape).mixture.predict(features) for shape in SHAPES]
        one_hot = [np.eye(clusters, dtype=np.float32)[labels] for labels in partitions]
        return cls(np.concatenate(one_hot, axis=1), len(partitions))

    def similarity(self, rows: np.ndarray) -> np.ndarray:
        """Return the fractions of partitions in which two rows are in one cluster.

        Args:
            rows: Indices of the rows.

        Returns:
            Shape `(rows, rows)`.
        """
        return np.asarray(self.one_hot[rows] @ self.one_hot[rows].T / self.count)

    def assign(self, labels: np.ndarray) -> np.ndarray:
        """Assign rows without a label to the cluster to whose members they are most similar.

        Args:
            labels: Clusters of shape `(n,)`, from 0; -1 for none.

        Returns:
            Clusters of shape `(n,)`.
        """
        open_rows = np.flatnonzero(labels < 0)
        if len(open_rows):
            means = np.stack([self.one_hot[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
            labels = labels.copy()
            labels[open_rows] = (self.one_hot[open_rows] @ means.T).argmax(axis=1)
        return labels


def _cut(similarity: np.ndarray, clusters: int, min_size: int) -> np.ndarray:
    """Cut the tree of average linkage at the first level with enough large clusters; -1 in the small ones."""
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform

    distances = np.maximum(1 - similarity, 0)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    levels = list(range(clusters, min(clusters + MAX_OUTLIER_CLUSTERS, len(similarity)) + 1))
    for labels in cut_tree(tree, levels).T:
        large = np.flatnonzero(np.bincount(labels) >= min_size)
        if len(large) >= clusters:
            break
    else:
        return np.asarray(cut_tree(tree, clusters)[:, 0])
    places = np.full(labels.max() + 1, -1)
    places[large] = np.arange(len(large))
    return np.asarray(places[labels])


def _ward(x: np.ndarray, clusters: int) -> np.ndarray:
    from sklearn.cluster import AgglomerativeClustering

    return np.asarray(AgglomerativeClustering(clusters).fit_predict(x))
