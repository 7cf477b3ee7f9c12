"""Evaluation of a model's clusters."""

from typing import TYPE_CHECKING

import numpy as np

from plexus_clustering.clusters import METHODS
from plexus_clustering.codec import ClusterCodec, assigned_clusters
from plexus_clustering.dataset import ClusteringDataset
from plexus_clustering.manifold import cluster_embedding
from plexus_clustering.metrics import external_metrics, internal_metrics, neighbour_agreement
from plexus_clustering.options import METHODS_WITH_TRAINING
from plexus_clustering.prediction import NOISE

if TYPE_CHECKING:
    from plexus import Predictor

CHUNK_ROWS, KMEANS_ROWS, PAIRWISE_ROWS = 50_000, 20_000, 3000
STABILITY_REPEATS = 3


def evaluate_sample(predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec) -> dict[str, float]:
    """Compute the metrics of the validation split; none of them uses labels.

    Args:
        predictor: The network.
        dataset: The dataset.
        codec: The codec.

    Returns:
        The metrics by name.
    """
    rows = dataset.rows("val")
    outputs = predictor(dataset.encode(codec.encoder, rows))
    clusters = assigned_clusters(outputs["membership"])
    return {
        "neighbour_agreement": neighbour_agreement(dataset.features(codec.encoder, rows), clusters),
        **internal_metrics(outputs["embedding"], clusters),
    }


def evaluate_all(predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec) -> dict[str, float]:
    """Compute all metrics on all inputs; those that compare pairs of inputs, on a sample.

    Args:
        predictor: The network.
        dataset: The dataset.
        codec: The codec.

    Returns:
        The metrics by name.
    """
    clusters = _predict_clusters(predictor, dataset, codec)
    baseline = _kmeans_baseline(dataset, codec)
    rows = dataset.sample(PAIRWISE_ROWS)
    features = dataset.features(codec.encoder, rows)
    embedding = predictor(dataset.encode(codec.encoder, rows))["embedding"]
    metrics = {
        "neighbour_agreement": neighbour_agreement(features, clusters[rows]),
        "kmeans_neighbour_agreement": neighbour_agreement(features, baseline[rows]),
        **internal_metrics(embedding, clusters[rows]),
        "stability": _stability(embedding, codec),
        "clusters": float(len(np.unique(clusters[clusters != NOISE]))),
        "noise": float(np.mean(clusters == NOISE)),
    }
    if codec.count_stability is not None:
        metrics["count_stability"] = codec.count_stability
    if codec.second_count is not None:
        metrics["second_count"] = float(codec.second_count)
    if dataset.labels is not None:
        metrics |= external_metrics(clusters, dataset.labels)
        metrics |= external_metrics(baseline, dataset.labels, "kmeans_")
    return metrics


def _chunks(dataset: ClusteringDataset) -> list[slice]:
    return [slice(start, start + CHUNK_ROWS) for start in range(0, len(dataset), CHUNK_ROWS)]


def _predict_clusters(predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec) -> np.ndarray:
    return np.concatenate(
        [assigned_clusters(predictor(dataset.encode(codec.encoder, chunk))["membership"]) for chunk in _chunks(dataset)]
    )


def _kmeans_baseline(dataset: ClusteringDataset, codec: ClusterCodec) -> np.ndarray:
    """Return the clusters of k-means on the features, with as many clusters."""
    from sklearn.cluster import KMeans

    sample = dataset.features(codec.encoder, dataset.sample(KMEANS_ROWS))
    kmeans = KMeans(min(codec.clusters, len(sample)), n_init=3, random_state=dataset.seed).fit(sample)
    return np.concatenate([kmeans.predict(dataset.features(codec.encoder, chunk)) for chunk in _chunks(dataset)])


def _stability(embedding: np.ndarray, codec: ClusterCodec) -> float:
    """Return the ARI between the clusters of two halves of the inputs (Lange, Roth, Braun, Buhmann 2004).

    Each half is clustered in the embedding by the same method; the other half gets the clusters of its nearest members.
    """
    from sklearn.metrics import adjusted_rand_score
    from sklearn.neighbors import KNeighborsClassifier

    generator = np.random.default_rng(0)
    scores = []
    for _ in range(STABILITY_REPEATS):
        halves = np.array_split(generator.permutation(len(embedding)), 2)
        first, second = (
            KNeighborsClassifier(1).fit(embedding[half], _recluster(embedding[half], codec)).predict(embedding)
            for half in halves
        )
        scores.append(adjusted_rand_score(first, second))
    return float(np.mean(scores))


def _recluster(embedding: np.ndarray, codec: ClusterCodec) -> np.ndarray:
    clusters = min(codec.clusters, len(np.unique(embedding, axis=0)))
    if clusters == 1:
        return np.zeros(len(embedding), int)
    if codec.method in METHODS_WITH_TRAINING:
        return cluster_embedding(embedding.astype(np.float64), clusters, seed=0)
    return METHODS[codec.method](embedding, None if codec.method == "hdbscan" else clusters, 0, codec.fields)
