"""Clusters as the components of a Gaussian mixture."""

from typing import Any

import numpy as np

from plexus_clustering.peaks import MOST

COVARIANCES = ("full", "diag", "tied")
_PATIENCE, _FLOOR = 4, 1e-4


def find_mixture(x: np.ndarray, clusters: int | None, seed: int) -> Any:
    """The mixture with the lowest BIC (Schwarz 1978), over shapes of covariance, and over numbers if none is given.

    Args:
        x: `(n, columns)`, standardised.
        clusters: components; None: as many as the criterion asks for, up to `MOST`.

    Returns:
        A fitted `sklearn.mixture.GaussianMixture`.
    """
    x = x.astype(np.float64)
    if clusters is not None:
        return min((_fit(x, clusters, shape, 5, seed) for shape in COVARIANCES), key=lambda found: found.bic(x))
    return min((_best_number(x, shape, seed) for shape in COVARIANCES), key=lambda found: found.bic(x))


def _best_number(x: np.ndarray, shape: str, seed: int) -> Any:
    """Go up from one component until the criterion has not fallen for some numbers in a row."""
    best, lowest, waited = None, np.inf, 0
    for number in range(1, min(MOST, max(len(x) // 10, 1)) + 1):
        found = _fit(x, number, shape, 1, seed)
        bic = found.bic(x)
        if bic < lowest:
            best, lowest, waited = found, bic, 0
        elif (waited := waited + 1) == _PATIENCE:
            break
    return best


def _fit(x: np.ndarray, components: int, shape: str, starts: int, seed: int) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(components, covariance_type=shape, n_init=starts, reg_covar=_FLOOR, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # fewer distinct rows than components, or slow: still usable
        return mixture.fit(x)
