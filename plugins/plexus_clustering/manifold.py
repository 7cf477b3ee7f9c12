"""Clusters on the manifold that the rows lie on."""

import warnings

import numpy as np

NEIGHBOURS, DIMENSIONS = 20, 10
_MIXTURE_ROWS, _WARD_ROWS, _STARTS = 20_000, 5_000, 5


def embed(x: np.ndarray, seed: int, dimensions: int = DIMENSIONS) -> np.ndarray:
    """UMAP (McInnes, Healy, Melville 2018, arXiv:1802.03426) with no minimal distance, as for clustering.

    Args:
        x: `(n, columns)`.

    Returns:
        `(n, dimensions)`; fewer dimensions where there are hardly more rows.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a seed takes its threads away, and it says so every time
        import umap

        mapping = umap.UMAP(
            n_neighbors=min(NEIGHBOURS, len(x) - 1),
            n_components=min(dimensions, max(len(x) - 2, 1)),
            min_dist=0.0,
            random_state=seed,
            init="spectral" if len(x) > 4 * dimensions else "random",
        )
        return np.asarray(mapping.fit_transform(x), np.float64)


def mixture_labels(embedded: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Clusters `(n,)` by a Gaussian mixture in the embedding (N2D: McConville et al. 2019, arXiv:1908.05968).

    Of mixtures begun at random and one begun at Ward's clusters, the likeliest: either kind alone is sometimes far off.
    """
    from sklearn.mixture import GaussianMixture

    rows = np.random.default_rng(seed).permutation(len(embedded))
    fitted = embedded[np.sort(rows[:_MIXTURE_ROWS])]
    starts = [{"n_init": _STARTS}, {"means_init": _ward_means(embedded[np.sort(rows[:_WARD_ROWS])], clusters)}]
    mixtures = [GaussianMixture(clusters, reg_covar=1e-4, random_state=seed, **start).fit(fitted) for start in starts]
    return np.asarray(max(mixtures, key=lambda mixture: mixture.lower_bound_).predict(embedded))


def _ward_means(embedded: np.ndarray, clusters: int) -> np.ndarray:
    from sklearn.cluster import AgglomerativeClustering

    labels = AgglomerativeClustering(clusters).fit_predict(embedded)
    return np.stack([embedded[labels == cluster].mean(axis=0) for cluster in range(clusters)])
