"""Images that differ so much from the training images that they are not answered."""

from typing import TYPE_CHECKING, Self

import numpy as np

from plexus.codec import JsonObject
from plexus.utils.packed_array import pack, unpack
from plexus_medical.out_of_distribution_state import MAX_COMPONENTS, MAX_VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_SHARE = 0.01
"""Share of the training images that is rejected out of fold."""
IMAGES_PER_COMPONENT = 4
"""Fewer images for each component fit the components to noise."""
MIN_CONTRAST = 1e-3
"""Standard deviation of the pixels of a blank image, in parts of white."""
SMALLEST = 1e-6
"""Smallest variance and residual: those of images that are all the same would be 0."""
REASONS = (
    "its large structures differ from those of the training images",
    "it has more detail, or other detail, than the training images",
    "it has less detail than the training images",
    "it has less contrast than the training images",
)
"""Why an image is out of distribution, by the column of `OutOfDistribution.scores`."""


class OutOfDistribution:
    """The distance of images from the training images, by four statistics of a principal component analysis.

    Images are scaled to at most 1,024 values and standardized, each by its own mean and standard deviation, so that
    exposure plays no part. The statistics are those of process monitoring (Jackson & Mudholkar 1979,
    doi:10.1080/00401706.1979.10489779): Hotelling's T² within the components and the squared residual outside of them,
    too much of which photographs have, and too little blurred and drawn images; and the lack of contrast. Each is
    divided by its limit. All limits are quantiles of the same level of the training images out of fold, so that a
    stated share of them exceeds one or more of the limits.

    The Mahalanobis distance of a network's features (Lee et al. 2018, arXiv:1807.03888) ranks X-rays before images of
    other kinds about as well, but it misses X-rays that are turned and close-ups of blood cells, half of the X-rays
    that are darker exceed its limit, and it needs the network.

    Args:
        share: Share of the training images that is rejected out of fold, between 0 and 1.
        shape: Height, width and channels of the images that are compared.
        center: Mean of the standardized images, shape `(values,)`.
        components: Principal components, orthonormal rows, shape `(components, values)`.
        variances: Variance along each component, shape `(components,)`.
        residual: Mean squared residual of the training images.
        limits: Limits of the four statistics, shape `(4,)`.

    Example:
        ```python
        detector = OutOfDistribution.fit(images, folds, share=0.01)
        detector.reasons(detector.scores(images))[0]  # "" for an image like those of training
        ```
    """

    def __init__(
        self,
        share: float,
        shape: tuple[int, int, int],
        center: np.ndarray,
        components: np.ndarray,
        variances: np.ndarray,
        residual: float,
        limits: np.ndarray,
    ) -> None:
        self.share, self.shape, self.center, self.components = share, shape, center, components
        self.variances, self.residual, self.limits = variances, residual, limits

    @classmethod
    def fit(cls, images: np.ndarray, folds: np.ndarray, share: float = DEFAULT_SHARE) -> Self:
        """Fit the components to the training images, and the limits to their out-of-fold statistics.

        Fewer than 1 / `share` images cannot say which of them are the rarest: the limits are the largest statistics.

        Args:
            images: Images of the codec, bytes of shape `(n, height, width, channels)`.
            folds: Fold of each image, no patient in two of them, shape `(n,)`.
            share: Share of the images that is rejected out of fold, between 0 and 1.

        Returns:
            The fitted score.
        """
        from plexus.utils.row_parts import single_blas_thread

        shape = _small_shape(images.shape[1:])
        rows, contrasts = _standardized(images, shape)
        smallest = min(int((folds != fold).sum()) for fold in np.unique(folds))
        count = max(min(MAX_COMPONENTS, smallest // IMAGES_PER_COMPONENT, rows.shape[1] // 2), 1)
        statistics = np.empty((len(rows), len(REASONS)))
        with single_blas_thread():  # on a busy machine, several threads take 40 times as long
            for fold in np.unique(folds):
                members = folds == fold
                part = cls(share, shape, *_fit_components(rows[~members], count), np.ones(len(REASONS)))
                statistics[members] = part._statistics(rows[members], contrasts[members])
            fitted = cls(share, shape, *_fit_components(rows, count), _common_limits(statistics, share))
            # The components of few images fit these closely: of detail outside of them, training images have the least.
            own = np.quantile(fitted._statistics(rows, contrasts), 1 - share, axis=0, method="inverted_cdf")
            fitted.limits = np.maximum(fitted.limits, own)
            return fitted

    def scores(self, images: np.ndarray) -> np.ndarray:
        """Compute the statistics, in parts of their limits.

        Args:
            images: Images of the codec, bytes of shape `(n, height, width, channels)`.

        Returns:
            Statistics of shape `(n, 4)`, in the order of `REASONS`; an image is out of distribution if one is above 1.
        """
        return np.asarray(self._statistics(*_standardized(images, self.shape)) / self.limits)

    def reasons(self, scores: np.ndarray) -> list[str]:
        """Return why images are out of distribution.

        Args:
            scores: The result of `scores`, shape `(n, 4)`.

        Returns:
            One text per image, by its largest score; empty for those that are not out of distribution.
        """
        return [
            f"out of distribution: {REASONS[int(np.argmax(row))]} (score {row.max():.1f}, limit 1)"
            if row.max() > 1
            else ""
            for row in scores
        ]

    def to_json(self) -> JsonObject:
        """Return the state as JSON types; components in float16, as they were fitted.

        Returns:
            The object that `from_json` takes, with the fields of `OutOfDistributionState`.
        """
        return {
            "share": self.share,
            "shape": list(self.shape),
            "center": pack(self.center.astype("<f2"))["data"],
            "components": pack(self.components.astype("<f2"))["data"],
            "variances": self.variances.tolist(),
            "residual": self.residual,
            "limits": self.limits.tolist(),
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the score from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The score.

        Raises:
            ValueError: If a number is not finite.
        """
        values, count = int(np.prod(state["shape"])), len(state["variances"])
        center = unpack({"shape": [values], "data": state["center"]}, np.float16).astype(np.float32)
        components = unpack({"shape": [count, values], "data": state["components"]}, np.float16).astype(np.float32)
        if not (np.isfinite(center).all() and np.isfinite(components).all()):
            raise ValueError("out_of_distribution: expected finite numbers")
        variances, limits = np.array(state["variances"]), np.array(state["limits"])
        return cls(state["share"], tuple(state["shape"]), center, components, variances, state["residual"], limits)

    def _statistics(self, rows: np.ndarray, contrasts: np.ndarray) -> np.ndarray:
        """Return the statistics, larger for images that differ more, shape `(n, 4)`."""
        centered = rows - self.center
        along = centered @ self.components.T
        outside = np.maximum((centered**2).sum(axis=1) - (along**2).sum(axis=1), SMALLEST)
        structure = (along**2 / self.variances).sum(axis=1)
        return np.stack([structure, outside / self.residual, self.residual / outside, 1 / contrasts], axis=1)


def _small_shape(shape: "Sequence[int]") -> tuple[int, int, int]:
    """Return the largest shape of about the same aspect ratio with at most `MAX_VALUES` values."""
    height, width, channels = shape
    scale = min((MAX_VALUES / (height * width * channels)) ** 0.5, 1.0)
    height = max(int(height * scale), 1)
    return height, min(max(int(width * scale), 1), MAX_VALUES // (height * channels)), channels


def _standardized(images: np.ndarray, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return small images of mean 0 and standard deviation 1, shape `(n, values)`, and their contrasts, `(n,)`."""
    from plexus.data.images import resize

    small = images if images.shape[1:] == shape else np.stack([resize(image, shape) for image in images])
    rows = small.reshape(len(small), -1).astype(np.float32) / 255
    rows -= rows.mean(axis=1, keepdims=True)
    contrasts = np.maximum(rows.std(axis=1), MIN_CONTRAST)
    return rows / contrasts[:, None], contrasts.astype(np.float64)


def _fit_components(rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return center and components, rounded as they are stored, variances, and the mean squared residual."""
    from sklearn.decomposition import PCA

    fitted = PCA(count, svd_solver="randomized", random_state=0).fit(rows)
    center, components = (values.astype(np.float16).astype(np.float32) for values in (fitted.mean_, fitted.components_))
    centered = rows - center
    along = centered @ components.T
    outside = (centered**2).sum(axis=1) - (along**2).sum(axis=1)
    variances = np.maximum(fitted.explained_variance_.astype(np.float64), SMALLEST)
    return center, components, variances, max(float(outside.mean()), SMALLEST)


def _common_limits(statistics: np.ndarray, share: float) -> np.ndarray:
    """Return the limits of one level that the stated share of the images exceeds, in one statistic or more."""
    ranks = statistics.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    level = int(np.quantile(ranks.max(axis=1), 1 - share, method="inverted_cdf"))
    return np.asarray(np.sort(statistics, axis=0)[level])
