"""The network of fraud detection: heads and boosted trees that estimate the probability, and an autoencoder."""

import keras
import numpy as np
from keras import layers, ops

from plexus.nets.tabular import PerHeadDense, PiecewiseLinearEncoding, Standardization, ensemble_features
from plexus_fraud.boosting import fit_boosting
from plexus_fraud.options import DetectOptions

ENCODING, STANDARDIZATION, TREES = "encoding", "standardization", "trees"
LOGITS, ERROR = "logits", "error"
"""Names of the layers that the learner uses."""
MAX_NORMAL_DEVIATION = 5.0
"""Standard deviations at which the inputs of the autoencoder are clipped."""


def build_network(columns: int, options: DetectOptions) -> keras.Model:
    """Build the network.

    Args:
        columns: Number of features.
        options: The resolved options.

    Returns:
        A network from `x` of shape `(n, columns)` to `logit`, the logit of fraud, and `error`, the reconstruction error
        of the autoencoder, both of shape `(n,)`.
    """
    x = keras.Input((columns,), name="x")
    standardized = Standardization(name=STANDARDIZATION)(x)
    encoded = PiecewiseLinearEncoding(columns, options.bins, options.embedding, name=ENCODING)(x)
    features = ops.concatenate([encoded, standardized], axis=-1)
    features = ensemble_features(features, options.heads, options.width, options.depth, options.dropout)
    logits = PerHeadDense(name=LOGITS)(features)
    probability = ops.mean(ops.sigmoid(logits), axis=-1)
    if options.trees:
        trees = BoostedTrees(options.trees, options.tree_depth, name=TREES)(x)
        probability = (probability + ops.sigmoid(trees)) / 2
    probability = ops.clip(probability, 1e-7, 1 - 1e-6)
    error = layers.Identity(name=ERROR)(_reconstruction_error(standardized, columns))
    outputs = {"logit": ops.log(probability) - ops.log(1 - probability), "error": error}
    return keras.Model({"x": x}, outputs, name="network")


@keras.saving.register_keras_serializable("plexus_fraud")
class BoostedTrees(layers.Layer):
    """Computes the logit of gradient-boosted trees, which are fitted by scikit-learn and not trained further.

    Each tree is stored as a complete one. All its comparisons are made at once, and a leaf is reached if all those on
    the path to it have its side, which a product with the matrix of the paths counts (Nakandala et al. 2020, A Tensor
    Compiler for Unified Machine Learning Prediction Serving, section 4.1, GEMM).

    Args:
        trees: Number of trees.
        depth: Depth of each tree.
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        trees = BoostedTrees(trees=100, depth=4)
        logits = trees(keras.Input((30,)))  # shape (n,)
        trees.fit(x, fraud, seed=0)
        ```
    """

    def __init__(self, trees: int, depth: int, **options: object) -> None:
        super().__init__(**options)
        self.trees, self.depth = trees, depth

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights, which are assigned by `fit` and not trained.

        Args:
            input_shape: `(n, columns)`.
        """
        inner, leaves = 2**self.depth - 1, 2**self.depth
        self.columns = self._constant((self.trees * inner,), "columns", "int32")
        self.thresholds = self._constant((self.trees * inner,), "thresholds")
        self.leaves = self._constant((self.trees, leaves), "leaves")
        self.offset = self._constant((), "offset")
        self.paths = self._constant((inner, leaves), "paths")
        self.paths.assign(_path_matrix(self.depth))

    @property
    def flops_per_row(self) -> int:
        """Floating-point operations of a row: the product with the paths, and the sum of the leaves."""
        inner, leaves = 2**self.depth - 1, 2**self.depth
        return int(2 * self.trees * leaves * (inner + 1))

    def fit(self, x: np.ndarray, fraud: np.ndarray, seed: int) -> None:
        """Fit the trees; without both classes they predict the share of frauds.

        Args:
            x: Training rows, shape `(n, columns)`.
            fraud: 1 or 0, shape `(n,)`.
            seed: Random seed.
        """
        trees = fit_boosting(x, fraud, self.trees, self.depth, seed)
        self.columns.assign(trees.columns.ravel())
        self.thresholds.assign(trees.thresholds.ravel())
        self.leaves.assign(trees.leaves)
        self.offset.assign(trees.offset)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the logits.

        Args:
            x: Shape `(n, columns)`.

        Returns:
            Shape `(n,)`.
        """
        goes_right = ops.cast(ops.take(x, self.columns, axis=1) > self.thresholds, "float32")
        sides = ops.reshape(2 * goes_right - 1, (-1, self.trees, 2**self.depth - 1))
        reached = ops.cast(ops.matmul(sides, self.paths) > self.depth - 0.5, "float32")
        return ops.sum(reached * self.leaves, axis=(1, 2)) + self.offset

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {**super().get_config(), "trees": self.trees, "depth": self.depth}

    def _constant(self, shape: tuple[int, ...], name: str, dtype: str = "float32") -> keras.Variable:
        return self.add_weight(shape=shape, initializer="zeros", trainable=False, name=name, dtype=dtype)


def _reconstruction_error(standardized: keras.KerasTensor, columns: int) -> keras.KerasTensor:
    """Return the mean squared error of an autoencoder with a narrow layer of a quarter of the columns."""
    target = ops.clip(standardized, -MAX_NORMAL_DEVIATION, MAX_NORMAL_DEVIATION)
    code = layers.Dense(max(columns // 4, 2))(layers.Dense(2 * columns, activation="relu")(target))
    reconstruction = layers.Dense(columns)(layers.Dense(2 * columns, activation="relu")(code))
    return ops.mean(ops.square(reconstruction - target), axis=-1)


def _path_matrix(depth: int) -> np.ndarray:
    """Return for each inner node and leaf 1 if the leaf is on the right of the node, -1 on the left, 0 elsewhere."""
    paths = np.zeros((2**depth - 1, 2**depth), np.float32)
    for leaf in range(2**depth):
        node = 0
        for level in reversed(range(depth)):
            side = leaf >> level & 1
            paths[node, leaf] = 2 * side - 1
            node = 2 * node + 1 + side
    return paths
