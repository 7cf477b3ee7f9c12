"""What can only be said of clusters once they are there."""

import base64
import io
from typing import TYPE_CHECKING

import numpy as np

from plexus_clustering.codec import ClusterCodec, Exemplar, Profiler, clusters_of, squared_distances
from plexus_clustering.dataset import Collection

if TYPE_CHECKING:
    from plexus.task import Predictor

MOST_ROWS, EXEMPLARS, DIFFERENCES = 20_000, 8, 12
REACH = 0.995
"""The share of a cluster's members that are no outliers."""
THUMBNAIL = 48


def calibrated(predictor: "Predictor", dataset: Collection, codec: ClusterCodec) -> ClusterCodec:
    """The codec with exemplars of each cluster, how far its members reach, and what sets it apart."""
    rows = dataset.sample(MOST_ROWS)
    outputs = predictor({name: values[rows] for name, values in dataset.encode(codec).items()})
    places, found = outputs["embedding"], clusters_of(outputs["membership"])
    features = dataset.features(codec, rows)
    exemplars: list[Exemplar] = []
    reaches, sizes, means = [], [], []
    for cluster in range(codec.clusters):
        members = np.flatnonzero(found == cluster)
        chosen = members[_typical(places[members])] if len(members) else np.array([_middle(places)])
        exemplars += [_exemplar(dataset, codec, cluster, int(rows[i]), places[i]) for i in chosen]
        reaches.append(_reach(places[members], places[chosen]))
        sizes.append(len(members) / len(rows))
        means.append(features[members].mean(axis=0) if len(members) else features.mean(axis=0))
    floor = 0.1 * float(np.mean(reaches)) or 1.0
    differences = _differences(np.array(means), features, codec.encoder.features)
    profiles = [
        Profiler(round(size, 6), round(max(reach, floor), 6), different)
        for size, reach, different in zip(sizes, reaches, differences, strict=True)
    ]
    return codec.with_profiles(exemplars, profiles)


def _middle(places: np.ndarray) -> int:
    """A stand-in for the exemplar of a cluster that nothing is in: the row in the middle of all."""
    return int(squared_distances(places, places.mean(axis=0, keepdims=True))[:, 0].argmin())


def _typical(places: np.ndarray) -> np.ndarray:
    """The members nearest to the centres of a cluster's parts, so that the exemplars cover all of it."""
    from sklearn.cluster import KMeans

    parts = min(EXEMPLARS, len(np.unique(places, axis=0)))
    centres = KMeans(parts, n_init=1, random_state=0).fit(places).cluster_centers_
    return np.unique(squared_distances(places, centres.astype(np.float32)).argmin(axis=0))


def _reach(members: np.ndarray, exemplars: np.ndarray) -> float:
    if not len(members):
        return 0.0
    return float(np.quantile(np.sqrt(squared_distances(members, exemplars).min(axis=1)), REACH))


def _differences(means: np.ndarray, features: np.ndarray, names: list[str]) -> list[dict[str, float]]:
    """The features of each cluster whose mean is furthest from that of all, in standard deviations."""
    if not names:
        return [{} for _ in means]
    apart = (means - features.mean(axis=0)) / np.maximum(features.std(axis=0), 1e-6)
    orders = np.argsort(-np.abs(apart), axis=1)[:, :DIFFERENCES]
    return [{names[i]: round(float(row[i]), 3) for i in order} for row, order in zip(apart, orders, strict=True)]


def _exemplar(dataset: Collection, codec: ClusterCodec, cluster: int, row: int, place: np.ndarray) -> Exemplar:
    thumbnail = None
    if dataset.kind == "pictures":
        from PIL import Image

        picture = dataset.encode(codec)["image"][row]
        image = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        stream = io.BytesIO()
        image.save(stream, "PNG")
        thumbnail = base64.b64encode(stream.getvalue()).decode()
    return Exemplar(cluster, dataset.name(row), tuple(round(float(v), 5) for v in place), thumbnail)
