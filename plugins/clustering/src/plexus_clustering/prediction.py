"""Result for one input: its cluster, the degree of membership, and whether it is an outlier."""

from plexus import Prediction

NOISE = -1
"""Cluster of inputs that belong to none."""


class ClusterPrediction(Prediction):
    """The cluster of an input.

    Attributes:
        cluster: Number of the cluster, from 0; -1 for noise.
        membership: Degree of membership, from 0 to 1.
        distance: Distance to the cluster's nearest exemplar, as a multiple of the cluster's radius.
        outlier: Whether the distance is above 1, or the input is noise.
        exemplars: Names of the cluster's nearest exemplars, nearest first.

    Example:
        ```python
        prediction = bundle.predict([{"height": 1.8, "weight": 80}])[0]
        prediction.cluster, prediction.membership
        ```
    """

    cluster: int
    membership: float
    distance: float
    outlier: bool
    exemplars: list[str]

    def __str__(self) -> str:
        if self.cluster == NOISE:
            return f"no cluster  (nearest: {', '.join(self.exemplars)})"
        outlier = ", outlier" if self.outlier else ""
        return f"cluster {self.cluster}  {self.membership:.1%}{outlier}  (like {', '.join(self.exemplars)})"
