"""Groups of unnamed faces."""

import numpy as np

from plexus import InputError

MAX_FACES = 5_000
"""More faces take more than some seconds and 100 MB."""


def group(embeddings: np.ndarray, threshold: float) -> np.ndarray:
    """Group faces by similarity: agglomerative clustering with average linkage (UPGMA; Sokal & Michener, 1958).

    Two groups are merged as long as the mean similarity of their faces reaches the threshold.

    Args:
        embeddings: Unit vectors of shape `(n, d)`.
        threshold: Cosine similarity from which two faces are taken for one person, in [-1, 1].

    Returns:
        Group of each face, shape `(n,)`, from 0 on: the largest group first, of the same size that of the first face.

    Raises:
        InputError: If there are more than `MAX_FACES` faces.
    """
    count = len(embeddings)
    if count > MAX_FACES:
        raise InputError(f"cannot group {count:,} faces, expected at most {MAX_FACES:,}: group them in parts")
    if count < 2:
        return np.zeros(count, np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    merges = linkage(pdist(np.asarray(embeddings, float), "cosine"), "average")
    return _by_size(fcluster(merges, 1 - threshold, "distance"))


def _by_size(clusters: np.ndarray) -> np.ndarray:
    _, first, inverse, sizes = np.unique(clusters, return_index=True, return_inverse=True, return_counts=True)
    ranks = np.empty(len(sizes), np.int64)
    ranks[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return ranks[inverse]
