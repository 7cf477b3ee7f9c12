"""How far data have moved from what was learned from."""

import numpy as np

BINS = 10
LEAST = 1e-4
"""A share that stands for none: the index has logarithms."""


def stability(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The population stability index of each column `(columns,)`, over tenths of what was before.

    Below 0.1 nothing has moved, above 0.25 much has (Siddiqi 2006, Credit Risk Scorecards, chapter 10).

    Args:
        before, after: `(n, columns)`.
    """
    found = []
    for old, new in zip(before.T, after.T, strict=True):
        edges = np.unique(np.quantile(old, np.linspace(0, 1, BINS + 1)[1:-1]))
        shares = [
            np.maximum(
                np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1) / len(values), LEAST
            )
            for values in (old, new)
        ]
        found.append(float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0]))))
    return np.array(found)
