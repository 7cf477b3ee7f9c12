"""Affine projections of features."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Projection:
    """An affine projection to fewer features.

    Args:
        weights: Shape `(features, dimensions)`.
        offset: Shape `(dimensions,)`.

    Example:
        ```python
        Projection(np.eye(3, 2), np.zeros(2)).apply(x).shape  # (n, 2)
        ```
    """

    weights: np.ndarray
    offset: np.ndarray

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Project points.

        Args:
            x: Points of shape `(n, features)`.

        Returns:
            Points of shape `(n, dimensions)`.
        """
        return np.asarray(x @ self.weights + self.offset)
