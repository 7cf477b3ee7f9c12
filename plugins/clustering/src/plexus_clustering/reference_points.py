"""Labelled points that a network without training compares inputs with."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus_clustering.array_json import array_from_json, array_to_json
from plexus_clustering.projection import Projection


@dataclass(frozen=True)
class ReferencePoints:
    """Points whose clusters are known.

    Args:
        points: Shape `(n, dimensions)`, after the projection.
        clusters: Clusters of the points, shape `(n,)`; -1 for noise.
        projection: Projection of the inputs; None if they are compared as they are.

    Example:
        ```python
        ReferencePoints(np.zeros((2, 3)), np.array([0, 1]))
        ```
    """

    points: np.ndarray
    clusters: np.ndarray
    projection: Projection | None = None

    def to_json(self) -> JsonObject:
        """Return the state as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        projection = self.projection
        return {
            "points": array_to_json(self.points),
            "clusters": self.clusters.tolist(),
            "projection": projection
            and {"weights": array_to_json(projection.weights), "offset": array_to_json(projection.offset)},
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create reference points from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The reference points.
        """
        projection = state["projection"]
        return cls(
            array_from_json(state["points"]),
            np.array(state["clusters"], int),
            projection and Projection(array_from_json(projection["weights"]), array_from_json(projection["offset"])),
        )
