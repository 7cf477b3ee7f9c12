"""A dense layer of several networks that share nothing."""

import math

import keras
from keras import initializers, layers, ops


@keras.saving.register_keras_serializable("plexus")
class IndependentDense(layers.Layer):
    """A dense layer of several networks ("heads"), computed as one batch of matrix products.

    The product is divided by the square root of the number of inputs, and kernels and biases are initialized with unit
    variance: the neural tangent parametrization (Jacot et al. 2018, arXiv:1806.07572), as in RealMLP (Holzmüller et al.
    2024, arXiv:2407.04491, section 3). `keras.layers.EinsumDense` has neither.

    Biases are stored as one vector, so that weight decay leaves them out.

    Args:
        heads: Number of heads.
        units: Units of each head.
        zeros: Whether kernels and biases are initialized to 0, for the last layer.
        bias_rate: Factor of the biases, by which an adaptive optimizer changes them faster or slower.
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        hidden = IndependentDense(heads=5, units=64)(keras.Input(batch_shape=(5, None, 30)))  # shape (5, n, 64)
        ```
    """

    def __init__(self, heads: int, units: int, zeros: bool = False, bias_rate: float = 0.1, **options: object) -> None:
        super().__init__(**options)
        self.heads, self.units, self.zeros, self.bias_rate = heads, units, zeros, bias_rate

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create kernels and biases.

        Args:
            input_shape: `(heads, n, inputs)`.
        """
        inputs = input_shape[-1] or 1
        normal = initializers.RandomNormal(stddev=1.0)
        bias = initializers.RandomNormal(stddev=1.0 / self.bias_rate)
        self.kernel = self.add_weight(
            shape=(self.heads, inputs, self.units), initializer="zeros" if self.zeros else normal, name="kernel"
        )
        self.bias = self.add_weight(
            shape=(self.heads * self.units,), initializer="zeros" if self.zeros else bias, name="bias"
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
        bias = ops.reshape(self.bias, (self.heads, 1, self.units))
        return ops.matmul(x, self.kernel) * x.shape[-1] ** -0.5 + self.bias_rate * bias

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        config = {"heads": self.heads, "units": self.units, "zeros": self.zeros, "bias_rate": self.bias_rate}
        return {**super().get_config(), **config}
