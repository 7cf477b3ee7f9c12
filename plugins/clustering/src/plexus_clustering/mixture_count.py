"""The number of clusters of a table, by mixtures of numbers and categories."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from plexus_clustering.mixed_features import MixedFeatures
from plexus_clustering.mixed_mixture import SHAPES, fit_mixture
from plexus_clustering.resamples import kmeans_start, sample_rows

MAX_COMPONENTS, PATIENCE, NEARBY = 50, 3, 2
SAMPLE_ROWS, ROWS_PER_COMPONENT = 2000, 8
MIN_SIZE, MIN_SHARE = 5, 0.02
"""A cluster has at least so many rows, and this share of them; smaller components hold outliers."""


@dataclass(frozen=True)
class MixtureCount:
    """The number of clusters by the best mixture.

    Args:
        clusters: Number of components with enough rows.
        components: Number of all components.
        shape: Covariances of the mixture.

    Example:
        ```python
        count_components(features, seed=0).clusters
        ```
    """

    clusters: int
    components: int
    shape: str


def count_components(features: MixedFeatures, seed: int) -> MixtureCount:
    """Count the components of the mixture with the lowest ICL over sizes and covariances.

    Args:
        features: The rows; a sample of them is used if there are many.
        seed: Random seed.

    Returns:
        The number of clusters.
    """
    sample = features.take(sample_rows(len(features), SAMPLE_ROWS, seed))
    largest = min(MAX_COMPONENTS, max(len(sample) // ROWS_PER_COMPONENT, 1))
    starts: dict[int, np.ndarray] = {}
    return min(
        (_best(sample, shape, range(1, largest + 1), starts, seed) for shape in SHAPES), key=lambda pair: pair[0]
    )[1]


def recount_components(features: MixedFeatures, near: MixtureCount, seed: int) -> int:
    """Count the components again among other rows, near an earlier number and with the same covariances.

    Args:
        features: The rows; a sample of them is used if there are many.
        near: The earlier number.
        seed: Random seed.

    Returns:
        The number of clusters.
    """
    sample = features.take(sample_rows(len(features), SAMPLE_ROWS, seed))
    components = range(max(near.components - NEARBY, 1), min(near.components + NEARBY, len(sample)) + 1)
    return _best(sample, near.shape, components, {}, seed)[1].clusters


def min_cluster_size(rows: int) -> int:
    """Return the number of rows from which a component is counted as a cluster.

    Args:
        rows: Number of all rows.

    Returns:
        The number.
    """
    return max(MIN_SIZE, int(np.ceil(MIN_SHARE * rows)))


def _best(
    features: MixedFeatures, shape: str, components: Iterable[int], starts: dict[int, np.ndarray], seed: int
) -> tuple[float, MixtureCount]:
    """Return the lowest ICL and its number; stop when it has not decreased for `PATIENCE` numbers."""
    fits = []
    for k in components:
        if k not in starts:
            starts[k] = kmeans_start(features.encoded, k, seed)
        fits.append(fit_mixture(features, starts[k], shape))
        best = min(fits, key=lambda fit: fit.icl)
        if all(fit is not best for fit in fits[-PATIENCE:]):
            break
    sizes = np.bincount(best.members.argmax(axis=1))
    clusters = max(int((sizes >= min_cluster_size(len(features))).sum()), 1)
    return best.icl, MixtureCount(clusters, best.members.shape[1], shape)
