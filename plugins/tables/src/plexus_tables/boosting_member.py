"""Gradient-boosted trees of a cross-validation."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.metrics.calibration import softmax
from plexus.utils.packed_array import pack, unpack
from plexus_tables.decision_trees import DecisionTrees, TreeNodes, tree_features


class BoostingMember:
    """Gradient-boosted trees per fold: the sum of a constant and the trees is a logit, or a standardized number.

    Friedman 2001, Greedy function approximation, section 4.6 (several labels), 4.5 (two labels) and 4.1 (numbers).

    Args:
        trees: The trees of all folds; their values have one output.
        sums: Sum that each tree belongs to, `fold * outputs + output`, shape `(trees,)`.
        bias: Constants of the sums, shape `(folds, outputs)`; 1 output for numbers.

    Example:
        ```python
        member = fit_boosting(arrays, classes, labels=2, folds=folds, seed=0, threads=2)
        member.predict(encoder.encode(rows)).shape  # (n, 5, 2)
        ```
    """

    def __init__(self, trees: DecisionTrees, sums: np.ndarray, bias: np.ndarray) -> None:
        self.trees, self.sums, self.bias = trees, sums, bias
        self._trees_of_sums = [(place, np.flatnonzero(sums == place)) for place in np.unique(sums).tolist()]

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(self.bias)

    @classmethod
    def from_trees(cls, trees: Sequence[tuple[int, TreeNodes]], bias: np.ndarray) -> Self:
        """Put trees into arrays.

        Args:
            trees: Of each tree its sum, `fold * outputs + output`, and its nodes.
            bias: Constants of the sums, shape `(folds, outputs)`.

        Returns:
            The member.
        """
        sums = np.array([place for place, _ in trees], np.int32)
        return cls(DecisionTrees.of([nodes for _, nodes in trees]), sums, bias.astype(np.float32))

    def predict(self, arrays: Arrays) -> np.ndarray:
        """Compute probabilities or standardized numbers.

        Args:
            arrays: The arrays of the encoder.

        Returns:
            Array of shape `(n, folds, outputs)`.
        """
        sums = self.trees.reduce(tree_features(arrays), self._sums).reshape(-1, *self.bias.shape)
        return sums if sums.shape[-1] == 1 else softmax(sums)

    def to_json(self) -> JsonObject:
        """Return the trees as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {"trees": self.trees.to_json(), "sums": pack(self.sums), "bias": pack(self.bias)}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the member from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The member.

        Raises:
            ValueError: If a tree belongs to a sum that does not exist, or a constant is not finite.
        """
        trees = DecisionTrees.from_json(state["trees"])
        sums, bias = unpack(state["sums"], np.int32), unpack(state["bias"], np.float32)
        if bias.ndim != 2 or not np.isfinite(bias).all():
            raise ValueError("boosting: expected finite constants by fold and output")
        if sums.shape != (len(trees),) or sums.min() < 0 or sums.max() >= bias.size:
            raise ValueError("boosting: a tree belongs to a fold or an output that does not exist")
        return cls(trees, sums, bias)

    def check(self, features: Mapping[str, int], code_sizes: Sequence[int], outputs: int) -> None:
        """Check that the trees are those of an encoder.

        Args:
            features: Number of features in each array of the encoder.
            code_sizes: Not used.
            outputs: Number of outputs.

        Raises:
            ValueError: If they are not.
        """
        self.trees.check(sum(features.values()), 1)
        if self.bias.shape[1] != outputs:
            raise ValueError(f"boosting: expected {outputs} outputs")

    def _sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of leaf values `(n, trees, 1)`, shape `(n, folds * outputs)`."""
        sums = np.tile(self.bias.ravel(), (len(values), 1))
        for place, trees in self._trees_of_sums:
            sums[:, place] += values[:, trees, 0].sum(axis=1)
        return sums
