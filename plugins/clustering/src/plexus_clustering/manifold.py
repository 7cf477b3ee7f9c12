"""Manifold embeddings and their clusters."""

import warnings

import numpy as np

MAX_TSNE_ROWS = 5000
"""Up to this many rows, t-SNE and Ward's method are fast enough, and steadier than UMAP and a mixture."""
TSNE_PERPLEXITY = 30
UMAP_NEIGHBOURS, UMAP_DIMENSIONS = 20, 10
MIXTURE_ROWS, MIXTURE_STARTS, MIN_COVARIANCE = 20_000, 5, 1e-4


def embed(x: np.ndarray, seed: int) -> np.ndarray:
    """Embed points in few dimensions that keep neighbours together.

    Two dimensions by t-SNE (van der Maaten & Hinton 2008) for few rows, else ten by UMAP (McInnes, Healy, Melville
    2018, arXiv:1802.03426) without a minimum distance, as for clustering.

    Args:
        x: Points of shape `(n, features)`.
        seed: Random seed.

    Returns:
        Shape `(n, dimensions)`, float64.
    """
    x = x.astype(np.float64)
    if len(x) <= MAX_TSNE_ROWS:
        from sklearn.manifold import TSNE

        perplexity = min(TSNE_PERPLEXITY, (len(x) - 1) / 3)
        return np.asarray(TSNE(2, perplexity=perplexity, random_state=seed).fit_transform(x), np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # UMAP warns at each call that a seed disables its threads
        import umap

        reducer = umap.UMAP(n_neighbors=UMAP_NEIGHBOURS, n_components=UMAP_DIMENSIONS, min_dist=0.0, random_state=seed)
        return np.asarray(reducer.fit_transform(x), np.float64)


def cluster_embedding(embedded: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Cluster an embedding: few rows by Ward's method (1963), more by a Gaussian mixture.

    The mixture is that of N2D (McConville et al. 2019, arXiv:1908.05968): the likeliest of several random starts and
    one start from Ward's clusters, because either alone is sometimes far off.

    Args:
        embedded: Shape `(n, dimensions)`.
        clusters: Number of clusters.
        seed: Random seed.

    Returns:
        Clusters of shape `(n,)`.
    """
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.mixture import GaussianMixture

    ward = AgglomerativeClustering(clusters)
    if len(embedded) <= MAX_TSNE_ROWS:
        return np.asarray(ward.fit_predict(embedded))
    rows = np.random.default_rng(seed).permutation(len(embedded))
    sample = embedded[np.sort(rows[:MIXTURE_ROWS])]
    small_sample = embedded[np.sort(rows[:MAX_TSNE_ROWS])]
    labels = ward.fit_predict(small_sample)
    means = np.stack([small_sample[labels == cluster].mean(axis=0) for cluster in range(clusters)])
    mixtures = [
        GaussianMixture(clusters, reg_covar=MIN_COVARIANCE, random_state=seed, **start).fit(sample)
        for start in ({"n_init": MIXTURE_STARTS}, {"means_init": means})
    ]
    return np.asarray(max(mixtures, key=lambda mixture: mixture.lower_bound_).predict(embedded))
