"""Embeddings of numbers by periodic functions."""

import math

import keras
from keras import initializers, layers, ops

RATE = 0.1
"""Factor by which an adaptive optimizer changes these weights more slowly than others (Holzmüller et al. 2024)."""


@keras.saving.register_keras_serializable("plexus")
class PeriodicEmbedding(layers.Layer):
    """Embeds each column of several networks ("heads") by cosines, a linear layer, and the column itself.

    Periodic embeddings are of Gorishniy et al. 2022, arXiv:2203.05556, section 3.3; this form with a bias and a dense
    connection is PBLD of Holzmüller et al. 2024, arXiv:2407.04491, section 3.

    Args:
        heads: Number of heads.
        columns: Number of columns.
        frequencies: Cosines per column.
        size: Embedding size per column, the column itself included.
        deviation: Standard deviation of the frequencies at the start.
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        embedding = PeriodicEmbedding(heads=5, columns=30)
        embedding(keras.Input((30,)))  # shape (5, n, 120)
        ```
    """

    def __init__(
        self,
        heads: int,
        columns: int,
        frequencies: int = 16,
        size: int = 4,
        deviation: float = 0.1,
        **options: object,
    ) -> None:
        super().__init__(**options)
        self.heads, self.columns = heads, columns
        self.frequencies, self.size, self.deviation = frequencies, size, deviation

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights, as vectors, which weight decay leaves out.

        Args:
            input_shape: `(n, columns)`.
        """
        cosines = self.heads * self.columns * self.frequencies
        bound = self.frequencies**-0.5
        for name, count, initializer in (
            ("frequency", cosines, initializers.RandomNormal(stddev=self.deviation / RATE)),
            ("phase", cosines, initializers.RandomUniform(-math.pi / RATE, math.pi / RATE)),
            ("weight", cosines * (self.size - 1), initializers.RandomUniform(-bound / RATE, bound / RATE)),
            (
                "bias",
                self.heads * self.columns * (self.size - 1),
                initializers.RandomUniform(-bound / RATE, bound / RATE),
            ),
        ):
            setattr(self, name, self.add_weight(shape=(count,), initializer=initializer, name=name))

    @property
    def flops_per_row(self) -> int:
        """Floating-point operations for one row, by all heads; cosines count as one."""
        cosines = self.heads * self.columns * self.frequencies
        return 2 * cosines * (self.size - 1) + 3 * cosines

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Embed the columns.

        Args:
            x: Shape `(n, columns)`.

        Returns:
            Shape `(heads, n, columns * size)`.
        """
        heads, columns, count, size = self.heads, self.columns, self.frequencies, self.size - 1
        frequency = RATE * ops.reshape(self.frequency, (heads, columns, 1, count))
        phase = RATE * ops.reshape(self.phase, (heads, columns, 1, count))
        weight = RATE * ops.reshape(self.weight, (heads, columns, count, size))
        bias = RATE * ops.reshape(self.bias, (heads, columns, 1, size))
        values = ops.expand_dims(ops.expand_dims(ops.transpose(x), 0), 3)  # shape (1, columns, n, 1)
        embedded = ops.matmul(ops.cos(2 * math.pi * frequency * values + phase), weight) + bias
        embedded = ops.reshape(ops.transpose(embedded, (0, 2, 1, 3)), (heads, -1, columns * size))
        return ops.concatenate([ops.repeat(ops.expand_dims(x, 0), heads, axis=0), embedded], axis=-1)

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        config = {
            "heads": self.heads,
            "columns": self.columns,
            "frequencies": self.frequencies,
            "size": self.size,
            "deviation": self.deviation,
        }
        return {**super().get_config(), **config}
