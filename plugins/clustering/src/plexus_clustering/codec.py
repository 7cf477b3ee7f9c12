"""Raw inputs to arrays, and memberships to answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from plexus import Codec, Prediction
from plexus_clustering.encoders import ENCODERS, Encoder

NOISE = -1
SHOWN = 3


class Member(Prediction):
    """Where an input belongs.

    Args:
        cluster: counted from 0; -1: noise, in none.
        membership: the share of the evidence that is for this cluster.
        distance: to the nearest exemplar, as a multiple of what nearly all of the cluster's members keep to.
        outlier: whether it is further than that.
        exemplars: the nearest of the cluster's typical members, by the names they had in the training data.
    """

    cluster: int
    membership: float
    distance: float
    outlier: bool
    exemplars: list[str]

    def __str__(self) -> str:
        if self.cluster == NOISE:
            return f"in no cluster  (nearest: {', '.join(self.exemplars)})"
        unlike = ", but unlike its members" if self.outlier else ""
        return f"cluster {self.cluster}  {self.membership:.1%}{unlike}  (like {', '.join(self.exemplars)})"


@dataclass(frozen=True)
class Exemplar:
    """A typical member.

    Args:
        cluster: whose.
        name: in the training data: `row 17`, a file, a text's beginning.
        place: in the embedding.
        thumbnail: of a picture, PNG in base 64.
    """

    cluster: int
    name: str
    place: tuple[float, ...]
    thumbnail: str | None = None


@dataclass(frozen=True)
class Profiler:
    """What calibration learned of a cluster.

    Args:
        size: its share of the training data.
        reach: the distance to the nearest exemplar that nearly all of its members keep to.
        differences: how far its mean is from that of all, by feature, in standard deviations, the largest first.
    """

    size: float
    reach: float
    differences: dict[str, float]


class ClusterCodec(Codec):
    """Pictures, rows or texts to the network's input, and its memberships to clusters.

    Args:
        encoder: of the kind of input.
        clusters: how many there are.
        sureness: the share of resamples in which as many were found; None if the number was given.
        references: rows of the network that answers by them; 0: it is a deep one.
        exemplars, profiles: what calibration learned.
    """

    def __init__(
        self,
        encoder: Encoder,
        clusters: int,
        sureness: float | None = None,
        references: int = 0,
        exemplars: Sequence[Exemplar] = (),
        profiles: Sequence[Profiler] = (),
    ) -> None:
        self.encoder, self.clusters, self.sureness, self.references = encoder, clusters, sureness, references
        self.exemplars, self.profiles = list(exemplars), list(profiles)

    def with_profiles(self, exemplars: Sequence[Exemplar], profiles: Sequence[Profiler]) -> "ClusterCodec":
        """The same codec, calibrated."""
        return ClusterCodec(self.encoder, self.clusters, self.sureness, self.references, exemplars, profiles)

    def encode(self, raws: Sequence[Any]) -> dict[str, np.ndarray]:
        """`x` or `image`, as the encoder has it.

        Raises:
            InputError: a picture cannot be read, or a row lacks a column.
        """
        return self.encoder.encode(raws)

    def decode(self, outputs: dict[str, np.ndarray]) -> list[Prediction]:
        """The cluster of each input, how sure that is, and what it is like."""
        membership = outputs["membership"]
        found = clusters_of(membership)
        share = np.where(found == NOISE, 1 - membership.sum(axis=1), membership[np.arange(len(found)), found])
        distances, order = self._nearest(outputs["embedding"], found)
        reach = np.array([profile.reach for profile in self.profiles] + [np.inf])[found]
        ratio = distances / reach
        names = [exemplar.name for exemplar in self.exemplars]
        return [
            Member(
                cluster=cluster,
                membership=round(min(max(own, 0.0), 1.0), 4),
                distance=round(far, 3),
                outlier=far > 1 or cluster == NOISE,
                exemplars=[names[i] for i in near],
            )
            for cluster, own, far, near in zip(
                found.tolist(), share.tolist(), ratio.tolist(), order.tolist(), strict=True
            )
        ]

    def _nearest(self, embedding: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The distance to the nearest exemplar of the found cluster (of any, for noise), and the nearest ones."""
        places = np.array([exemplar.place for exemplar in self.exemplars], np.float32)
        owners = np.array([exemplar.cluster for exemplar in self.exemplars])
        squared = squared_distances(embedding, places)
        squared[(owners != found[:, None]) & (found != NOISE)[:, None]] = np.inf
        shown = min(SHOWN, int(np.bincount(owners).min()))
        order = np.argpartition(squared, shown - 1, axis=1)[:, :shown]
        order = np.take_along_axis(order, np.take_along_axis(squared, order, 1).argsort(axis=1), 1)
        return np.sqrt(squared.min(axis=1)), order

    def to_json(self) -> dict[str, Any]:
        """See `Codec.to_json`."""
        return {
            "encoder": self.encoder.to_json(),
            "clusters": self.clusters,
            "sureness": self.sureness,
            "references": self.references,
            "exemplars": [vars(exemplar) | {"place": list(exemplar.place)} for exemplar in self.exemplars],
            "profiles": [vars(profile) for profile in self.profiles],
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """See `Codec.from_json`."""
        exemplars = [Exemplar(**exemplar) for exemplar in state["exemplars"]]
        return cls(
            ENCODERS[state["encoder"]["kind"]].from_json(state["encoder"]),
            state["clusters"],
            state["sureness"],
            state["references"],
            [replace(exemplar, place=tuple(exemplar.place)) for exemplar in exemplars],
            [Profiler(**profile) for profile in state["profiles"]],
        )


def clusters_of(membership: np.ndarray) -> np.ndarray:
    """The cluster of each row `(n,)`; -1 where what is left of the memberships, noise, is more than any of them."""
    found = membership.argmax(axis=1)
    return np.where(1 - membership.sum(axis=1) > membership.max(axis=1), NOISE, found)


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Between the rows of `a` and those of `b`: `(n, m)`, never below 0."""
    squared = (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
    return np.maximum(squared, 0)
