"""Conversion between raw inputs, arrays and predicted clusters."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Self

import numpy as np

from plexus import Codec
from plexus.codec import Arrays, Input, JsonObject
from plexus_clustering.cluster_profile import ClusterProfile
from plexus_clustering.codec_state import ClusterState
from plexus_clustering.exemplar import Exemplar
from plexus_clustering.image_encoder import ImageEncoder
from plexus_clustering.input_encoder import InputEncoder
from plexus_clustering.prediction import NOISE, ClusterPrediction
from plexus_clustering.reference_points import ReferencePoints
from plexus_clustering.table_encoder import TableEncoder
from plexus_clustering.text_encoder import TextEncoder

ENCODERS: dict[str, type[InputEncoder]] = {
    encoder.kind: encoder for encoder in (TableEncoder, ImageEncoder, TextEncoder)
}
MAX_EXEMPLARS_SHOWN = 3


class ClusterCodec(Codec):
    """Images, rows or texts to the network's input, and memberships to clusters.

    Args:
        encoder: Encoder of the raw inputs.
        method: The resolved method: `deep`, `n2d`, `tomato`, `hdbscan` or `kmeans`.
        clusters: Number of clusters.
        count_stability: Fraction of resamples in which the same number is estimated; None if the user set it.
        references: Labelled points that the network compares with; None for the methods that train a network.
        exemplars: Typical members of each cluster; fitted after the training.
        profiles: Statistics of each cluster; fitted after the training.
        second_count: Number of clusters by another criterion; None if there is none.

    Example:
        ```python
        codec = ClusterCodec(ImageEncoder((28, 28, 1)), "deep", clusters=10)
        ```
    """

    state = ClusterState

    def __init__(
        self,
        encoder: InputEncoder,
        method: str,
        clusters: int,
        count_stability: float | None = None,
        references: ReferencePoints | None = None,
        exemplars: Sequence[Exemplar] = (),
        profiles: Sequence[ClusterProfile] = (),
        second_count: int | None = None,
    ) -> None:
        self.encoder, self.method, self.clusters = encoder, method, clusters
        self.count_stability, self.references, self.second_count = count_stability, references, second_count
        self.exemplars, self.profiles = list(exemplars), list(profiles)

    def with_profiles(self, exemplars: Sequence[Exemplar], profiles: Sequence[ClusterProfile]) -> "ClusterCodec":
        """Return the codec with what is fitted after the training.

        Args:
            exemplars: Typical members of each cluster.
            profiles: Statistics of each cluster.

        Returns:
            A new codec.
        """
        return ClusterCodec(
            self.encoder,
            self.method,
            self.clusters,
            self.count_stability,
            self.references,
            exemplars,
            profiles,
            self.second_count,
        )

    @property
    def fields(self) -> Sequence[slice]:
        """Features of the embedding that are categories of the same column of a table."""
        unchanged = self.references is not None and self.references.projection is None
        return self.encoder.fields if unchanged else ()

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Convert raw inputs.

        Args:
            inputs: Images, texts, rows as dictionaries, or a table.

        Returns:
            `x` or `image`.

        Raises:
            InputError: If an image cannot be read, or a row lacks a column.
        """
        return self.encoder.encode(inputs)

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> list[ClusterPrediction]:
        """Convert memberships to clusters.

        Args:
            outputs: `embedding` of shape `(n, dimensions)` and `membership` of shape `(n, clusters)`.
            inputs: Not used.

        Returns:
            One prediction per input.
        """
        membership = outputs["membership"]
        clusters = assigned_clusters(membership)
        degree = np.where(clusters == NOISE, 1 - membership.sum(axis=1), membership[np.arange(len(clusters)), clusters])
        distances, nearest = self._nearest_exemplars(outputs["embedding"], clusters)
        radius = np.array([profile.radius for profile in self.profiles] + [np.inf])[clusters]
        relative = distances / radius
        return [
            ClusterPrediction(
                cluster=int(cluster),
                membership=round(float(np.clip(degree[i], 0, 1)), 4),
                distance=round(float(relative[i]), 3),
                outlier=bool(relative[i] > 1 or cluster == NOISE),
                exemplars=[self.exemplars[e].name for e in nearest[i]],
            )
            for i, cluster in enumerate(clusters)
        ]

    def to_json(self) -> JsonObject:
        """Return the state as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "encoder": self.encoder.to_json(),
            "method": self.method,
            "clusters": self.clusters,
            "count_stability": self.count_stability,
            "second_count": self.second_count,
            "references": self.references.to_json() if self.references else None,
            "exemplars": [exemplar.to_json() for exemplar in self.exemplars],
            "profiles": [asdict(profile) for profile in self.profiles],
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        references = state["references"]
        return cls(
            ENCODERS[state["encoder"]["kind"]].from_json(state["encoder"]),
            state["method"],
            state["clusters"],
            state["count_stability"],
            ReferencePoints.from_json(references) if references else None,
            [Exemplar.from_json(exemplar) for exemplar in state["exemplars"]],
            [ClusterProfile(**profile) for profile in state["profiles"]],
            state.get("second_count"),
        )

    def _nearest_exemplars(self, embedding: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the distance to the cluster's nearest exemplar, of any cluster for noise, and the nearest ones."""
        points = np.array([exemplar.embedding for exemplar in self.exemplars], np.float32)
        owners = np.array([exemplar.cluster for exemplar in self.exemplars])
        squared = squared_distances(embedding, points)
        squared[(owners != clusters[:, None]) & (clusters != NOISE)[:, None]] = np.inf
        shown = min(MAX_EXEMPLARS_SHOWN, int(np.bincount(owners).min()))
        order = np.argpartition(squared, shown - 1, axis=1)[:, :shown]
        order = np.take_along_axis(order, np.take_along_axis(squared, order, 1).argsort(axis=1), 1)
        return np.sqrt(squared.min(axis=1)), order


def assigned_clusters(membership: np.ndarray) -> np.ndarray:
    """Return the cluster of each input.

    Args:
        membership: Degrees of membership, shape `(n, clusters)`; what is missing to 1 is noise.

    Returns:
        Clusters of shape `(n,)`; -1 where noise has the largest degree.
    """
    return np.where(1 - membership.sum(axis=1) > membership.max(axis=1), NOISE, membership.argmax(axis=1))


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return squared Euclidean distances, as scikit-learn's `euclidean_distances`, without importing it to predict.

    Args:
        a: Points of shape `(n, dimensions)`.
        b: Points of shape `(m, dimensions)`.

    Returns:
        Distances of shape `(n, m)`.
    """
    squared = (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
    return np.asarray(np.maximum(squared, 0))
