"""Gradient-boosted trees, fitted by scikit-learn."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

LEARNING_RATE, L2, MAX_FEATURES = 0.05, 1.0, 0.5
"""Step size, penalty of leaf values, and share of the features that a split may choose from."""
HELD_OUT_SHARE, MIN_HELD_OUT_FRAUDS = 0.2, 10
"""Share of the rows, the last ones, on which the number of trees is chosen, and frauds that it takes."""


class CompleteTrees(NamedTuple):
    """Boosted trees as arrays, each of them complete; a leaf is repeated below where its tree ends.

    Attributes:
        columns: Feature that each inner node compares, shape `(trees, inner nodes)`; the children of node `i` are
            `2 i + 1` and `2 i + 2`.
        thresholds: Rows with larger values go to the right child, shape `(trees, inner nodes)`.
        leaves: Addends of the logit, shape `(trees, leaves)`; those of trees that are not needed are 0.
        offset: Logit to which the trees are added.

    Example:
        ```python
        trees = fit_boosting(x, fraud, trees=100, depth=4, seed=0)
        ```
    """

    columns: np.ndarray
    thresholds: np.ndarray
    leaves: np.ndarray
    offset: float


def fit_boosting(x: np.ndarray, fraud: np.ndarray, trees: int, depth: int, seed: int) -> CompleteTrees:
    """Fit gradient-boosted trees (Friedman 2001, section 4.5), as many as are best on the last rows.

    Args:
        x: Training rows in the order of time, shape `(n, columns)`.
        fraud: 1 or 0, shape `(n,)`.
        trees: Largest number of trees.
        depth: Depth of the trees.
        seed: Random seed.

    Returns:
        The trees.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums of several threads differ in the last bit
        count = _best_count(x, fraud, trees, depth, seed)
        model = _classifier(count, depth, seed).fit(x, fraud)
    inner = 2**depth - 1
    complete = CompleteTrees(
        np.zeros((trees, inner), np.int32),
        np.zeros((trees, inner), np.float32),
        np.zeros((trees, inner + 1), np.float32),
        float(np.ravel(model._baseline_prediction)[0]),
    )
    for tree, (predictor,) in enumerate(model._predictors):
        _fill(complete, tree, predictor.nodes, inner)
    return complete


def _classifier(trees: int, depth: int, seed: int) -> "HistGradientBoostingClassifier":
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=trees,
        max_depth=depth,
        max_leaf_nodes=None,
        l2_regularization=L2,
        max_features=MAX_FEATURES,
        early_stopping=False,
        random_state=seed,
    )


def _best_count(x: np.ndarray, fraud: np.ndarray, trees: int, depth: int, seed: int) -> int:
    """Return the number of trees with the lowest log loss on the last rows; all if these have few frauds."""
    start = round(len(x) * (1 - HELD_OUT_SHARE))
    held_out = fraud[start:]
    if min(held_out.sum(), fraud[:start].sum()) < MIN_HELD_OUT_FRAUDS or held_out.all():
        return trees
    model = _classifier(trees, depth, seed).fit(x[:start], fraud[:start])
    losses = []
    for probabilities in model.staged_predict_proba(x[start:]):
        of_class = probabilities[np.arange(len(held_out)), held_out.astype(int)]
        losses.append(-np.log(of_class).mean())
    return int(np.argmin(losses)) + 1


def _fill(complete: CompleteTrees, tree: int, nodes: np.ndarray, inner: int) -> None:
    """Copy the nodes of a tree; below a leaf all nodes lead to its value."""
    places = [(0, 0)]
    for place, node in places:  # the loop also reads the pairs that it appends
        is_leaf = bool(nodes["is_leaf"][node])
        if place >= inner:
            complete.leaves[tree, place - inner] = nodes["value"][node]
            continue
        if not is_leaf:
            complete.columns[tree, place] = nodes["feature_idx"][node]
            complete.thresholds[tree, place] = _rounded_down(nodes["num_threshold"][node])
        children = (node, node) if is_leaf else (nodes["left"][node], nodes["right"][node])
        places += zip((2 * place + 1, 2 * place + 2), children, strict=True)


def _rounded_down(threshold: float) -> np.float32:
    """Return a threshold as float32 that separates float32 values as the float64 one does."""
    rounded = np.float32(threshold)
    return np.nextafter(rounded, np.float32(-np.inf)) if rounded > threshold else rounded
