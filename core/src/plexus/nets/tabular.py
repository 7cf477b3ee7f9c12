"""Layers and networks for tables: numerical embeddings and parameter-efficient ensembles."""

import keras
import numpy as np
from keras import initializers, layers, ops

NO_BIN = 1e30
"""Left edge of the bins that a column does not have: its values never reach them."""
MAX_DEVIATION = 20.0
"""Standard deviations at which a standardized column is clipped, so that one extreme value does not dominate."""
MIN_WIDTH = 1e-9


@keras.saving.register_keras_serializable("plexus")
class PiecewiseLinearEncoding(layers.Layer):
    """Embeds each numerical column by a piecewise linear encoding.

    Gorishniy et al. 2022, arXiv:2203.05556, section 3.2.

    A column's range is divided into bins; each bin gives the fraction of it that lies below the value. A linear layer
    per column and a ReLU map these fractions to the embedding.

    Args:
        columns: Number of columns.
        bins: Maximum number of bins per column.
        size: Embedding size per column.
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        embedding = PiecewiseLinearEncoding(columns=30, bins=32, size=4)
        features = embedding(keras.Input((30,)))  # shape (n, 120)
        embedding.fit(x)
        ```
    """

    def __init__(self, columns: int, bins: int, size: int, **options: object) -> None:
        super().__init__(**options)
        self.columns, self.bins, self.size = columns, bins, size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights; the edges of the bins are assigned by `fit` and not trained.

        Args:
            input_shape: `(n, columns)`.
        """
        shape = (self.columns, self.bins)
        self.edges = self.add_weight(
            shape=shape, initializer=initializers.Constant(NO_BIN), trainable=False, name="edges"
        )
        self.widths = self.add_weight(shape=shape, initializer="ones", trainable=False, name="widths")
        uniform = _uniform(self.bins)
        self.kernel = self.add_weight(shape=(*shape, self.size), initializer=uniform, name="kernel")
        self.bias = self.add_weight(shape=(self.columns, self.size), initializer=uniform, name="bias")

    def fit(self, x: np.ndarray, focus: np.ndarray | None = None) -> None:
        """Place the bins between quantiles of the training rows.

        Args:
            x: Training rows, shape `(n, columns)`.
            focus: Rows that get half of the quantiles to themselves, boolean of shape `(n,)`: the rare class, where
                resolution matters most. By default all quantiles are of all rows.
        """
        edges, widths = np.full((self.columns, self.bins), NO_BIN), np.ones((self.columns, self.bins))
        groups = [x] if focus is None else [x, x[focus]]
        quantiles = np.linspace(0, 1, self.bins + 1 if focus is None else self.bins // 2)
        for column in range(self.columns):
            limits = np.unique(np.concatenate([np.quantile(rows[:, column], quantiles) for rows in groups]))
            count = len(limits) - 1
            edges[column, :count], widths[column, :count] = limits[:-1], np.maximum(np.diff(limits), MIN_WIDTH)
        self.edges.assign(edges)
        self.widths.assign(widths)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Embed the columns.

        Args:
            x: Shape `(n, columns)`.

        Returns:
            Shape `(n, columns * size)`.
        """
        fractions = ops.clip((x[..., None] - self.edges) / self.widths, 0.0, 1.0)
        embedded = ops.relu(ops.einsum("ncb,cbs->ncs", fractions, self.kernel) + self.bias)
        return ops.reshape(embedded, (-1, self.columns * self.size))

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {**super().get_config(), "columns": self.columns, "bins": self.bins, "size": self.size}


@keras.saving.register_keras_serializable("plexus")
class Standardization(layers.Layer):
    """Standardizes each column and clips it at `MAX_DEVIATION` standard deviations.

    `keras.layers.Normalization` is not used: an adapted one does not survive the export to ONNX.

    Args:
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        standardization = Standardization()
        standardized = standardization(keras.Input((30,)))
        standardization.fit(x)
        ```
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the mean and the deviation, which are assigned by `fit` and not trained.

        Args:
            input_shape: `(n, columns)`.
        """
        self.mean = self.add_weight(shape=input_shape[1:], initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=input_shape[1:], initializer="ones", trainable=False, name="deviation")

    def fit(self, x: np.ndarray) -> None:
        """Compute mean and standard deviation.

        Args:
            x: Training rows, shape `(n, columns)`.
        """
        self.mean.assign(x.mean(axis=0))
        self.deviation.assign(x.std(axis=0) + MIN_WIDTH)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Standardize the columns.

        Args:
            x: Shape `(n, columns)`.

        Returns:
            The same shape.
        """
        return ops.clip((x - self.mean) / self.deviation, -MAX_DEVIATION, MAX_DEVIATION)


@keras.saving.register_keras_serializable("plexus")
class BatchEnsembleDense(layers.Layer):
    """A dense layer of several networks ("heads") that share the kernel; scales and biases are each head's own.

    BatchEnsemble (Wen et al. 2020, arXiv:2002.06715, section 3.1) as in TabM (Gorishniy et al. 2025, arXiv:2410.24210,
    section 3.2).

    Args:
        heads: Number of heads.
        units: Units of each head.
        random_signs: Whether the scales of the inputs are initialized to random signs, which makes the heads differ;
            else to ones. TabM does so in the first layer alone.
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        hidden = BatchEnsembleDense(heads=8, units=64, random_signs=True)(keras.Input((8, 30)))
        ```
    """

    def __init__(self, heads: int, units: int, random_signs: bool = False, **options: object) -> None:
        super().__init__(**options)
        self.heads, self.units, self.random_signs = heads, units, random_signs

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create kernel, scales and biases.

        Args:
            input_shape: `(n, heads, inputs)`.
        """
        inputs = input_shape[-1] or 0
        uniform = _uniform(inputs)
        self.kernel = self.add_weight(shape=(inputs, self.units), initializer=uniform, name="kernel")
        self.input_scale = self.add_weight(shape=(self.heads, inputs), initializer="ones", name="input_scale")
        if self.random_signs:
            draws = keras.random.uniform((self.heads, inputs))
            self.input_scale.assign(ops.where(draws < 0.5, -1.0, 1.0))
        self.output_scale = self.add_weight(shape=(self.heads, self.units), initializer="ones", name="output_scale")
        self.bias = self.add_weight(shape=(self.heads, self.units), initializer=uniform, name="bias")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Apply the layer of each head.

        Args:
            x: Shape `(n, heads, inputs)`.

        Returns:
            Shape `(n, heads, units)`.
        """
        return ops.matmul(x * self.input_scale, self.kernel) * self.output_scale + self.bias

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {**super().get_config(), "heads": self.heads, "units": self.units, "random_signs": self.random_signs}


@keras.saving.register_keras_serializable("plexus")
class PerHeadDense(layers.Layer):
    """The last layer of several heads: one output each, nothing shared.

    Args:
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        logits = PerHeadDense()(keras.Input((8, 64)))  # shape (n, 8)
        ```
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create a kernel and a bias per head.

        Args:
            input_shape: `(n, heads, inputs)`.
        """
        heads, inputs = input_shape[1:]
        self.kernel = self.add_weight(shape=(heads, inputs), initializer=_uniform(inputs or 0), name="kernel")
        self.bias = self.add_weight(shape=(heads,), initializer="zeros", name="bias")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the outputs.

        Args:
            x: Shape `(n, heads, inputs)`.

        Returns:
            Shape `(n, heads)`.
        """
        return ops.sum(x * self.kernel, axis=-1) + self.bias


def ensemble_features(
    features: keras.KerasTensor, heads: int, width: int, depth: int, dropout: float
) -> keras.KerasTensor:
    """Build the hidden layers of a TabM-like network: several small networks that share most of their weights.

    Args:
        features: Shape `(n, features)`: embeddings, standardized columns.
        heads: Number of heads.
        width: Units per layer.
        depth: Number of layers.
        dropout: Dropout rate after each layer.

    Returns:
        Features of each head, shape `(n, heads, width)`.
    """
    x = ops.repeat(features[:, None], heads, axis=1)
    for layer in range(depth):
        x = layers.Activation("relu")(BatchEnsembleDense(heads, width, random_signs=layer == 0)(x))
        x = layers.Dropout(dropout)(x)
    return x


def _uniform(inputs: int) -> initializers.Initializer:
    """Return the initializer of linear layers in the papers' implementations."""
    return initializers.RandomUniform(-(inputs**-0.5), inputs**-0.5)
