"""Splits of the rows of a table: stratified, by whole groups, or by time."""

import numpy as np

from plexus import InputError
from plexus.data.splits import split_rows

TEST_SHARE, MAX_TEST_ROWS = 0.15, 10_000
"""Share of the rows that are for testing, and the largest number of them: those of `SupervisedDataset`."""
QUANTILES = 10
"""Bins by which numeric targets are stratified."""
MIN_GROUPS = 3
"""Groups that a table needs: one for the test split, and two for folds."""


def split_test(
    strata: np.ndarray, seed: int, groups: np.ndarray | None = None, times: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Split off the test rows: `TEST_SHARE` of all, at most `MAX_TEST_ROWS`.

    Args:
        strata: Stratum of each row as of `strata_of`, shape `(n,)`.
        seed: Random seed.
        groups: Group of each row, counted from 0, shape `(n,)`: a group is on one side.
        times: Seconds of shape `(n,)`: the last rows are the test rows, with all rows of the same time; of the two
            times where that is possible, the one with the share that is closer. Of groups that are on both sides, the
            test rows are left out.

    Returns:
        Training rows and test rows, each in ascending order.

    Raises:
        InputError: If there are too few groups, most rows have the same time, or all groups of the last rows are among
            the first ones.
    """
    share = min(TEST_SHARE, MAX_TEST_ROWS / len(strata))
    if groups is not None and (count := len(np.unique(groups))) < MIN_GROUPS:
        raise InputError(
            f"--group: the column has {count} value{'s' * (count > 1)}, expected {MIN_GROUPS} or more to split by them"
        )
    if times is not None:
        return _split_by_time(times, share, groups)
    if groups is None:
        return split_rows([f"stratum {stratum}" for stratum in strata.tolist()], share, seed)
    is_test = assign_folds(strata, max(round(1 / share), 2), seed, groups) == 0
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


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


def _deal(strata: np.ndarray, sizes: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Deal items to folds like cards: stratum by stratum, the largest first, equal ones in random order."""
    shuffled = np.random.default_rng((seed, 1)).permutation(len(strata))
    order = shuffled[np.lexsort((-sizes[shuffled], strata[shuffled]))]
    dealt = np.empty(len(strata), int)
    dealt[order] = np.arange(len(strata)) % folds
    return dealt


def _strata_of_groups(strata: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the rarest stratum among those that most of a group's rows could have: that of most rows in it."""
    pairs, counts = np.unique(np.stack([groups, strata]), axis=1, return_counts=True)
    order = np.lexsort((counts, pairs[0]))
    of_groups = np.empty(groups.max() + 1, int)
    of_groups[pairs[0][order]] = pairs[1][order]  # the last one of a group, that of most rows, remains
    return of_groups


def _split_by_time(times: np.ndarray, share: float, groups: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    start = np.sort(times)[min(round(len(times) * (1 - share)), len(times) - 1)]
    later = times[times > start]
    starts = [start, later.min()] if len(later) else [start]
    start = min(starts, key=lambda time: abs((times >= time).mean() - share))
    train, test = np.flatnonzero(times < start), np.flatnonzero(times >= start)
    if len(train) < len(test):
        raise InputError("--time: most rows have the same time, so that they cannot be split by time")
    if groups is not None:
        test = test[~np.isin(groups[test], groups[train])]
        if not len(test):
            raise InputError("--group and --time: all groups of the last rows are among the first rows, too; use one")
    return train, test
