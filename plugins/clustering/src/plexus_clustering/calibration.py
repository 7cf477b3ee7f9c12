"""Exemplars and profiles of the clusters, fitted after the training."""

from typing import TYPE_CHECKING

import numpy as np

from plexus_clustering.cluster_profile import ClusterProfile
from plexus_clustering.codec import ClusterCodec, assigned_clusters
from plexus_clustering.dataset import ClusteringDataset
from plexus_clustering.exemplar import Exemplar, encode_thumbnail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plexus import Predictor

MAX_ROWS, MAX_EXEMPLARS, MAX_DEVIATIONS = 20_000, 8, 12
RADIUS_QUANTILE = 0.995
MIN_RELATIVE_RADIUS = 0.1
"""Smallest radius of a cluster, as a multiple of the mean radius."""
SMALLEST_RADIUS = 1e-6
"""In clusters of equal rows, and next to a value so far away that the others are almost equal."""


def fit_profiles(predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec) -> ClusterCodec:
    """Choose the exemplars of each cluster, and compute its size, radius and deviations.

    Args:
        predictor: The network.
        dataset: The dataset.
        codec: The codec.

    Returns:
        A new codec.
    """
    rows = dataset.sample(MAX_ROWS)
    outputs = predictor(dataset.encode(codec.encoder, rows))
    embedding, clusters = outputs["embedding"], assigned_clusters(outputs["membership"])
    features = dataset.features(codec.encoder, rows)
    exemplars: list[Exemplar] = []
    radii, sizes, means = [], [], []
    for cluster in range(codec.clusters):
        members = np.flatnonzero(clusters == cluster)
        typical = members[_typical_members(embedding[members])] if len(members) else _central_row(embedding)
        exemplars += [_exemplar(dataset, codec, cluster, int(rows[i]), embedding[i]) for i in typical]
        radii.append(_radius(embedding[members], embedding[typical]))
        sizes.append(len(members) / len(rows))
        means.append(features[members].mean(axis=0) if len(members) else features.mean(axis=0))
    min_radius = MIN_RELATIVE_RADIUS * float(np.mean(radii)) or 1.0
    deviations = _deviations(np.array(means), features, codec.encoder.features)
    profiles = [
        ClusterProfile(round(size, 6), max(round(max(radius, min_radius), 6), SMALLEST_RADIUS), deviation)
        for size, radius, deviation in zip(sizes, radii, deviations, strict=True)
    ]
    return codec.with_profiles(exemplars, profiles)


def _central_row(embedding: np.ndarray) -> np.ndarray:
    """Return the row nearest to the mean, the exemplar of an empty cluster."""
    return np.array([np.linalg.norm(embedding - embedding.mean(axis=0), axis=1).argmin()])


def _typical_members(embedding: np.ndarray) -> np.ndarray:
    """Return the members nearest to k-means centres of the cluster, so that the exemplars cover all of it."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import pairwise_distances_argmin

    parts = min(MAX_EXEMPLARS, len(np.unique(embedding, axis=0)))
    centres = KMeans(parts, n_init=1, random_state=0).fit(embedding).cluster_centers_
    return np.unique(pairwise_distances_argmin(centres, embedding))


def _radius(members: np.ndarray, exemplars: np.ndarray) -> float:
    from sklearn.metrics import pairwise_distances_argmin_min

    if not len(members):
        return 0.0
    return float(np.quantile(pairwise_distances_argmin_min(members, exemplars)[1], RADIUS_QUANTILE))


def _deviations(means: np.ndarray, features: np.ndarray, names: "Sequence[str]") -> list[dict[str, float]]:
    """Return the features of each cluster whose mean deviates most, in standard deviations."""
    if not names:
        return [{} for _ in means]
    scaled = (means - features.mean(axis=0)) / np.maximum(features.std(axis=0), 1e-6)
    orders = np.argsort(-np.abs(scaled), axis=1)[:, :MAX_DEVIATIONS]
    return [{names[i]: round(float(row[i]), 3) for i in order} for row, order in zip(scaled, orders, strict=True)]


def _exemplar(
    dataset: ClusteringDataset, codec: ClusterCodec, cluster: int, row: int, embedding: np.ndarray
) -> Exemplar:
    thumbnail = None
    if dataset.kind == "images":
        thumbnail = encode_thumbnail(dataset.encode(codec.encoder)["image"][row])
    return Exemplar(cluster, dataset.name(row), tuple(round(float(v), 5) for v in embedding), thumbnail)
