"""Mean and variance of a stream of numbers."""

from typing import Any

import numpy as np


class Moments:
    """Updated a batch at a time (Chan, Golub & LeVeque 1979).

    Args:
        width: numbers a row.
    """

    def __init__(self, width: int) -> None:
        self.mean, self.variance, self.rows = np.zeros(width), np.ones(width), 0.0

    def update(self, rows: np.ndarray) -> None:
        """Take more rows `(n, width)` into account."""
        if not len(rows):
            return
        rows = rows.astype(np.float64)
        both = self.rows + len(rows)
        apart = rows.mean(axis=0) - self.mean
        squares = self.variance * self.rows + rows.var(axis=0) * len(rows)
        squares += apart**2 * self.rows * len(rows) / both
        self.mean, self.variance = self.mean + apart * len(rows) / both, squares / both
        self.rows = both

    def state(self, name: str) -> dict[str, np.ndarray]:
        """For `restore`."""
        return {f"{name}.mean": self.mean, f"{name}.variance": self.variance, f"{name}.rows": np.array(self.rows)}

    def restore(self, state: dict[str, Any], name: str) -> None:
        """Be as when the state was taken."""
        self.mean, self.variance = state[f"{name}.mean"], state[f"{name}.variance"]
        self.rows = float(state[f"{name}.rows"])
