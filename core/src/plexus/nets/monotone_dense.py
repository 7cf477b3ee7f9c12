"""A dense layer of several networks whose outputs are monotone in its inputs."""

import math
from collections.abc import Sequence

import keras
from keras import initializers, layers, ops


@keras.saving.register_keras_serializable("plexus")
class MonotoneDense(layers.Layer):
    """A dense layer of several networks ("heads") whose outputs never decrease with its inputs.

    Its kernels are the absolute values of its weights, as in Runje and Shankaranarayana 2023 (arXiv:2205.11775,
    section 3.2): whatever the weights are, the outputs are monotone. A sum of products in floating point is monotone,
    too, as long as it is computed in the same order.

    As in `IndependentDense`, products are divided by the square root of the number of inputs, and biases are
    initialized with unit variance. The variance of weights is 1 divided by the number of inputs: as all inputs move in
    the same direction with a monotone feature, what they contribute does not cancel out, and would grow with their
    number. Biases are stored as one vector, so that weight decay leaves them out; weights decay towards 0, no effect.

    Args:
        heads: Number of heads.
        units: Units of each head.
        directions: For each input 1, or -1 for an input with which the outputs never increase; all 1 by default.
        bias_rate: Factor of the biases, by which an adaptive optimizer changes them faster or slower.
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        # The outputs never decrease with the first column, and never increase with the second one.
        hidden = MonotoneDense(heads=5, units=64, directions=[1, -1])(keras.Input(batch_shape=(5, None, 2)))
        ```
    """

    def __init__(
        self,
        heads: int,
        units: int,
        directions: Sequence[int] | None = None,
        bias_rate: float = 0.1,
        **options: object,
    ) -> None:
        super().__init__(**options)
        self.heads, self.units, self.bias_rate = heads, units, bias_rate
        self.directions = None if directions is None else list(directions)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create weights and biases.

        Args:
            input_shape: `(heads, n, inputs)`.
        """
        inputs = input_shape[-1] or 1
        self.kernel = self.add_weight(
            shape=(self.heads, inputs, self.units),
            initializer=initializers.RandomNormal(stddev=inputs**-0.5),
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(self.heads * self.units,),
            initializer=initializers.RandomNormal(stddev=1.0 / self.bias_rate),
            name="bias",
        )

    @property
    def flops_per_row(self) -> int:
        """Floating-point operations for one row, by all heads."""
        return int(2 * math.prod(self.kernel.shape))

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Apply the layer of each head.

        Args:
            x: Shape `(heads, n, inputs)`.

        Returns:
            Shape `(heads, n, units)`.
        """
        kernel = ops.abs(self.kernel)
        if self.directions is not None:
            kernel = kernel * ops.reshape(ops.convert_to_tensor(self.directions, kernel.dtype), (1, -1, 1))
        bias = ops.reshape(self.bias, (self.heads, 1, self.units))
        return ops.matmul(x, kernel) * x.shape[-1] ** -0.5 + self.bias_rate * bias

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        config = {
            "heads": self.heads,
            "units": self.units,
            "directions": self.directions,
            "bias_rate": self.bias_rate,
        }
        return {**super().get_config(), **config}
