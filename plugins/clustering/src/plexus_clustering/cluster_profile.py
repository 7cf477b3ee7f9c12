"""Statistics of one cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClusterProfile:
    """Statistics of a cluster, fitted after the training.

    Args:
        size: Fraction of the training data.
        radius: Distance to the nearest exemplar that 99.5 % of the members do not exceed.
        deviations: Mean of the cluster minus the mean of all data, by feature, in standard deviations; largest first.

    Example:
        ```python
        ClusterProfile(size=0.2, radius=1.5, deviations={"height": 1.8})
        ```
    """

    size: float
    radius: float
    deviations: dict[str, float]
