"""Gaussian mixtures whose size and covariance are selected by BIC."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

COVARIANCES = ("full", "diag", "tied")
MAX_COMPONENTS, PATIENCE, NEARBY = 50, 4, 3
SAMPLE_ROWS, MIN_COVARIANCE, STARTS = 2000, 1e-4, 5


def best_mixture(x: np.ndarray, components: int | None, seed: int) -> "GaussianMixture":
    """Fit the mixture with the lowest BIC (Schwarz 1978) over shapes of the covariance.

    Args:
        x: Standardized features of shape `(n, features)`.
        components: Number of components; None to minimize BIC over numbers up to `MAX_COMPONENTS` too.
        seed: Random seed.

    Returns:
        The fitted mixture.
    """
    x = x.astype(np.float64)
    if components is None:
        sample = _sample(x, seed)
        components = min((_lowest_bic(sample, shape, seed) for shape in COVARIANCES), key=lambda pair: pair[1])[0]
    return min((_fit(x, components, shape, STARTS, seed) for shape in COVARIANCES), key=lambda mixture: mixture.bic(x))


def estimate_components(x: np.ndarray, near: int, seed: int) -> int:
    """Estimate the number of components by BIC among the numbers near an earlier estimate.

    Args:
        x: Standardized features of shape `(n, features)`.
        near: The earlier estimate.
        seed: Random seed.

    Returns:
        The number of components.
    """
    x = _sample(x.astype(np.float64), seed)
    shape = min(COVARIANCES, key=lambda shape: float(_fit(x, near, shape, 1, seed).bic(x)))
    candidates = range(max(near - NEARBY, 1), min(near + NEARBY, len(x) - 1) + 1)
    return min(candidates, key=lambda components: float(_fit(x, components, shape, 1, seed).bic(x)))


def _sample(x: np.ndarray, seed: int) -> np.ndarray:
    return x[np.sort(np.random.default_rng(seed).permutation(len(x))[:SAMPLE_ROWS])]


def _lowest_bic(x: np.ndarray, shape: str, seed: int) -> tuple[int, float]:
    """Return the best number of components and its BIC; stop when it has not decreased for `PATIENCE` numbers."""
    best, lowest = 1, np.inf
    for components in range(1, min(MAX_COMPONENTS, max(len(x) // 10, 1)) + 1):
        bic = float(_fit(x, components, shape, 1, seed).bic(x))
        if bic < lowest:
            best, lowest = components, bic
        elif components - best == PATIENCE:
            break
    return best, lowest


def _fit(x: np.ndarray, components: int, shape: str, starts: int, seed: int) -> "GaussianMixture":
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(
        components, covariance_type=shape, n_init=starts, reg_covar=MIN_COVARIANCE, random_state=seed
    )
    with warnings.catch_warnings():
        # Fewer distinct rows than components, or slow convergence: the mixture can be used.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(x)
