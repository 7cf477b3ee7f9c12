"""Indices of how good clusters are, with a truth and without."""

import numpy as np

from plexus_clustering.codec import NOISE

NEIGHBOURS, SAMPLE = 5, 3000


def truth_scores(found: np.ndarray, truth: np.ndarray, prefix: str = "") -> dict[str, float]:
    """`acc`, `nmi` and `ari` of clusters; noise counts as one more cluster.

    acc is the accuracy under the best one-to-one naming of clusters by groups (Kuhn 1955); nmi: Strehl & Ghosh 2002,
    with the arithmetic mean; ari: Hubert & Arabie 1985.
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    from sklearn.metrics.cluster import contingency_matrix

    table = contingency_matrix(truth, found)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return {
        f"{prefix}acc": float(table[rows, columns].sum() / len(truth)),
        f"{prefix}nmi": float(normalized_mutual_info_score(truth, found)),
        f"{prefix}ari": float(adjusted_rand_score(truth, found)),
    }


def neighbour_agreement(features: np.ndarray, found: np.ndarray) -> float:
    """How much oftener than by chance the nearest neighbours of an input are in its cluster; 0 if there is but one.

    Agreement over chance as in Cohen 1960: 1 if no cluster cuts through a neighbourhood. Unlike the silhouette it does
    not ask for round clusters.
    """
    from sklearn.neighbors import NearestNeighbors

    sizes = np.unique(found, return_counts=True)[1] / len(found)
    chance = float((sizes**2).sum())
    if len(sizes) == 1:
        return 0.0
    count = min(NEIGHBOURS, len(found) - 1)
    near = NearestNeighbors(n_neighbors=count).fit(features).kneighbors(return_distance=False)
    return float((np.mean(found[near] == found[:, None]) - chance) / (1 - chance))


def shape_scores(embedding: np.ndarray, found: np.ndarray) -> dict[str, float]:
    """`silhouette` (Rousseeuw 1987) and `davies_bouldin` (1979; lower is better) in the embedding, without noise.

    Nothing if there are fewer than two clusters.
    """
    from sklearn.metrics import davies_bouldin_score, silhouette_score

    kept = found != NOISE
    if len(np.unique(found[kept])) < 2 or len(np.unique(found[kept])) >= kept.sum():
        return {}
    return {
        "silhouette": float(silhouette_score(embedding[kept], found[kept])),
        "davies_bouldin": float(davies_bouldin_score(embedding[kept], found[kept])),
    }
