"""Distance of images from the training images: those that show none of the labels are far from all of them."""

import math
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus.utils.packed_array import pack, unpack
from plexus_vision.out_of_distribution_state import MAX_COMPONENTS

DEFAULT_SHARE = 0.01
"""Share of the validation images that is rejected."""
EXAMPLES_PER_COMPONENT = 4
"""Fewer images for each component fit the components to noise."""
MIN_SCALE, MIN_VARIANCE = 1e-3, 1e-4
"""Smallest standard deviation, in parts of the largest one, and smallest variance, in parts of the mean one."""
SMALLEST = 1e-6
"""Smallest distance and standard deviation: those of images that are all the same would be 0."""


class OutOfDistribution:
    """The Mahalanobis distance of an image's features from the nearest label, in parts of a limit.

    All labels share one covariance matrix (Lee et al. 2018, arXiv:1807.03888, section 2.1): principal components, and
    one variance for what is outside of them (Tipping & Bishop 1999, doi:10.1111/1467-9868.00196). The features are
    those of `plexus_vision.network.with_features`. The limit is a quantile of the distances of the validation images,
    which the network did not learn.

    Energy (Liu et al. 2020, arXiv:2010.03759), largest logit, relative Mahalanobis distance (Ren et al. 2021,
    arXiv:2106.09022), nearest neighbours (Sun et al. 2022, arXiv:2204.06507) and ViM (Wang et al. 2022,
    arXiv:2203.10807) separated unrelated images less well, or no better.

    Args:
        share: Share of the validation images that is rejected, between 0 and 1.
        center: Mean of the features, shape `(features,)`.
        scale: Standard deviation of the features within a label, shape `(features,)`.
        components: Principal components of the standardized features, shape `(components, features)`.
        variances: Variance along each component, shape `(components,)`.
        residual: Mean variance along the directions outside of the components.
        means: Standardized means of the labels, shape `(labels, features)`.
        limit: Limit of the distance.

    Example:
        ```python
        detector = OutOfDistribution.fit(features, classes, validation_features)
        detector.scores(features) > 1  # which images show none of the labels
        ```
    """

    def __init__(
        self,
        share: float,
        center: np.ndarray,
        scale: np.ndarray,
        components: np.ndarray,
        variances: np.ndarray,
        residual: float,
        means: np.ndarray,
        limit: float,
    ) -> None:
        self.share, self.center, self.scale, self.components = share, center, scale, components
        self.variances, self.residual, self.means, self.limit = variances, residual, means, limit
        self._weights = 1 / np.sqrt(variances) - 1 / math.sqrt(residual)
        self._white_means = self._whiten(means)

    @classmethod
    def fit(
        cls, features: np.ndarray, classes: np.ndarray, validation: np.ndarray, share: float = DEFAULT_SHARE
    ) -> Self:
        """Fit means and covariance to training images, and the limit to validation images.

        Fewer than 1 / `share` validation images cannot say which of them are the rarest: the limit is the largest
        distance.

        Args:
            features: Features of training images, shape `(n, features)`.
            classes: Their classes, each of them at least once, shape `(n,)`.
            validation: Features of validation images, shape `(m, features)`.
            share: Share of the validation images that is rejected, between 0 and 1.

        Returns:
            The fitted distance.
        """
        from plexus.utils.row_parts import single_blas_thread

        features = features.astype(np.float64)
        with single_blas_thread():
            means = np.stack([features[classes == label].mean(axis=0) for label in range(classes.max() + 1)])
            center, within = features.mean(axis=0), features - means[classes]
            deviations = within.std(axis=0)
            scale = np.maximum(deviations, max(MIN_SCALE * deviations.max(), SMALLEST)).astype(np.float32)
            components, variances, residual = _fit_components(within / scale)
            center = center.astype(np.float32)
            white = ((means - center) / scale).astype(np.float16).astype(np.float32)
            fitted = cls(share, center, scale, components, variances, residual, white, 1.0)
            distances = np.sort(fitted.scores(validation))
            rank = min(math.ceil((len(distances) + 1) * (1 - share)), len(distances))
            fitted.limit = max(float(distances[rank - 1]), SMALLEST)
        return fitted

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Compute the distances from the nearest label, in parts of the limit.

        Args:
            features: Features of images, shape `(n, features)`.

        Returns:
            Distances of shape `(n,)`; above 1, an image shows none of the labels.
        """
        white = self._whiten((features.astype(np.float64) - self.center) / self.scale)
        means = self._white_means
        squared = (white**2).sum(axis=1)[:, None] + (means**2).sum(axis=1) - 2 * white @ means.T
        return np.asarray(np.sqrt(np.maximum(squared.min(axis=1), 0)) / self.limit)

    def to_json(self) -> JsonObject:
        """Return the state as JSON types; components and means in float16, as they were fitted.

        Returns:
            The object that `from_json` takes, with the fields of `OutOfDistributionState`.
        """
        return {
            "share": self.share,
            "center": pack(self.center.astype("<f4"))["data"],
            "scale": pack(self.scale.astype("<f4"))["data"],
            "components": pack(self.components.astype("<f2"))["data"],
            "variances": self.variances.tolist(),
            "residual": self.residual,
            "means": pack(self.means.astype("<f2"))["data"],
            "limit": self.limit,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the distance from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The distance.

        Raises:
            ValueError: If a number is not finite, or a standard deviation is not above 0.
        """
        center, scale = (unpack({"shape": [-1], "data": state[name]}, np.float32) for name in ("center", "scale"))
        components, means = (
            unpack({"shape": [-1, len(center)], "data": state[name]}, np.float16).astype(np.float32)
            for name in ("components", "means")
        )
        if not all(np.isfinite(values).all() for values in (center, scale, components, means)) or scale.min() <= 0:
            raise ValueError("out_of_distribution: expected finite numbers, and standard deviations above 0")
        variances = np.array(state["variances"])
        return cls(state["share"], center, scale, components, variances, state["residual"], means, state["limit"])

    def _whiten(self, standardized: np.ndarray) -> np.ndarray:
        """Return features whose covariance within a label is the identity, shape `(n, features)`."""
        along = standardized @ self.components.T
        return np.asarray(standardized / math.sqrt(self.residual) + (along * self._weights) @ self.components)


def _fit_components(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return components, rounded as they are stored, the variances along them, and the mean one outside of them."""
    count, features = rows.shape
    rank = max(min(MAX_COMPONENTS, features - 1, count // EXAMPLES_PER_COMPONENT), 1)
    variances, vectors = np.linalg.eigh(rows.T @ rows / count)
    variances, components = variances[::-1], vectors.T[::-1][:rank]
    smallest = max(MIN_VARIANCE * float(variances.mean()), SMALLEST)
    residual = max(float(variances[rank:].mean()), smallest) if features > rank else smallest
    return components.astype(np.float16).astype(np.float32), np.maximum(variances[:rank], smallest), residual
