"""Mixtures of clusters over numbers and categories, fitted by expectation maximization.

scikit-learn's `GaussianMixture` knows numbers alone. On one-hot categories it finds a cluster per category, because a
normal distribution of zeros and ones gains without bound from components in which they are constant.
"""

from dataclasses import dataclass

import numpy as np

from plexus_clustering.mixed_features import MixedFeatures

SHAPES = ("full", "tied", "diag")
"""Covariances: one for each component, one for all, or diagonal."""
MAX_ITERATIONS, TOLERANCE = 100, 1e-3
MIN_VARIANCE = 1e-2
"""Added to the variances of the numbers, which have unit variance."""
PSEUDO_COUNT = 0.5
"""Prior number of rows for each category of each component (Jeffreys)."""


@dataclass(frozen=True)
class MixedMixture:
    """A mixture of components that are normal in the numbers, and independent of them categorical.

    Args:
        weights: Weights of the components, shape `(k,)`.
        means: Means of the numbers, shape `(k, numbers)`.
        factors: Inverse Cholesky factors of their covariances, shape `(k, numbers, numbers)`; shape `(k, numbers)` if
            the covariances are diagonal, `(1, numbers, numbers)` if they are equal.
        log_rates: Logarithms of the frequencies of the categories, shape `(k, categories)`.
        parameters: Number of free parameters.

    Example:
        ```python
        fit_mixture(features, start=labels, shape="full").mixture.predict(features)
        ```
    """

    weights: np.ndarray
    means: np.ndarray
    factors: np.ndarray
    log_rates: np.ndarray
    parameters: int

    def log_joint(self, features: MixedFeatures) -> np.ndarray:
        """Compute the logarithm of each component's weight times its density.

        Args:
            features: The rows.

        Returns:
            Shape `(n, k)`.
        """
        constant = np.log(self.weights) - 0.5 * features.numbers.shape[1] * np.log(2 * np.pi)
        return np.asarray(constant + self._log_normal(features.numbers) + features.one_hot @ self.log_rates.T)

    def predict(self, features: MixedFeatures) -> np.ndarray:
        """Return the likeliest component of each row.

        Args:
            features: The rows.

        Returns:
            Components of shape `(n,)`.
        """
        return np.asarray(self.log_joint(features).argmax(axis=1))

    def _log_normal(self, x: np.ndarray) -> np.ndarray:
        """Return the logarithms of the normal densities, without the constant of the dimension."""
        if self.factors.ndim == 2:
            precisions = self.factors**2
            distances = (
                x**2 @ precisions.T - 2 * x @ (self.means * precisions).T + (self.means**2 * precisions).sum(axis=1)
            )
            return np.asarray(np.log(self.factors).sum(axis=1) - 0.5 * distances)
        log_determinants = np.log(np.diagonal(self.factors, axis1=1, axis2=2)).sum(axis=1)
        if len(self.factors) == 1:
            scaled, centres = x @ self.factors[0].T, self.means @ self.factors[0].T
            distances = (scaled**2).sum(axis=1)[:, None] - 2 * scaled @ centres.T + (centres**2).sum(axis=1)
        else:
            distances = np.stack(
                [(((x - m) @ f.T) ** 2).sum(axis=1) for m, f in zip(self.means, self.factors, strict=True)], axis=1
            )
        return np.asarray(log_determinants - 0.5 * distances)


@dataclass(frozen=True)
class MixtureFit:
    """A mixture that was fitted, and how well it fits.

    Args:
        mixture: The mixture.
        members: Memberships of the rows, shape `(n, k)`.
        icl: Integrated completed likelihood (Biernacki, Celeux, Govaert 2000): BIC plus twice the entropy of the
            memberships, so that overlapping components are not counted apart; lower is better.

    Example:
        ```python
        fit_mixture(features, start=labels, shape="tied").icl
        ```
    """

    mixture: MixedMixture
    members: np.ndarray
    icl: float


def fit_mixture(features: MixedFeatures, start: np.ndarray, shape: str) -> MixtureFit:
    """Fit a mixture by expectation maximization.

    Args:
        features: The rows.
        start: First clusters, shape `(n,)`, each from 0 to k - 1 with a member.
        shape: Covariances of the numbers: `full`, `tied` (equal) or `diag`.

    Returns:
        The mixture and its fit.
    """
    members = np.eye(int(start.max()) + 1)[start]
    likelihood = -np.inf
    for _ in range(MAX_ITERATIONS):
        mixture = _maximize(features, members, shape)
        joint = mixture.log_joint(features)
        highest = joint.max(axis=1, keepdims=True)
        members = np.exp(joint - highest)
        total = members.sum(axis=1, keepdims=True)
        members /= total
        last, likelihood = likelihood, float((highest + np.log(total)).sum())
        if likelihood - last < TOLERANCE * len(features):
            break
    entropy = -float((members * np.log(np.maximum(members, 1e-12))).sum())
    icl = -2 * likelihood + mixture.parameters * np.log(len(features)) + 2 * entropy
    return MixtureFit(mixture, members, float(icl))


def _maximize(features: MixedFeatures, members: np.ndarray, shape: str) -> MixedMixture:
    numbers, categories, k = features.numbers, features.one_hot.shape[1], members.shape[1]
    sizes = members.sum(axis=0) + 1e-9
    means = members.T @ numbers / sizes[:, None]
    counts = members.T @ features.one_hot + PSEUDO_COUNT
    log_rates = np.empty((k, categories))
    for field in features.fields:
        log_rates[:, field] = np.log(counts[:, field] / counts[:, field].sum(axis=1, keepdims=True))
    free = k - 1 + means.size + _free_covariances(shape, k, numbers.shape[1]) + k * (categories - len(features.fields))
    return MixedMixture(sizes / sizes.sum(), means, _factors(numbers, members, sizes, means, shape), log_rates, free)


def _free_covariances(shape: str, components: int, dimensions: int) -> int:
    """Return the number of free parameters of the covariances."""
    if shape == "diag":
        return components * dimensions
    return (components if shape == "full" else 1) * dimensions * (dimensions + 1) // 2


def _factors(numbers: np.ndarray, members: np.ndarray, sizes: np.ndarray, means: np.ndarray, shape: str) -> np.ndarray:
    dimensions = numbers.shape[1]
    if shape == "diag":
        variances = members.T @ numbers**2 / sizes[:, None] - means**2
        return np.asarray(1 / np.sqrt(np.maximum(variances, 0) + MIN_VARIANCE))
    if shape == "tied":
        within = numbers.T @ numbers - (means.T * sizes) @ means
        covariances = within[None] / len(numbers)
    else:
        centred = (numbers - mean for mean in means)
        weighted = zip(centred, members.T, sizes, strict=True)
        covariances = np.stack([(x.T * m) @ x / size for x, m, size in weighted])
    return np.asarray(np.linalg.inv(np.linalg.cholesky(covariances + MIN_VARIANCE * np.eye(dimensions))))
