"""What each input is to learn next."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.training.variables import value
from plexus_clustering.learner import UNKNOWN
from plexus_clustering.manifold import embed, embedded_labels

if TYPE_CHECKING:
    from plexus.training.variables import value
from plexus_clustering.learner import ClusterLearner

MOST_ROWS = 100_000
"""More are not embedded at once; the others have no target."""


def refresh(learner: "ClusterLearner", arrays: dict[str, np.ndarray], clusters: int, seed: int) -> None:
    """Find clusters anew in the learner's embedding, and keep them as its targets.

    A cluster keeps its number if most of its members had it before, so that the head goes on with what it has learned.
    """
    total = len(next(iter(arrays.values())))
    rows = np.sort(np.random.default_rng(seed).permutation(total)[:MOST_ROWS])
    places = learner.answers({name: values[rows] for name, values in arrays.items()})
    embedded = embed(places["embedding"], seed)
    before = value(learner.targets)
    targets = np.full(total, UNKNOWN, np.int32)
    targets[rows] = renamed(embedded_labels(embedded, clusters, seed), before[rows], clusters)
    learner.targets.assign(targets)


def renamed(labels: np.ndarray, before: np.ndarray, clusters: int) -> np.ndarray:
    """The same groups under the names they had before, by the one-to-one naming that keeps most; the largest first."""
    from scipy.optimize import linear_sum_assignment

    from plexus_clustering.grouping import by_size

    labels = by_size(labels)
    shared = np.zeros((clusters, clusters))
    known = before != UNKNOWN
    np.add.at(shared, (labels[known], before[known]), 1)
    names = linear_sum_assignment(shared, maximize=True)[1] if known.any() else np.arange(clusters)
    return names[labels].astype(np.int32)
