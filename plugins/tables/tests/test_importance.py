"""Permutation importance of columns."""

import numpy as np
import pytest
from sklearn.inspection import permutation_importance as permuted
from sklearn.linear_model import LinearRegression

from plexus_tables.importance import permutation_importance, rows_and_repeats

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(500, 3)) * [1, 2, 1]
Y = X @ [3.0, 1.0, 0.0] + GENERATOR.normal(size=500) / 10


def squared_error(arrays):
    """The squared error of a model that is almost the true one."""
    return float(np.square(arrays["numbers"] @ [3.0, 1.0, 0.0] - Y).mean())


def test_importance_of_a_linear_model_is_twice_the_variance_of_its_terms():
    """Permuted, a term is replaced by an independent one: the squared error increases by twice its variance."""
    columns = {"numbers": np.arange(3)}
    importance = permutation_importance(squared_error, {"numbers": X}, columns, 3, repeats=10)
    assert importance.means == pytest.approx([18.0, 8.0, 0.0], rel=0.15)
    assert importance.means[2] == 0 == importance.standard_errors[2]
    assert (importance.standard_errors[:2] > 0).all()


def test_importance_equals_that_of_scikit_learn():
    model = LinearRegression().fit(X, Y)
    expected = permuted(model, X, Y, scoring="neg_mean_squared_error", n_repeats=5, random_state=0)
    importance = permutation_importance(
        lambda arrays: float(np.square(model.predict(arrays["numbers"]) - Y).mean()),
        {"numbers": X},
        {"numbers": np.arange(3)},
        3,
        repeats=5,
    )
    assert importance.means == pytest.approx(expected.importances_mean)
    assert importance.standard_errors == pytest.approx(expected.importances.std(axis=1, ddof=1) / 5**0.5)


def test_all_features_of_a_column_move_together():
    """The difference of two equal features is 0 unless they are permuted apart."""
    arrays = {"numbers": X[:, :1], "indicators": np.column_stack([X[:, 0], X[:, 1]])}

    def loss(arrays):
        return float(np.abs(arrays["numbers"][:, 0] - arrays["indicators"][:, 0]).sum())

    together = {"numbers": np.array([0]), "indicators": np.array([0, 1])}
    assert permutation_importance(loss, arrays, together, 2, repeats=3).means.tolist() == [0, 0]
    apart = {"numbers": np.array([0]), "indicators": np.array([1, 1])}
    assert (permutation_importance(loss, arrays, apart, 2, repeats=3).means > 0).all()


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [(66, 10, (66, 10)), (5000, 5, (1000, 8)), (5000, 50, (266, 3)), (5000, 5000, (100, 3)), (40, 1, (40, 10))],
)
def test_rows_and_repeats_are_bounded(rows, columns, expected):
    assert rows_and_repeats(rows, columns) == expected
