"""Splitting without luck."""

from collections.abc import Sequence

import numpy as np


def split_rows(labels: Sequence[str], share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide rows so that every label has the same share in both parts.

    Args:
        labels: one a row.
        share: of the rows that the second part gets; at least one of each label that has two or more.
        seed: of the choice.

    Returns:
        The rows of the two parts, each in ascending order.
    """
    generator = np.random.default_rng(seed)
    values, codes = np.unique(np.asarray(labels), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    held = []
    for rows in np.split(order, np.cumsum(np.bincount(codes, minlength=len(values)))[:-1]):
        count = max(round(share * len(rows)), 1) if len(rows) > 1 else 0
        held.append(generator.permutation(rows)[:count])
    second = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(labels)), second), second
