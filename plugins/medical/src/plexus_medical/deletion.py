"""Test of a saliency map: how fast a score falls when the places of an image are deleted by their saliency."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

CELLS = 8
"""Cells along each side of the image; a cell is deleted as a whole."""
STEPS = 16
"""Deletions of equally many cells until none is left."""
ORDERS = 20
"""Random orders: a map whose area is below all of them is better than random with p < 0.05."""

ScoreOfMasks = Callable[[np.ndarray], np.ndarray]
"""Maps masks of shape `(n, height, width)`, 1 where the image stays and 0 where it is deleted, to scores `(n,)`."""


@dataclass(frozen=True)
class DeletionCurve:
    """The deletion curve of a saliency map, compared with random orders (Petsiuk et al. 2018, arXiv:1806.07421).

    Args:
        shares: Share of the image that is deleted, ascending from 0 to 1, shape `(steps,)`.
        scores: Scores by the saliency's order, most salient first, shape `(steps,)`.
        random_scores: Scores by random orders, shape `(orders, steps)`.

    Example:
        ```python
        curve = DeletionCurve.compute(score, saliency)
        curve.area, curve.random_area, curve.is_reliable
        ```
    """

    shares: np.ndarray
    scores: np.ndarray
    random_scores: np.ndarray

    @classmethod
    def compute(cls, score: ScoreOfMasks, saliency: np.ndarray, orders: int = ORDERS, seed: int = 0) -> Self:
        """Delete an image by cells, in the order of their mean saliency and in random ones.

        Random orders are of the same cells. Single pixels in random order would destroy all of the image at once, which
        no saliency map does.

        Args:
            score: The score, such as the log-odds of the decision.
            saliency: The map, larger where the score depends on the image, shape `(height, width)`.
            orders: Number of random orders, at least 2.
            seed: Random seed.

        Returns:
            The curves.
        """
        cells = _cells(saliency.shape)
        count = int(cells.max()) + 1
        means = np.bincount(cells.ravel(), saliency.ravel()) / np.bincount(cells.ravel())
        generator = np.random.default_rng(seed)
        # Equal cells are in a random order: that of the rows would be right for a map whose upper half is salient.
        by_saliency = np.lexsort((generator.permutation(count), -means))
        sequences = [by_saliency, *(generator.permutation(count) for _ in range(orders))]
        ends = np.unique(np.linspace(0, count, STEPS + 1).round().astype(int))
        # The complete and the empty image are the same in all orders.
        complete, empty = score(np.stack([np.ones(saliency.shape), np.zeros(saliency.shape)]))
        curves = []
        for sequence in sequences:
            position = np.argsort(sequence)[cells]
            inner = score((position[None] >= ends[1:-1, None, None]).astype(np.float64))
            curves.append(np.concatenate([[complete], inner, [empty]]))
        return cls(ends / count, curves[0], np.array(curves[1:]))

    @property
    def area(self) -> float:
        """Area under the curve of the map; a good map has a small one."""
        return float(np.trapezoid(self.scores, self.shares))

    @property
    def random_areas(self) -> np.ndarray:
        """Areas under the curves of the random orders, shape `(orders,)`."""
        return np.asarray(np.trapezoid(self.random_scores, self.shares, axis=1))

    @property
    def random_area(self) -> float:
        """Mean area under the curves of the random orders."""
        return float(self.random_areas.mean())

    @property
    def random_spread(self) -> float:
        """Standard deviation of the areas of the random orders."""
        return float(self.random_areas.std(ddof=1))

    @property
    def is_reliable(self) -> bool:
        """Whether the map is better than chance: its area is smaller than that of every random order."""
        return self.area < float(self.random_areas.min())


def _cells(shape: tuple[int, ...]) -> np.ndarray:
    """Return the number of the cell of each place."""
    height, width = shape
    rows, columns = (np.arange(side) * min(CELLS, side) // side for side in (height, width))
    return np.asarray(rows[:, None] * (columns.max() + 1) + columns)
