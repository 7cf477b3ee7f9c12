"""Differences between the portraits of one person."""

from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True)
class Expression:
    """Expression of a face, and the light on it.

    Attributes:
        smile: 0 (none) to 1.
        mouth_opening: 0 (closed) to 1.
        lids: Factor of the opening of the eyes.
        brows: Movement of the brows in pixels, upwards.
        gaze: Direction of the eyes, -1 (left) to 1.
        light: Direction of the light `(x, y)`: -1 from the left or above, 1 from the right or below.
        ambient: Share of the light that comes from all sides, 0 to 1.

    Example:
        ```python
        Expression.sample(np.random.default_rng(0)).smile
        ```
    """

    smile: float
    mouth_opening: float
    lids: float
    brows: float
    gaze: float
    light: tuple[float, float]
    ambient: float

    @classmethod
    def sample(cls, rng: np.random.Generator) -> Self:
        """Draw a random expression.

        Args:
            rng: Random numbers.

        Returns:
            The expression.
        """
        return cls(
            smile=rng.uniform(0.0, 1.0),
            mouth_opening=max(0.0, rng.uniform(-0.6, 0.7)),
            lids=rng.uniform(0.85, 1.15),
            brows=rng.uniform(-0.8, 1.8),
            gaze=rng.uniform(-0.8, 0.8),
            light=(rng.uniform(-0.6, 0.6), rng.uniform(-0.6, -0.15)),
            ambient=rng.uniform(0.4, 0.5),
        )
