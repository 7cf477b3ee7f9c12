"""Random forests of a cross-validation."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus_tables.decision_trees import DecisionTrees, TreeNodes, tree_features


class ForestMember:
    """A random forest per fold (Breiman 2001): the mean of its trees.

    Args:
        trees: The trees of all folds, those of a fold one after the other.
        folds: Number of folds; each has equally many trees.

    Example:
        ```python
        member = ForestMember.from_trees([f.estimators_ for f in forests], [f.classes_ for f in forests], outputs=2)
        member.predict(encoder.encode(rows)).shape  # (n, 5, 2)
        ```
    """

    def __init__(self, trees: DecisionTrees, folds: int) -> None:
        self.trees, self.folds = trees, folds

    @classmethod
    def from_trees(cls, folds: Sequence[Sequence[Any]], classes: Sequence[np.ndarray], outputs: int) -> Self:
        """Copy fitted trees.

        Args:
            folds: Of each fold the trees, scikit-learn's `DecisionTreeClassifier` or `DecisionTreeRegressor`.
            classes: Of each fold the outputs that its trees have: a rare label may be missing in a fold.
            outputs: Number of outputs.

        Returns:
            The member.
        """
        trees = [
            TreeNodes.of_tree(tree.tree_, places, outputs)
            for places, fold in zip(classes, folds, strict=True)
            for tree in fold
        ]
        return cls(DecisionTrees.of(trees), len(folds))

    def predict(self, arrays: Arrays) -> np.ndarray:
        """Compute probabilities or standardized numbers.

        Args:
            arrays: The arrays of the encoder.

        Returns:
            Array of shape `(n, folds, outputs)`.
        """
        return self.trees.reduce(tree_features(arrays), self._means)

    def to_json(self) -> JsonObject:
        """Return the trees as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {"trees": self.trees.to_json(), "folds": self.folds}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the member from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The member.

        Raises:
            ValueError: If the folds have different numbers of trees.
        """
        trees = DecisionTrees.from_json(state["trees"])
        if len(trees) % state["folds"]:
            raise ValueError("forest: expected equally many trees of each fold")
        return cls(trees, state["folds"])

    def check(self, features: Mapping[str, int], code_sizes: Sequence[int], outputs: int) -> None:
        """Check that the trees are those of an encoder.

        Args:
            features: Number of features in each array of the encoder.
            code_sizes: Not used.
            outputs: Number of outputs.

        Raises:
            ValueError: If they are not.
        """
        self.trees.check(sum(features.values()), outputs)

    def _means(self, values: np.ndarray) -> np.ndarray:
        """Return the mean of the trees of each fold, of leaf values `(n, trees, outputs)`."""
        shape = len(values), self.folds, len(self.trees) // self.folds, values.shape[-1]
        return np.asarray(values.reshape(shape).mean(axis=2))
