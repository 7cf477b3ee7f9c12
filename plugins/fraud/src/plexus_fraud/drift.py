"""How far data have moved from what was learned from."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

BINS = 10
LEAST = 1e-4
"""A share that stands for none: the index has logarithms."""
MUCH = 0.25
"""The index above which a column has moved much (Siddiqi 2006, Credit Risk Scorecards, chapter 10); below 0.1, not."""


@dataclass(frozen=True)
class Spread:
    """How a column's values were spread in training.

    Args:
        edges: between tenths of them, fewer where many are equal; shares: of the values in each piece.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, values: np.ndarray) -> Self:
        """The spread of these values."""
        edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        return cls(tuple(edges.tolist()), tuple(_shares(edges, values).tolist()))

    def stability(self, values: np.ndarray) -> float:
        """The population stability index of later values: 0 if they are spread alike."""
        before = np.array(self.shares)
        after = _shares(np.array(self.edges), values)
        return float(np.sum((after - before) * np.log(after / before)))

    def to_json(self) -> dict[str, Any]:
        """For `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The spread that gave this state."""
        return cls(tuple(state["edges"]), tuple(state["shares"]))


def _shares(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return np.asarray(np.maximum(counts / len(values), LEAST))
