"""Within-class covariance normalization: a linear map after which images of a person vary alike in all directions."""

import numpy as np

SHRINKAGE = 0.1
"""scikit-learn's default."""


def fit_whitening(features: np.ndarray, persons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a within-class covariance normalization (Hatch, Kajarekar and Stolcke 2006, section 2).

    The covariance is that of the features about the mean of their person, shrunk towards a multiple of the identity,
    since there are often fewer images than features. All directions are retained: linear discriminant analysis retains
    those in which the training persons differ, but other persons differ in others.

    Args:
        features: Features of shape `(n, d)`.
        persons: Persons of shape `(n,)`.

    Returns:
        Kernel of shape `(d, d)` and bias of shape `(d,)`, float32: the mean of `features @ kernel + bias` is 0, and its
        shrunk covariance within a person is the identity.
    """
    from sklearn.covariance import shrunk_covariance

    features = features.astype(np.float64)
    _, persons = np.unique(persons, return_inverse=True)
    sums = np.zeros((persons.max() + 1, features.shape[1]))
    np.add.at(sums, persons, features)
    residuals = features - (sums / np.bincount(persons)[:, None])[persons]
    covariance = shrunk_covariance(residuals.T @ residuals / len(features), SHRINKAGE)
    variances, directions = np.linalg.eigh(covariance)
    kernel = directions / np.sqrt(np.maximum(variances, 1e-12))
    return kernel.astype(np.float32), (-features.mean(axis=0) @ kernel).astype(np.float32)
