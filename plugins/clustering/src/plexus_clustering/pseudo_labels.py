"""Pseudo-labels: clusters of the learned embedding, which the network is then trained on."""

import numpy as np

from plexus.codec import Arrays
from plexus.training.keras_predictor import KerasPredictor
from plexus.training.variables import value
from plexus_clustering.learner import UNLABELLED, ClusterLearner
from plexus_clustering.manifold import cluster_embedding, embed

MAX_ROWS = 20_000
"""Rows that are clustered; of larger data a sample."""
NEIGHBOURS = 5
"""Rows of the sample whose majority decides on the cluster of another row."""


def update_pseudo_labels(learner: ClusterLearner, inputs: Arrays, clusters: int, seed: int, epoch: int) -> None:
    """Cluster the learner's embedding and assign the clusters to `learner.pseudo_labels`.

    A cluster keeps its number if most of its members had it before, so that the network's head stays valid.

    Args:
        learner: The training graph.
        inputs: The network's inputs for all rows.
        clusters: Number of clusters.
        seed: Random seed.
        epoch: The epoch: each one has another sample of large data.
    """
    from sklearn.neighbors import KNeighborsClassifier

    embedding = KerasPredictor(learner.network)(inputs)["embedding"]
    total = len(embedding)
    rows = np.sort(np.random.default_rng((seed, epoch)).permutation(total)[:MAX_ROWS])
    labels = cluster_embedding(embed(embedding[rows], seed), clusters, seed)
    labels = match_labels(labels, value(learner.pseudo_labels)[rows], clusters)
    pseudo_labels = np.empty(total, np.int32)
    pseudo_labels[rows] = labels
    others = np.setdiff1d(np.arange(total), rows)
    if len(others):
        pseudo_labels[others] = KNeighborsClassifier(NEIGHBOURS).fit(embedding[rows], labels).predict(embedding[others])
    learner.pseudo_labels.assign(pseudo_labels)


def match_labels(labels: np.ndarray, previous: np.ndarray, clusters: int) -> np.ndarray:
    """Renumber clusters so that most rows keep their previous number (Hungarian method).

    Args:
        labels: Clusters of shape `(n,)`.
        previous: Earlier clusters of shape `(n,)`; -1 for none.
        clusters: Number of clusters.

    Returns:
        The same clusters, renumbered; the largest first if there are no earlier ones.
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import confusion_matrix

    labelled = previous != UNLABELLED
    if not labelled.any():
        order = np.argsort(-np.bincount(labels, minlength=clusters), kind="stable")
        return np.asarray(np.argsort(order)[labels], np.int32)
    shared = confusion_matrix(labels[labelled], previous[labelled], labels=range(clusters))
    return np.asarray(linear_sum_assignment(shared, maximize=True)[1][labels], np.int32)
