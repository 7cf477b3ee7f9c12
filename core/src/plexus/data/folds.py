"""Folds of cross-validation: stratified, and by whole groups."""

import numpy as np

QUANTILES = 10
"""Bins by which numeric targets are stratified."""


def assign_folds(strata: np.ndarray, folds: int, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """Assign rows to folds, so that each stratum is spread over all folds as evenly as possible.

    scikit-learn's `StratifiedKFold` refuses labels with fewer rows than folds, and `StratifiedGroupKFold` takes
    seconds for 100,000 groups.

    Args:
        strata: Stratum of each row as of `strata_of`, shape `(n,)`.
        folds: Number of folds; at most one per group is used.
        seed: Random seed.
        groups: Group of each row, counted from 0, shape `(n,)`: a group is in one fold.

    Returns:
        Fold of each row, counted from 0, shape `(n,)`.
    """
    if groups is None:
        return _deal(strata, np.ones(len(strata)), folds, seed)
    distinct, group_of_row, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    fold_of_group = _deal(_strata_of_groups(strata, group_of_row), sizes, min(folds, len(distinct)), seed)
    return np.asarray(fold_of_group[group_of_row])


def strata_of(targets: np.ndarray) -> np.ndarray:
    """Return the strata of targets.

    Args:
        targets: Labels as strings, or numbers, shape `(n,)`.

    Returns:
        Whole numbers from 0: one per label, or the bin between quantiles of numbers.
    """
    if targets.dtype.kind == "f":
        edges = np.unique(np.quantile(targets, np.linspace(0, 1, QUANTILES + 1)[1:-1]))
        targets = np.searchsorted(edges, targets, side="right")
    return np.unique(targets, return_inverse=True)[1]


def out_of_fold(predictions: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return for each row the prediction of the fold in which it was held out.

    Args:
        predictions: Shape `(n, folds, outputs)`.
        folds: Fold of each row, shape `(n,)`.

    Returns:
        Array of shape `(n, outputs)`.
    """
    return np.asarray(predictions[np.arange(len(folds)), folds])


def _deal(strata: np.ndarray, sizes: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Deal items to folds like cards: stratum by stratum, the largest first, equal ones in random order."""
    shuffled = np.random.default_rng((seed, 1)).permutation(len(strata))
    order = shuffled[np.lexsort((-sizes[shuffled], strata[shuffled]))]
    assigned = np.empty(len(strata), int)
    assigned[order] = np.arange(len(strata)) % folds
    return assigned


def _strata_of_groups(strata: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the rarest stratum among those that most of a group's rows could have: that of most rows in it."""
    pairs, counts = np.unique(np.stack([groups, strata]), axis=1, return_counts=True)
    order = np.lexsort((counts, pairs[0]))
    of_groups = np.empty(groups.max() + 1, int)
    of_groups[pairs[0][order]] = pairs[1][order]  # the last one of a group, that of most rows, remains
    return of_groups
