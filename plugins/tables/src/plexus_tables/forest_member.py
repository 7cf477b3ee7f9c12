"""Random forests of a cross-validation, as arrays."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus_tables.linear_member import dense_features
from plexus_tables.packed_array import pack, unpack

CHUNK = 2048
"""Rows whose nodes are computed at once, so that they stay in the cache of the processor."""
LEAF = -1
"""scikit-learn's index of the child of a leaf."""


class ForestMember:
    """A random forest per fold.

    Trees are stored as arrays, and rows descend in all trees at once: prediction imports NumPy alone. ONNX Runtime
    would take five times as long for the same gathers.

    Args:
        columns: Feature that each node compares, shape `(trees, nodes)`.
        thresholds: Rows with larger values go to the right child, infinite in leaves, shape `(trees, nodes)`.
        children: Left child of each node, the node itself in leaves; the right child follows it; `(trees, nodes)`.
        values: Probabilities or standardized numbers of each node, shape `(trees, nodes, outputs)`.
        folds: Number of folds; each has equally many trees, those of a fold one after the other.
        depth: Largest depth of a tree.

    Example:
        ```python
        member = ForestMember.from_trees([f.estimators_ for f in forests], [f.classes_ for f in forests], outputs=2)
        member.predict(encoder.encode(rows)).shape  # (n, 5, 2)
        ```
    """

    def __init__(
        self,
        columns: np.ndarray,
        thresholds: np.ndarray,
        children: np.ndarray,
        values: np.ndarray,
        folds: int,
        depth: int,
    ) -> None:
        self.columns, self.thresholds, self.children, self.values = columns, thresholds, children, values
        self.folds, self.depth = folds, depth
        trees, nodes = columns.shape
        self._roots = np.arange(trees, dtype=np.int32) * nodes
        self._children = (children + self._roots[:, None]).ravel()
        self._columns, self._thresholds = columns.ravel(), thresholds.ravel()
        self._values = values.reshape(trees * nodes, -1)

    @classmethod
    def from_trees(cls, folds: Sequence[Sequence[Any]], classes: Sequence[np.ndarray], outputs: int) -> Self:
        """Take over fitted trees.

        Args:
            folds: Of each fold the trees, scikit-learn's `DecisionTreeClassifier` or `DecisionTreeRegressor`.
            classes: Of each fold the outputs that its trees have: a rare label may be missing in a fold.
            outputs: Number of outputs.

        Returns:
            The member.
        """
        trees = [tree.tree_ for fold in folds for tree in fold]
        outputs_of_tree = [places for places, fold in zip(classes, folds, strict=True) for _ in fold]
        shape = len(trees), max(tree.node_count for tree in trees)
        columns, children = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        thresholds = np.full(shape, np.inf, np.float32)
        values = np.zeros((*shape, outputs), np.float32)
        for index, tree in enumerate(trees):
            order = _siblings_together(tree)
            count, place = len(order), np.argsort(order)
            inner = tree.children_left[order] != LEAF
            children[index, :count] = np.where(inner, place[tree.children_left[order]], np.arange(count))
            columns[index, :count] = np.where(inner, tree.feature[order], 0)
            thresholds[index, :count] = np.where(inner, _rounded_down(tree.threshold[order]), np.inf)
            values[index, :count, outputs_of_tree[index]] = tree.value[order].reshape(count, -1).T
        return cls(columns, thresholds, children, values, len(folds), max(tree.max_depth for tree in trees))

    def predict(self, arrays: Arrays) -> np.ndarray:
        """Compute probabilities or standardized numbers.

        Args:
            arrays: The arrays of the encoder.

        Returns:
            Array of shape `(n, folds, outputs)`.
        """
        features = forest_features(arrays)
        starts = range(0, max(len(features), 1), CHUNK)
        return np.concatenate([self._predict(features[start : start + CHUNK]) for start in starts])

    def to_json(self) -> JsonObject:
        """Return the trees as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "columns": pack(self.columns),
            "thresholds": pack(self.thresholds),
            "children": pack(self.children),
            "values": pack(self.values),
            "folds": self.folds,
            "depth": self.depth,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the member from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The member.

        Raises:
            ValueError: If the shapes do not belong together, or a node refers to one that does not exist.
        """
        columns, children = (unpack(state[name], np.int32) for name in ("columns", "children"))
        thresholds, values = (unpack(state[name], np.float32) for name in ("thresholds", "values"))
        if {columns.shape, thresholds.shape, children.shape} != {values.shape[:2]} or values.ndim != 3:
            raise ValueError("forest: the shapes of its arrays do not belong together")
        if not values.size or len(columns) % state["folds"]:
            raise ValueError("forest: expected equally many trees of each fold")
        if np.isnan(thresholds).any() or not np.isfinite(values).all():
            raise ValueError("forest: a threshold or a value is not a number")
        last = children + (thresholds < np.inf)  # the right child follows the left one; leaves have infinite thresholds
        if columns.min() < 0 or children.min() < 0 or last.max() >= columns.shape[1]:
            raise ValueError("forest: a node refers to a feature or a node that does not exist")
        return cls(columns, thresholds, children, values, state["folds"], state["depth"])

    def check(self, features: Mapping[str, int], code_sizes: Sequence[int], outputs: int) -> None:
        """Check that the trees are those of an encoder.

        Args:
            features: Number of features in each array of the encoder.
            code_sizes: Not used.
            outputs: Number of outputs.

        Raises:
            ValueError: If they are not.
        """
        if self.columns.max() >= sum(features.values()) or self.values.shape[2] != outputs:
            raise ValueError(f"forest: expected trees of {sum(features.values())} features and {outputs} outputs")

    def _predict(self, features: np.ndarray) -> np.ndarray:
        flat = np.ascontiguousarray(features).ravel()
        offsets = (np.arange(len(features), dtype=np.int32) * features.shape[1])[:, None]
        nodes = np.tile(self._roots, (len(features), 1))
        for _ in range(self.depth):
            goes_right = flat.take(offsets + self._columns.take(nodes)) > self._thresholds.take(nodes)
            nodes = self._children.take(nodes) + goes_right
        values = self._values.take(nodes, axis=0)
        return np.asarray(
            values.reshape(len(features), self.folds, len(self.columns) // self.folds, values.shape[-1]).mean(axis=2)
        )


def forest_features(arrays: Arrays) -> np.ndarray:
    """Return all features side by side, codes as numbers.

    Args:
        arrays: The arrays of the encoder.

    Returns:
        Array of shape `(n, features)`, float32.
    """
    dense = dense_features(arrays)
    return np.concatenate([dense, arrays["codes"].astype(np.float32)], axis=1) if "codes" in arrays else dense


def _siblings_together(tree: Any) -> np.ndarray:
    """Return the nodes level by level, the right child after the left one, so that one index leads to both."""
    order = [0]
    for node in order:  # it grows while it is read
        if tree.children_left[node] != LEAF:
            order += [tree.children_left[node], tree.children_right[node]]
    return np.array(order)


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """Return thresholds as float32 that separate float32 values as the float64 ones do."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
