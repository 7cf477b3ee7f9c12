"""Splits of the rows of a table: stratified, by whole groups, or by time."""

import numpy as np

from plexus import InputError
from plexus.data.folds import assign_folds as assign_folds
from plexus.data.folds import strata_of as strata_of
from plexus.data.splits import split_rows

TEST_SHARE, MAX_TEST_ROWS = 0.15, 10_000
"""Share of the rows that are for testing, and the largest number of them: those of `SupervisedDataset`."""
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
