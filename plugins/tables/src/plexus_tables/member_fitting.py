"""Linear models and random forests per fold, by scikit-learn."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.codec import Arrays
from plexus.data.folds import out_of_fold as out_of_fold
from plexus_tables.decision_trees import tree_features
from plexus_tables.forest_member import ForestMember
from plexus_tables.linear_member import LinearMember, dense_features

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PENALTIES: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 10.0)
"""Inverse penalties of the logistic regression, of which the best one out of fold is taken."""
RIDGE_PENALTIES: tuple[float, ...] = (0.1, 1.0, 10.0, 100.0)
MAX_TUNED_ROWS = 20_000
"""Rows from which the penalty is not searched: it hardly matters then."""
TREES, MIN_LEAF, MAX_DEPTH, MAX_TREE_ROWS = 40, 3, 12, 10_000
"""Trees of a fold, rows of a leaf, depth, and rows that a tree is fitted to."""
MIN_PROBABILITY = 1e-7
"""Probabilities below it count as this: a forest has zeros, whose log loss is infinite."""
ABSENT = -15.0
"""Logit of a label that no training row of a fold has."""


def fit_linear(
    arrays: Arrays, code_sizes: Sequence[int], targets: np.ndarray, labels: int, folds: np.ndarray
) -> LinearMember:
    """Fit logistic regressions, or ridge regressions for numbers.

    Args:
        arrays: The arrays of the training rows.
        code_sizes: Number of codes of each column of `codes`.
        targets: Classes, or standardized numbers, shape `(n,)`.
        labels: Number of labels; 1 for numbers.
        folds: Fold of each row, shape `(n,)`.

    Returns:
        The member, with the penalty that is best out of fold.
    """
    penalties = RIDGE_PENALTIES if labels == 1 else PENALTIES
    if len(targets) > MAX_TUNED_ROWS:
        penalties = (1.0,)
    x = design_matrix(arrays, code_sizes)
    members = [_linear(x, penalty, targets, labels, folds, arrays, code_sizes) for penalty in penalties]
    losses = [row_losses(out_of_fold(member.predict(arrays), folds), targets).mean() for member in members]
    return members[int(np.argmin(losses))]


def fit_forest(
    arrays: Arrays, targets: np.ndarray, labels: int, folds: np.ndarray, seed: int, threads: int
) -> ForestMember:
    """Fit random forests (Breiman 2001).

    Args:
        arrays: The arrays of the training rows.
        targets: Classes, or standardized numbers, shape `(n,)`.
        labels: Number of labels; 1 for numbers.
        folds: Fold of each row, shape `(n,)`.
        seed: Random seed.
        threads: CPU threads.

    Returns:
        The member.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    x, forests = tree_features(arrays), []
    for fold in range(folds.max() + 1):
        rows = np.flatnonzero(folds != fold)
        settings = {"n_estimators": TREES, "min_samples_leaf": MIN_LEAF, "max_depth": MAX_DEPTH, "n_jobs": threads}
        settings |= {"random_state": seed + fold, "max_samples": min(len(rows), MAX_TREE_ROWS)}
        if labels == 1:
            forest = RandomForestRegressor(max_features=1 / 3, **settings)
        else:
            forest = RandomForestClassifier(**settings)
        forests.append(forest.fit(x[rows], targets[rows]))
    classes = [np.zeros(1, int) if labels == 1 else forest.classes_ for forest in forests]
    return ForestMember.from_trees([forest.estimators_ for forest in forests], classes, labels)


def row_losses(predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the loss of each row: the log loss of probabilities, the squared error of numbers.

    Args:
        predictions: Probabilities of shape `(n, labels)`, or standardized numbers of shape `(n, 1)`.
        targets: Classes, or standardized numbers, shape `(n,)`.

    Returns:
        Losses of shape `(n,)`.
    """
    if predictions.shape[1] == 1:
        return np.asarray(np.square(predictions[:, 0] - targets))
    of_target = predictions[np.arange(len(targets)), targets]
    return np.asarray(-np.log(np.clip(of_target, MIN_PROBABILITY, 1.0)))


def design_matrix(arrays: Arrays, code_sizes: Sequence[int]) -> "csr_matrix":
    """Return the features with the codes as indicators; code 0, of new categories, has none.

    Args:
        arrays: The arrays of the encoder.
        code_sizes: Number of codes of each column of `codes`.

    Returns:
        Matrix of shape `(n, features)`: `numbers`, `indicators`, and the indicators of one column after the other.
    """
    from scipy import sparse

    parts = [sparse.csr_matrix(dense_features(arrays))]
    for column, size in enumerate(code_sizes):
        codes = arrays["codes"][:, column]
        rows = np.flatnonzero(codes)
        shape = len(codes), size - 1
        parts.append(sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, codes[rows] - 1)), shape))
    return sparse.hstack(parts, format="csr")


def _unfitted_model(labels: int, penalty: float) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    return Ridge(penalty) if labels == 1 else LogisticRegression(C=penalty, max_iter=1000)


def _linear(
    x: "csr_matrix",
    penalty: float,
    targets: np.ndarray,
    labels: int,
    folds: np.ndarray,
    arrays: Arrays,
    code_sizes: Sequence[int],
) -> LinearMember:
    """Fit one model per fold, and return its numbers by column."""
    count = int(folds.max()) + 1
    weights, bias = np.zeros((count, x.shape[1], labels)), np.full((count, labels), ABSENT if labels > 1 else 0.0)
    for fold in range(count):
        rows = folds != fold
        if labels > 1 and len(present := np.unique(targets[rows])) == 1:
            bias[fold, present] = 0.0
            continue
        model = _unfitted_model(labels, penalty).fit(x[rows], targets[rows])
        coefficients, intercept = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
        classes = np.zeros(1, int) if labels == 1 else model.classes_
        if labels > 1 and len(coefficients) == 1:  # two classes: the numbers are those of the second one
            coefficients, intercept = (
                np.vstack([-coefficients, coefficients]) / 2,
                np.hstack([-intercept, intercept]) / 2,
            )
        weights[fold][:, classes], bias[fold, classes] = coefficients.T, intercept
    dense = dense_features(arrays).shape[1]
    ends = np.cumsum([dense, *(size - 1 for size in code_sizes)])
    tables = []
    for start, end in pairwise(ends.tolist()):
        table = np.zeros((end - start + 1, count, labels))
        table[1:] = weights[:, start:end].transpose(1, 0, 2)
        tables.append(table.astype(np.float32))
    return LinearMember(weights[:, :dense].astype(np.float32), bias.astype(np.float32), tables)
