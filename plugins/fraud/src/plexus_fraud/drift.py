"""Drift: how far the distribution of a feature is from that of training."""

from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject

BINS = 10
MIN_FRACTION = 1e-4
"""Stands for an empty bin: the index takes logarithms."""
LARGE_DRIFT = 0.25
"""Population stability index above which drift is large (Siddiqi 2006, Credit Risk Scorecards, chapter 10)."""


@dataclass(frozen=True)
class ReferenceDistribution:
    """The distribution of a feature in training.

    Args:
        edges: Edges between the bins: deciles, fewer where many values are equal.
        fractions: Fraction of the values in each bin.

    Example:
        ```python
        ReferenceDistribution.fit(train_amounts).stability_index(amounts)
        ```
    """

    edges: tuple[float, ...]
    fractions: tuple[float, ...]

    @classmethod
    def fit(cls, values: np.ndarray) -> Self:
        """Fit the bins to values.

        Args:
            values: Values of shape `(n,)`.

        Returns:
            The distribution.
        """
        edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        return cls(tuple(edges.tolist()), tuple(_bin_fractions(edges, values).tolist()))

    def stability_index(self, values: np.ndarray) -> float:
        """Compute the population stability index of later values.

        Args:
            values: Values of shape `(n,)`.

        Returns:
            The index: 0 for equal distributions; from 0.25 drift is large.
        """
        before = np.array(self.fractions)
        after = _bin_fractions(np.array(self.edges), values)
        return float(np.sum((after - before) * np.log(after / before)))

    def to_json(self) -> JsonObject:
        """Return the arguments as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return asdict(self)

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a distribution from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The distribution.
        """
        return cls(tuple(state["edges"]), tuple(state["fractions"]))


def _bin_fractions(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return np.asarray(np.maximum(counts / len(values), MIN_FRACTION))
