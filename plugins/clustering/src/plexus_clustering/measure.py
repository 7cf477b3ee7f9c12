"""Measuring a network's clusters."""

from typing import TYPE_CHECKING

import numpy as np

from plexus_clustering.codec import NOISE, ClusterCodec, clusters_of, squared_distances
from plexus_clustering.dataset import Collection
from plexus_clustering.grouping import METHODS
from plexus_clustering.manifold import embedded_labels
from plexus_clustering.validity import SAMPLE, neighbour_agreement, shape_scores, truth_scores

if TYPE_CHECKING:
    from plexus.task import Predictor

CHUNK, KMEANS_ROWS, HALVES = 50_000, 20_000, 3


def measure_sample(predictor: "Predictor", dataset: Collection, codec: ClusterCodec) -> dict[str, float]:
    """The figures that choose among epochs, on the validation split: none of them has seen a label."""
    rows = dataset.rows("val")
    outputs = predictor({name: values[rows] for name, values in dataset.encode(codec).items()})
    found = clusters_of(outputs["membership"])
    return {
        "neighbour_agreement": neighbour_agreement(dataset.features(codec, rows), found),
        **shape_scores(outputs["embedding"], found),
    }


def measure_all(predictor: "Predictor", dataset: Collection, codec: ClusterCodec, method: str) -> dict[str, float]:
    """Every figure, on all inputs; what compares pairs of inputs, on a sample of them."""
    found = _found(predictor, dataset, codec)
    baseline = _kmeans(dataset, codec)
    rows = dataset.sample(SAMPLE)
    features = dataset.features(codec, rows)
    places = predictor({name: values[rows] for name, values in dataset.encode(codec).items()})["embedding"]
    scores = {
        "neighbour_agreement": neighbour_agreement(features, found[rows]),
        "kmeans_neighbour_agreement": neighbour_agreement(features, baseline[rows]),
        **shape_scores(places, found[rows]),
        "stability": _stability(places, codec, method),
        "clusters": float(len(np.unique(found[found != NOISE]))),
        "noise": float(np.mean(found == NOISE)),
    }
    if codec.sureness is not None:
        scores["sureness"] = codec.sureness
    if dataset.truth is not None:
        scores |= truth_scores(found, dataset.truth) | truth_scores(baseline, dataset.truth, "kmeans_")
    return scores


def _found(predictor: "Predictor", dataset: Collection, codec: ClusterCodec) -> np.ndarray:
    arrays = dataset.encode(codec)
    parts = [
        clusters_of(predictor({name: values[start : start + CHUNK] for name, values in arrays.items()})["membership"])
        for start in range(0, len(dataset), CHUNK)
    ]
    return np.concatenate(parts)


def _kmeans(dataset: Collection, codec: ClusterCodec) -> np.ndarray:
    """k-means with as many clusters, on the inputs as they are: the baseline."""
    from sklearn.cluster import KMeans

    sample = dataset.features(codec, dataset.sample(KMEANS_ROWS))
    centres = KMeans(min(codec.clusters, len(sample)), n_init=3, random_state=dataset.options.seed).fit(sample)
    parts = [
        squared_distances(
            dataset.features(codec, np.arange(start, min(start + CHUNK, len(dataset)))), centres.cluster_centers_
        ).argmin(axis=1)
        for start in range(0, len(dataset), CHUNK)
    ]
    return np.concatenate(parts)


def _stability(places: np.ndarray, codec: ClusterCodec, method: str) -> float:
    """How alike the clusters are that two halves of the inputs lead to (ARI; Lange, Roth, Braun, Buhmann 2004).

    Each half is grouped anew in the embedding by the same method, and gives its clusters to all by the nearest member.
    """
    from sklearn.metrics import adjusted_rand_score
    from sklearn.neighbors import KNeighborsClassifier

    generator = np.random.default_rng(0)
    values = []
    for _ in range(HALVES):
        order = generator.permutation(len(places))
        spread = []
        for half in np.array_split(order, 2):
            labels = _regroup(places[half], codec.clusters, method)
            spread.append(KNeighborsClassifier(1).fit(places[half], labels).predict(places))
        values.append(adjusted_rand_score(*spread))
    return float(np.mean(values))


def _regroup(places: np.ndarray, clusters: int, method: str) -> np.ndarray:
    clusters = min(clusters, len(np.unique(places, axis=0)))
    if clusters == 1:
        return np.zeros(len(places), int)
    if method in {"deep", "manifold"}:
        return embedded_labels(places.astype(np.float64), clusters, 0)
    return METHODS[method](places, None if method == "density" else clusters, 0)
