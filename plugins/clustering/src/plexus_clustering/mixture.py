"""Clusters as the components of a Gaussian mixture."""

from typing import Any

import numpy as np

from plexus_clustering.peaks import MOST

COVARIANCES = ("full", "diag", "tied")
_PATIENCE, _NEAR, _ROWS, _FLOOR = 4, 3, 2000, 1e-4


def find_mixture(x: np.ndarray, clusters: int | None, seed: int) -> Any:
    """The mixture with the lowest BIC (Schwarz 1978), over shapes of covariance, and over numbers if none is given.

    Args:
        x: `(n, columns)`, standardised.
        clusters: components; None: as many as the criterion asks for, up to `MOST`.

    Returns:
        A fitted `sklearn.mixture.GaussianMixture`.
    """
    x = x.astype(np.float64)
    if clusters is None:
        clusters = min((_number(_sample(x, seed), shape, seed) for shape in COVARIANCES), key=lambda pair: pair[1])[0]
    return min((_fit(x, clusters, shape, 5, seed) for shape in COVARIANCES), key=lambda found: found.bic(x))


def count_near(x: np.ndarray, number: int, seed: int) -> int:
    """How many components the criterion asks for, within three of a number that was found before."""
    x = _sample(x.astype(np.float64), seed)
    shape = min(COVARIANCES, key=lambda shape: _fit(x, number, shape, 1, seed).bic(x))
    near = range(max(number - _NEAR, 1), min(number + _NEAR, len(x) - 1) + 1)
    return min(near, key=lambda components: _fit(x, components, shape, 1, seed).bic(x))


def _sample(x: np.ndarray, seed: int) -> np.ndarray:
    return x[np.sort(np.random.default_rng(seed).permutation(len(x))[:_ROWS])]


def _number(x: np.ndarray, shape: str, seed: int) -> tuple[int, float]:
    """The number with the lowest criterion, and that: go up until it has not fallen for some numbers in a row."""
    best, lowest, waited = 1, np.inf, 0
    for number in range(1, min(MOST, max(len(x) // 10, 1)) + 1):
        bic = _fit(x, number, shape, 1, seed).bic(x)
        if bic < lowest:
            best, lowest, waited = number, bic, 0
        elif (waited := waited + 1) == _PATIENCE:
            break
    return best, lowest


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
