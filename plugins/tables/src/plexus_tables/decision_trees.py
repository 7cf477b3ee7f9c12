"""Decision trees as arrays."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.utils.packed_array import pack, unpack
from plexus.utils.row_parts import map_rows
from plexus_tables.linear_member import dense_features

CHUNK = 400_000
"""Nodes that are compared at once, one per row and tree, so that they stay in the cache of the processor."""
LEAF = -1
"""Index of the child of a leaf in `TreeNodes`."""


class TreeNodes(NamedTuple):
    """The nodes of a tree.

    Attributes:
        left: Left child of each node, -1 in leaves, shape `(nodes,)`; node 0 is the root.
        right: Right child of each node, -1 in leaves, shape `(nodes,)`.
        columns: Feature that each node compares, shape `(nodes,)`.
        thresholds: Rows with larger values go to the right child, shape `(nodes,)`.
        values: Prediction of each node, shape `(nodes, outputs)`.
        depth: Depth of the tree.

    Example:
        ```python
        nodes = TreeNodes.of_tree(forest.estimators_[0].tree_, classes=[0, 1], outputs=2)
        ```
    """

    left: np.ndarray
    right: np.ndarray
    columns: np.ndarray
    thresholds: np.ndarray
    values: np.ndarray
    depth: int

    @classmethod
    def of_tree(cls, tree: Any, classes: Sequence[int] | np.ndarray, outputs: int) -> Self:
        """Copy the nodes of scikit-learn's `tree_`.

        Args:
            tree: The attribute `tree_` of a fitted decision tree.
            classes: Output of each value of a node.
            outputs: Number of outputs.

        Returns:
            The nodes.
        """
        values = np.zeros((tree.node_count, outputs))
        values[:, classes] = tree.value.reshape(tree.node_count, -1)
        return cls(tree.children_left, tree.children_right, tree.feature, tree.threshold, values, tree.max_depth)


class DecisionTrees:
    """Decision trees, in all of which rows are passed from the roots to the leaves at once.

    They are here as prediction imports no scikit-learn.

    Args:
        columns: Feature that each node compares, shape `(trees, nodes)`.
        thresholds: Rows with larger values go to the right child, infinite in leaves, shape `(trees, nodes)`.
        children: Left child of each node, the node itself in leaves; the right child follows it; `(trees, nodes)`.
        values: Prediction of each node, shape `(trees, nodes, outputs)`.
        depth: Largest depth of a tree.

    Example:
        ```python
        trees = DecisionTrees.of([TreeNodes.of_tree(tree.tree_, [0], 1) for tree in forest.estimators_])
        trees.leaf_values(features).mean(axis=1)  # the prediction of the forest
        ```
    """

    def __init__(
        self, columns: np.ndarray, thresholds: np.ndarray, children: np.ndarray, values: np.ndarray, depth: int
    ) -> None:
        self.columns, self.thresholds, self.children, self.values = columns, thresholds, children, values
        self.depth = depth
        trees, nodes = columns.shape
        self._roots = np.arange(trees, dtype=np.int32) * nodes
        self._children = (children + self._roots[:, None]).ravel()
        self._columns, self._thresholds = columns.ravel(), thresholds.ravel()
        self._values = values.reshape(trees * nodes, -1)

    def __len__(self) -> int:
        return len(self.columns)

    @classmethod
    def of(cls, trees: Sequence[TreeNodes]) -> Self:
        """Put the nodes of trees into arrays.

        Args:
            trees: The trees; at least one.

        Returns:
            The arrays.
        """
        shape = len(trees), max(len(tree.left) for tree in trees)
        columns, children = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        thresholds = np.full(shape, np.inf, np.float32)
        values = np.zeros((*shape, trees[0].values.shape[1]), np.float32)
        for index, tree in enumerate(trees):
            order = _siblings_together(tree)
            count, place = len(order), np.argsort(order)
            inner = tree.left[order] != LEAF
            children[index, :count] = np.where(inner, place[tree.left[order]], np.arange(count))
            columns[index, :count] = np.where(inner, tree.columns[order], 0)
            thresholds[index, :count] = np.where(inner, _rounded_down(tree.thresholds[order]), np.inf)
            values[index, :count] = tree.values[order]
        return cls(columns, thresholds, children, values, max(tree.depth for tree in trees))

    def leaf_values(self, features: np.ndarray) -> np.ndarray:
        """Return the value of the leaf of each tree that each row reaches.

        Args:
            features: Features of the rows, shape `(n, features)`, float32.

        Returns:
            Array of shape `(n, trees, outputs)`.
        """
        flat = np.ascontiguousarray(features).ravel()
        offsets = (np.arange(len(features), dtype=np.int32) * features.shape[1])[:, None]
        nodes = np.tile(self._roots, (len(features), 1))
        for _ in range(self.depth):
            goes_right = flat.take(offsets + self._columns.take(nodes)) > self._thresholds.take(nodes)
            nodes = self._children.take(nodes) + goes_right
        return self._values.take(nodes, axis=0)

    def reduce(self, features: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Compute a function of the leaves that each row reaches, for parts whose nodes stay in the cache.

        Args:
            features: Features of the rows, shape `(n, features)`, float32.
            function: Function of the result of `leaf_values` that returns one entry per row.

        Returns:
            The results, shape `(n, …)`.
        """
        size = max(CHUNK // len(self), 1)
        return map_rows(lambda part: function(self.leaf_values(features[part])), len(features), size)

    def check(self, features: int, outputs: int) -> None:
        """Check that the trees compare features that exist.

        Args:
            features: Number of features.
            outputs: Number of outputs.

        Raises:
            ValueError: If they do not, or have another number of outputs.
        """
        if self.columns.max() >= features or self.values.shape[2] != outputs:
            raise ValueError(f"expected trees of {features} features and {outputs} outputs")

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
            "depth": self.depth,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the trees from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The trees.

        Raises:
            ValueError: If the shapes do not belong together, a number is not finite, or a node refers to a feature or a
                node that does not exist.
        """
        columns, children = (unpack(state[name], np.int32) for name in ("columns", "children"))
        thresholds, values = (unpack(state[name], np.float32) for name in ("thresholds", "values"))
        if {columns.shape, thresholds.shape, children.shape} != {values.shape[:2]} or values.ndim != 3:
            raise ValueError("trees: the shapes of their arrays do not belong together")
        if not values.size:
            raise ValueError("trees: expected nodes")
        if np.isnan(thresholds).any() or not np.isfinite(values).all():
            raise ValueError("trees: a threshold or a value is not a number")
        last = children + (thresholds < np.inf)  # the right child follows the left one; leaves have infinite thresholds
        if columns.min() < 0 or children.min() < 0 or last.max() >= columns.shape[1]:
            raise ValueError("trees: a node refers to a feature or a node that does not exist")
        return cls(columns, thresholds, children, values, state["depth"])


def tree_features(arrays: Arrays) -> np.ndarray:
    """Return all features side by side, codes as numbers.

    Args:
        arrays: The arrays of the encoder.

    Returns:
        Array of shape `(n, features)`, float32.
    """
    dense = dense_features(arrays)
    return np.concatenate([dense, arrays["codes"].astype(np.float32)], axis=1) if "codes" in arrays else dense


def _siblings_together(tree: TreeNodes) -> np.ndarray:
    """Return the nodes level by level, the right child after the left one, so that one index leads to both."""
    order = [0]
    for node in order:  # the loop also reads the nodes that it appends
        if tree.left[node] != LEAF:
            order += [tree.left[node], tree.right[node]]
    return np.array(order)


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """Return thresholds as float32 that separate float32 values as the float64 ones do."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
