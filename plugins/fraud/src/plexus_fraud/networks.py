"""Nets for tables, and one that learns what is normal."""

from typing import Any

import keras
import numpy as np
from keras import ops

LOGITS, ERROR = "logits", "error"
NOWHERE = 1e30
"""Where a piece that a column does not have would begin."""
FAR, NORMAL = 20.0, 5.0
"""Standard deviations at which the nets, and what learns the normal, stop to tell more from less."""


@keras.saving.register_keras_serializable("plexus_fraud")
class Pieces(keras.layers.Layer):
    """Each column piecewise linearly embedded (Gorishniy et al. 2022, arXiv:2203.05556, section 3.2).

    Args:
        columns: how many; bins: pieces a column at the most; size: numbers a column is embedded in.
    """

    def __init__(self, columns: int, bins: int, size: int, **other: Any) -> None:
        super().__init__(**other)
        self.columns, self.bins, self.size = columns, bins, size

    def build(self, shape: Any) -> None:
        """Where pieces begin and how wide they are is assigned by `fit`, not trained."""
        table, fixed = (self.columns, self.bins), {"trainable": False}
        self.starts = self.add_weight(
            shape=table, initializer=keras.initializers.Constant(NOWHERE), name="starts", **fixed
        )
        self.widths = self.add_weight(shape=table, initializer="ones", name="widths", **fixed)
        spread = keras.initializers.RandomUniform(-(self.bins**-0.5), self.bins**-0.5)
        self.kernel = self.add_weight(shape=(*table, self.size), initializer=spread, name="kernel")
        self.bias = self.add_weight(shape=(self.columns, self.size), initializer=spread, name="bias")

    def fit(self, x: np.ndarray, fraud: np.ndarray) -> None:
        """Pieces between quantiles, one half of all transactions, the other of the frauds: there it matters."""
        starts, widths = np.full((self.columns, self.bins), NOWHERE), np.ones((self.columns, self.bins))
        shares = np.linspace(0, 1, self.bins // 2)
        for column, values in enumerate(x.T):
            edges = np.unique(np.concatenate([np.quantile(values, shares), np.quantile(values[fraud == 1], shares)]))
            pieces = len(edges) - 1
            starts[column, :pieces], widths[column, :pieces] = edges[:-1], np.maximum(np.diff(edges), 1e-9)
        self.starts.assign(starts)
        self.widths.assign(widths)

    def call(self, x: Any) -> Any:
        """`(n, columns)` to `(n, columns * size)`."""
        share = ops.clip((x[..., None] - self.starts) / self.widths, 0.0, 1.0)
        embedded = ops.relu(ops.einsum("ncb,cbs->ncs", share, self.kernel) + self.bias)
        return ops.reshape(embedded, (-1, self.columns * self.size))

    def get_config(self) -> dict[str, Any]:
        """See `keras.layers.Layer.get_config`."""
        return super().get_config() | {"columns": self.columns, "bins": self.bins, "size": self.size}


@keras.saving.register_keras_serializable("plexus_fraud")
class Standard(keras.layers.Layer):
    """Each column in standard deviations from its mean, which are assigned by `fit`."""

    def build(self, shape: Any) -> None:
        """Centre and scale, not trained."""
        self.centre = self.add_weight(shape=shape[1:], initializer="zeros", trainable=False, name="centre")
        self.scale = self.add_weight(shape=shape[1:], initializer="ones", trainable=False, name="scale")

    def fit(self, x: np.ndarray) -> None:
        """Take centre and scale from data."""
        self.centre.assign(x.mean(axis=0))
        self.scale.assign(x.std(axis=0) + 1e-9)

    def call(self, x: Any) -> Any:
        """`(n, columns)`, clipped: one number beyond all others is not to rule."""
        return ops.clip((x - self.centre) / self.scale, -FAR, FAR)


@keras.saving.register_keras_serializable("plexus_fraud")
class Shared(keras.layers.Layer):
    """A layer of several nets with one kernel, each with scales and a bias of its own.

    BatchEnsemble (Wen et al. 2020, arXiv:2002.06715) as TabM has it (Gorishniy et al. 2025, arXiv:2410.24210).

    Args:
        heads: how many nets; units: of each; signs: whether the input's scales begin as random signs, else as ones.
    """

    def __init__(self, heads: int, units: int, signs: bool = False, **other: Any) -> None:
        super().__init__(**other)
        self.heads, self.units, self.signs = heads, units, signs

    def build(self, shape: Any) -> None:
        """Kernel, scales, biases."""
        spread = keras.initializers.RandomUniform(-(shape[-1] ** -0.5), shape[-1] ** -0.5)
        self.kernel = self.add_weight(shape=(shape[-1], self.units), initializer=spread, name="kernel")
        self.before = self.add_weight(shape=(self.heads, shape[-1]), initializer="ones", name="before")
        if self.signs:
            drawn = keras.random.uniform((self.heads, shape[-1]))
            self.before.assign(ops.where(drawn < 0.5, -1.0, 1.0))
        self.after = self.add_weight(shape=(self.heads, self.units), initializer="ones", name="after")
        self.bias = self.add_weight(shape=(self.heads, self.units), initializer=spread, name="bias")

    def call(self, x: Any) -> Any:
        """`(n, heads, inputs)` to `(n, heads, units)`."""
        return ops.matmul(x * self.before, self.kernel) * self.after + self.bias

    def get_config(self) -> dict[str, Any]:
        """See `keras.layers.Layer.get_config`."""
        return super().get_config() | {"heads": self.heads, "units": self.units, "signs": self.signs}


@keras.saving.register_keras_serializable("plexus_fraud")
class Apart(keras.layers.Layer):
    """The last layer of several nets, nothing shared: `(n, heads, inputs)` to `(n, heads)`."""

    def build(self, shape: Any) -> None:
        """Kernels and biases."""
        spread = keras.initializers.RandomUniform(-(shape[-1] ** -0.5), shape[-1] ** -0.5)
        self.kernel = self.add_weight(shape=shape[1:], initializer=spread, name="kernel")
        self.bias = self.add_weight(shape=(shape[1],), initializer="zeros", name="bias")

    def call(self, x: Any) -> Any:
        """Logits."""
        return ops.sum(x * self.kernel, axis=-1) + self.bias


def make_network(
    columns: int, heads: int, width: int, depth: int, bins: int, embedding: int, dropout: float
) -> keras.Model:
    """From `x` `(n, columns)` to `logit`, of being fraud, and `error`, of being told as if normal, both `(n,)`."""
    x = keras.Input((columns,), name="x")
    standard = Standard(name="standard")(x)
    h = ops.concatenate([Pieces(columns, bins, embedding, name="pieces")(x), standard], axis=-1)
    h = ops.repeat(h[:, None], heads, axis=1)
    for layer in range(depth):
        h = keras.layers.Activation("relu")(Shared(heads, width, signs=layer == 0)(h))
        h = keras.layers.Dropout(dropout)(h)
    logits = Apart(name=LOGITS)(h)
    probability = ops.clip(ops.mean(ops.sigmoid(logits), axis=-1), 1e-7, 1 - 1e-6)
    normal = ops.clip(standard, -NORMAL, NORMAL)
    narrow = max(columns // 4, 2)
    told = keras.layers.Dense(narrow)(keras.layers.Dense(2 * columns, activation="relu")(normal))
    told = keras.layers.Dense(columns)(keras.layers.Dense(2 * columns, activation="relu")(told))
    error = keras.layers.Identity(name=ERROR)(ops.mean(ops.square(told - normal), axis=-1))
    outputs = {"logit": ops.log(probability) - ops.log(1 - probability), "error": error}
    return keras.Model({"x": x}, outputs, name="network")
