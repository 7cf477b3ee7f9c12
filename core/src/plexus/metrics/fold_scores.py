"""Conformity scores of cross-validation."""

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_POINTS, MAX_TOTAL = 500, 2500
"""Quantiles that a fold has at most, and all folds together, so that one row is predicted within microseconds."""


class FoldScores(NamedTuple):
    """Conformity scores of out-of-fold predictions, by fold: all of them, or quantiles if there are many.

    A quantile stands for as many scores in every fold, so that those of all folds can be ranked together. It is the
    largest of these scores: a rank is never taken for a lower one.

    Attributes:
        counts: Number of scores of each fold.
        points: Sorted scores or quantiles of each fold.

    Example:
        ```python
        scores = FoldScores.fit(np.abs(targets - predictions), folds)
        scores.counts.sum()  # number of rows
        ```
    """

    counts: np.ndarray
    points: list[np.ndarray]

    @classmethod
    def fit(cls, scores: np.ndarray, folds: np.ndarray) -> Self:
        """Sort the scores of each fold, and reduce them to quantiles if there are many.

        Args:
            scores: Conformity scores of the rows, shape `(n,)`; larger is less alike.
            folds: Fold in which each row was held out, counted from 0, shape `(n,)`; each fold has a row.

        Returns:
            The scores.

        Raises:
            InputError: If a score is not a finite number, or a fold has no rows.
        """
        counts = np.bincount(folds)
        if not counts.size or not counts.all():
            raise InputError(
                f"folds: expected rows in each of the folds 0 to {len(counts) - 1}, found {counts.tolist()}"
            )
        if not np.isfinite(scores).all():
            raise InputError("out-of-fold predictions: expected finite numbers, found NaN or infinity; train again")
        limit = max(min(MAX_POINTS, MAX_TOTAL // len(counts)), 1)
        sizes = counts if counts.max() <= limit else -(-counts * limit // counts.max())
        points = []
        for fold, (count, size) in enumerate(zip(counts, sizes, strict=True)):
            last = np.arange(1, size + 1) * count // size - 1
            points.append(np.sort(scores[folds == fold].astype(np.float64))[last])
        return cls(counts, points)

    def rank(self, coverage: float) -> int | None:
        """Return how many of all points are at most the conformal quantile.

        Args:
            coverage: Proportion of new rows whose score is at most the quantile, above 0 and below 1.

        Returns:
            The rank of the quantile, from 1 to the number of points; None if there are too few rows for the coverage.

        Raises:
            InputError: If the coverage is not between 0 and 1.
        """
        if not 0 < coverage < 1:
            raise InputError(f"coverage: expected a number above 0 and below 1, such as 0.9, found {coverage}")
        rows = int(self.counts.sum())
        rank = np.ceil(coverage * (rows + 1) - 1e-9)
        if rank > rows:
            return None
        return max(int(np.ceil(rank / rows * sum(map(len, self.points)) - 1e-9)), 1)

    def to_json(self) -> "JsonObject":
        """Return the scores as JSON types, with the fields of `FoldScoresState`.

        Returns:
            The object that `from_json` takes.
        """
        return {"counts": self.counts.tolist(), "points": [points.tolist() for points in self.points]}

    @classmethod
    def from_json(cls, state: "JsonObject") -> Self:
        """Create the scores from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The scores.
        """
        return cls(np.array(state["counts"]), [np.array(points, np.float64) for points in state["points"]])
