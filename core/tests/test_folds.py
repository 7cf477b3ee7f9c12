"""Folds of cross-validation."""

import numpy as np
import pytest

from plexus.data.folds import assign_folds, strata_of


def test_labels_are_spread_over_the_folds():
    labels = np.array(["a"] * 50 + ["b"] * 7 + ["c"] * 2)
    folds = assign_folds(strata_of(labels), 5, seed=0)
    assert sorted(np.bincount(folds[:50])) == [10] * 5
    assert set(np.bincount(folds[50:57], minlength=5)) <= {1, 2}
    assert len(set(folds[57:])) == 2


@pytest.mark.parametrize("seed", [0, 1])
def test_a_group_is_in_one_fold(seed):
    groups = np.repeat(np.arange(40), np.arange(40) % 3 + 1)
    labels = np.where(groups % 4 == 0, "ill", "well")
    folds = assign_folds(strata_of(labels), 5, seed, groups)
    assert all(len(set(folds[groups == group])) == 1 for group in range(40))
    ill = {fold: len(set(groups[(folds == fold) & (labels == "ill")])) for fold in range(5)}
    assert set(ill.values()) == {2}
    assert set(assign_folds(strata_of(labels[:6]), 5, seed, groups[:6]).tolist()) == {0, 1, 2}


def test_numbers_are_stratified_by_their_quantiles():
    numbers = np.arange(100, dtype=float)
    strata = strata_of(numbers)
    assert sorted(np.bincount(strata)) == [10] * 10
    means = [numbers[assign_folds(strata, 5, 0) == fold].mean() for fold in range(5)]
    assert np.ptp(means) < 10
