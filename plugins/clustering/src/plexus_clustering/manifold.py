"""Clusters on the manifold that the rows lie on."""

import warnings

import numpy as np

FEW = 5000
"""Up to so many rows t-SNE and Ward's method are fast enough; they are also the steadier ones there."""
_PERPLEXITY, _NEIGHBOURS, _DIMENSIONS = 30, 20, 10
_MIXTURE_ROWS, _STARTS = 20_000, 5


def embed(x: np.ndarray, seed: int) -> np.ndarray:
    """Few dimensions that keep neighbours together.

    Two by t-SNE (van der Maaten & Hinton 2008) if there are few rows; else ten by UMAP (McInnes, Healy, Melville 2018,
    arXiv:1802.03426) with no minimal distance, as for clustering.

    Args:
        x: `(n, columns)`.
    """
    x = x.astype(np.float64)
    if len(x) <= FEW:
        from sklearn.manifold import TSNE

        perplexity = min(_PERPLEXITY, (len(x) - 1) / 3)
        return np.asarray(TSNE(2, perplexity=perplexity, random_state=seed).fit_transform(x), np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a seed takes its threads away, and it says so every time
        import umap

        mapping = umap.UMAP(n_neighbors=_NEIGHBOURS, n_components=_DIMENSIONS, min_dist=0.0, random_state=seed)
        return np.asarray(mapping.fit_transform(x), np.float64)


def embedded_labels(embedded: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Clusters `(n,)` in an embedding: by Ward's method (1963) if there are few rows, else by a Gaussian mixture.

    The mixture as in N2D (McConville et al. 2019, arXiv:1908.05968). Of some begun at random and one begun at Ward's
    clusters, the likeliest: either kind alone is at times far off.
    """
    from sklearn.mixture import GaussianMixture

    if len(embedded) <= FEW:
        return _ward(embedded, clusters)
    rows = np.random.default_rng(seed).permutation(len(embedded))
    fitted = embedded[np.sort(rows[:_MIXTURE_ROWS])]
    few = embedded[np.sort(rows[:FEW])]
    labels = _ward(few, clusters)
    means = np.stack([few[labels == cluster].mean(axis=0) for cluster in range(clusters)])
    mixtures = [
        GaussianMixture(clusters, reg_covar=1e-4, random_state=seed, **start).fit(fitted)
        for start in ({"n_init": _STARTS}, {"means_init": means})
    ]
    return np.asarray(max(mixtures, key=lambda mixture: mixture.lower_bound_).predict(embedded))


def _ward(x: np.ndarray, clusters: int) -> np.ndarray:
    from sklearn.cluster import AgglomerativeClustering

    return np.asarray(AgglomerativeClustering(clusters).fit_predict(x))
