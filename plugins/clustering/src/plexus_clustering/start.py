"""Where training begins: the number of clusters and, for the methods without gradients, all there is to learn."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from plexus_clustering.codec import NOISE, ClusterCodec
from plexus_clustering.dataset import Collection
from plexus_clustering.grouping import group, group_manifold
from plexus_clustering.options import ClusterOptions

if TYPE_CHECKING:
    import keras

MOST_FEATURES, PROJECTED = 50, 16
"""Wider inputs are projected to so many features before they are compared."""
EMBEDDED = 5000
_REFERENCES, _FEW_REFERENCES, _MANY_ROWS, _NUMBERS = 8192, 2048, 50_000, 500_000


@dataclass(frozen=True)
class Start:
    """What was found before any training.

    Args:
        clusters: how many; sureness: as in `Grouping`.
        projection: `(features, PROJECTED)` and what is added, for wide inputs.
        places, shares: of the references, none for deep networks.
    """

    clusters: int
    sureness: float | None
    projection: tuple[np.ndarray, np.ndarray] | None = None
    places: np.ndarray | None = None
    shares: np.ndarray | None = None

    @property
    def references(self) -> int:
        """How many."""
        return 0 if self.places is None else len(self.places)


def find_start(dataset: Collection, codec: ClusterCodec, options: ClusterOptions, method: str) -> Start:
    """Look for it once for a source.

    Raises:
        InputError: the inputs cannot be clustered so.
    """
    if "start" not in dataset.memo:
        deep = method in {"deep", "manifold"}
        begin = _start_deep if deep else partial(_start_by_references, method)
        dataset.memo["start"] = begin(dataset, codec, options)
    return dataset.memo["start"]


def assign_start(network: "keras.Model", start: Start) -> None:
    """Give a network the references."""
    if start.projection is not None:
        network.get_layer("projection").set_weights(start.projection)
    network.get_layer("membership").set_weights([start.places, start.shares])


def projected_features(shape: tuple[int, ...]) -> int:
    """How many features inputs of a shape are projected to; 0 if they are taken as they are."""
    return PROJECTED if int(np.prod(shape)) > MOST_FEATURES else 0


def _start_deep(dataset: Collection, codec: ClusterCodec, options: ClusterOptions) -> Start:
    if options.clusters is not None:
        return Start(options.clusters, None)
    from plexus_clustering.manifold import embed

    return Start(*group_manifold(embed(dataset.features(codec, dataset.sample(EMBEDDED)), options.seed), options.seed))


def _start_by_references(method: str, dataset: Collection, codec: ClusterCodec, options: ClusterOptions) -> Start:
    features = int(np.prod(codec.encoder.shape))
    most = _REFERENCES if len(dataset) <= _MANY_ROWS else _FEW_REFERENCES
    x = dataset.features(codec, dataset.sample(min(most, _NUMBERS // min(features, MOST_FEATURES))))
    projection = _principal(x) if projected_features(codec.encoder.shape) else None
    if projection is not None:
        x = x @ projection[0] + projection[1]
    found = group(x, method, options.clusters, options.seed)
    if method == "kmeans":
        x = np.stack([x[found.labels == cluster].mean(axis=0) for cluster in range(found.clusters)])
        shares = np.eye(found.clusters)
    else:
        shares = np.eye(found.clusters)[found.labels] * (found.labels != NOISE)[:, None]
    return Start(found.clusters, found.sureness, projection, x.astype(np.float32), shares.astype(np.float32))


def _principal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The projection on the first principal components, each scaled to the first's standard deviation at most 1."""
    mean = x.mean(axis=0)
    _, sizes, directions = np.linalg.svd(x - mean, full_matrices=False)
    kept = min(PROJECTED, len(sizes))
    weights = np.zeros((x.shape[1], PROJECTED))
    weights[:, :kept] = directions[:kept].T / max(sizes[0] / np.sqrt(len(x)), 1e-9)
    return weights.astype(np.float32), (-mean @ weights).astype(np.float32)
