"""Embeddings of numbers by periodic functions."""

import math
from collections.abc import Callable

import keras
import numpy as np
from keras import initializers, layers, ops

RATE = 0.1
"""Factor by which an adaptive optimizer changes these weights more slowly than others (Holzmüller et al. 2024)."""
DOUBLINGS = 5
"""Steps of the recurrence of the polynomials; each doubles the largest degree."""
TERMS = 2**DOUBLINGS + 1
"""Chebyshev polynomials, of degree 0 to 32, in the sum that approximates a function of one column at inference."""
MAX_ANGLE = 14.0
"""Largest change of the angle of a cosine from the middle of the range of a column to its end: the coefficients of
`TERMS` polynomials and more are below 1e-8 then (Bessel functions of the first kind, `2 J_k(MAX_ANGLE)`)."""


@keras.saving.register_keras_serializable("plexus")
class PeriodicEmbedding(layers.Layer):
    """Embeds each column of several networks ("heads") by cosines, a linear layer, and the column itself.

    Periodic embeddings are of Gorishniy et al. 2022, arXiv:2203.05556, section 3.3; this form with a bias and a dense
    connection is PBLD of Holzmüller et al. 2024, arXiv:2407.04491, section 3.

    Where the values of the columns have a bound, the functions are computed as sums of Chebyshev polynomials, except in
    training: all heads share the polynomials of a column, while each has cosines of its own, and ONNX Runtime takes
    2.2 ns for a cosine (one core of an AMD EPYC with AVX-512). The results differ by rounding errors alone, because a
    constraint limits the frequencies by `MAX_ANGLE`.

    Args:
        heads: Number of heads.
        columns: Number of columns.
        frequencies: Cosines per column.
        size: Embedding size per column, the column itself included.
        deviation: Standard deviation of the frequencies at the start.
        bound: Largest absolute value of a column; None if there is none.
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
        bound: float | None = None,
        **options: object,
    ) -> None:
        super().__init__(**options)
        self.heads, self.columns, self.bound = heads, columns, bound
        self.frequencies, self.size, self.deviation = frequencies, size, deviation

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights, as vectors, which weight decay leaves out.

        Args:
            input_shape: `(n, columns)`.
        """
        cosines = self.heads * self.columns * self.frequencies
        largest = self.frequencies**-0.5 / RATE
        for name, count, initializer in (
            ("frequency", cosines, initializers.RandomNormal(stddev=self.deviation / RATE)),
            ("phase", cosines, initializers.RandomUniform(-math.pi / RATE, math.pi / RATE)),
            ("weight", cosines * (self.size - 1), initializers.RandomUniform(-largest, largest)),
            ("bias", self.heads * self.columns * (self.size - 1), initializers.RandomUniform(-largest, largest)),
        ):
            constraint = _limited(self.bound) if name == "frequency" and self.bound else None
            weight = self.add_weight(shape=(count,), initializer=initializer, constraint=constraint, name=name)
            setattr(self, name, weight)

    @property
    def flops_per_row(self) -> int:
        """Floating-point operations for one row, by all heads, where cosines are computed; a cosine counts as one."""
        cosines = self.heads * self.columns * self.frequencies
        return 2 * cosines * (self.size - 1) + 3 * cosines

    def call(self, x: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        """Embed the columns.

        Args:
            x: Shape `(n, columns)`.
            training: Whether the layer trains; it computes the cosines themselves then.

        Returns:
            Shape `(heads, n, columns * size)`.
        """
        if self.bound and not training:
            embedded = self._polynomials(x, self.bound)
        else:
            values = ops.expand_dims(ops.expand_dims(ops.transpose(x), 0), 3)  # shape (1, columns, n, 1)
            embedded = ops.transpose(self._functions(values), (0, 2, 1, 3))
            embedded = ops.reshape(embedded, (self.heads, -1, self.columns * (self.size - 1)))
        return ops.concatenate([ops.repeat(ops.expand_dims(x, 0), self.heads, axis=0), embedded], axis=-1)

    def _functions(self, values: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the functions of each column, `(heads, columns, n, size - 1)`, of values `(1, columns, n, 1)`."""
        heads, columns, count, size = self.heads, self.columns, self.frequencies, self.size - 1
        frequency = RATE * ops.reshape(self.frequency, (heads, columns, 1, count))
        phase = RATE * ops.reshape(self.phase, (heads, columns, 1, count))
        weight = RATE * ops.reshape(self.weight, (heads, columns, count, size))
        bias = RATE * ops.reshape(self.bias, (heads, columns, 1, size))
        return ops.matmul(ops.cos(2 * math.pi * frequency * values + phase), weight) + bias

    def _polynomials(self, x: keras.KerasTensor, bound: float) -> keras.KerasTensor:
        """Compute the functions as sums of Chebyshev polynomials, shape `(heads, n, columns * (size - 1))`.

        The coefficients depend on weights alone, and are constants of an exported network. They are those of the
        interpolation at the zeros of the polynomial of degree `TERMS` (Trefethen 2013, Approximation Theory and
        Approximation Practice, chapters 3 and 4).
        """
        angles = math.pi * (np.arange(TERMS) + 0.5) / TERMS
        nodes = (bound * np.cos(angles)).astype(np.float32)
        transform = np.cos(np.arange(TERMS)[:, None] * angles) / TERMS  # of polynomials that are doubled
        transform[0] /= 2
        coefficients = ops.matmul(transform.astype(np.float32), self._functions(nodes[None, None, :, None]))
        coefficients = ops.reshape(ops.transpose(coefficients, (1, 0, 3, 2)), (self.columns, -1, TERMS))
        sums = ops.matmul(coefficients, _doubled_polynomials(x / bound))
        # Two transpositions of neighbouring axes take ONNX Runtime less time than one of all.
        sums = ops.transpose(ops.reshape(sums, (self.columns, self.heads, self.size - 1, -1)), (1, 0, 2, 3))
        return ops.transpose(ops.reshape(sums, (self.heads, self.columns * (self.size - 1), -1)), (0, 2, 1))

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
            "bound": self.bound,
        }
        return {**super().get_config(), **config}


def _doubled_polynomials(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return V = 2 T of all degrees, shape `(columns, TERMS, n)`, for x in [-1, 1]: V_{m+j} = V_m V_j - V_{m-j}."""
    x = ops.expand_dims(ops.transpose(ops.clip(x, -1.0, 1.0)), 1)
    polynomials = ops.concatenate([2 * ops.ones_like(x), 2 * x], axis=1)
    for doubling in range(DOUBLINGS):
        m = 2**doubling
        reverse = ops.take(polynomials, list(range(m - 1, -1, -1)), axis=1)
        polynomials = ops.concatenate([polynomials, polynomials[:, m:] * polynomials[:, 1:] - reverse], axis=1)
    return polynomials


def _limited(bound: float) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
    """Return the constraint of stored frequencies, by which no angle changes by more than `MAX_ANGLE`."""
    limit = MAX_ANGLE / (2 * math.pi * RATE * bound)
    return lambda frequency: ops.clip(frequency, -limit, limit)
