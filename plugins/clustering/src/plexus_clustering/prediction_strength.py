"""The number of clusters by prediction strength (Tibshirani & Walther 2005)."""

import numpy as np

from plexus_clustering.resamples import fit_kmeans, sample_rows

MIN_STRENGTH = 0.8
"""Strength from which a number of clusters is supported, as in the paper."""
MAX_CLUSTERS, MIN_ROWS_PER_CLUSTER, SPLITS, SAMPLE_ROWS = 10, 8, 3, 2000


def count_by_strength(x: np.ndarray, seed: int) -> int:
    """Return the largest number of k-means clusters whose prediction strength is 0.8 or more.

    Args:
        x: Features of shape `(n, features)`; a sample of them is used if there are many.
        seed: Random seed of the sample and the splits.

    Returns:
        The number, at least 1.
    """
    x = x[sample_rows(len(x), SAMPLE_ROWS, seed)]
    candidates = range(2, min(MAX_CLUSTERS, len(x) // MIN_ROWS_PER_CLUSTER) + 1)
    return max((k for k in candidates if prediction_strength(x, k, seed) >= MIN_STRENGTH), default=1)


def prediction_strength(x: np.ndarray, clusters: int, seed: int) -> float:
    """Compute the prediction strength of k-means (equation 2.1 of the paper).

    The rows are halved. k-means clusters both halves, and the centres of the first predict the clusters of the second.
    The strength is the share of the pairs of a cluster of the second half that are predicted to be in one cluster, in
    the worst of its clusters.

    Args:
        x: Features of shape `(n, features)`.
        clusters: Number of clusters.
        seed: Random seed of the splits.

    Returns:
        The mean over the splits, from 0 to 1.
    """
    generator = np.random.default_rng(seed)
    strengths = []
    for _ in range(SPLITS):
        first, second = (x[half] for half in np.array_split(generator.permutation(len(x)), 2))
        predicted = fit_kmeans(first, clusters, seed).predict(second)
        own = fit_kmeans(second, clusters, seed).labels_
        strengths.append(min(_shared_pairs(predicted[own == cluster]) for cluster in np.unique(own)))
    return float(np.mean(strengths))


def _shared_pairs(labels: np.ndarray) -> float:
    """Return the fraction of pairs with the same label; 1 for a single one."""
    counts = np.bincount(labels)
    pairs = len(labels) * (len(labels) - 1)
    return float((counts * (counts - 1)).sum() / pairs) if pairs else 1.0
