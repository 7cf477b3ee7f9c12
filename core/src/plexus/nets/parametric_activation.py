"""Activations with a learnable strength."""

import keras
from keras import initializers, layers, ops

RATE = 0.1
"""Factor by which an adaptive optimizer changes the strengths more slowly than kernels (Holzmüller et al. 2024)."""


@keras.saving.register_keras_serializable("plexus")
class ParametricActivation(layers.Layer):
    """Mixes each unit with its activation: `(1 - a) x + a f(x)`, with a learnable strength `a` per unit.

    Holzmüller et al. 2024, arXiv:2407.04491, section 3.

    Args:
        activation: Name of a Keras activation; RealMLP takes `selu` for labels and `mish` for numbers.
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        ParametricActivation("selu")(keras.Input(batch_shape=(5, None, 64)))
        ```
    """

    def __init__(self, activation: str, **options: object) -> None:
        super().__init__(**options)
        self.activation = activation

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the strengths.

        Args:
            input_shape: `(heads, n, units)`.
        """
        heads, units = input_shape[0] or 1, input_shape[-1] or 1
        self.strength = self.add_weight(
            shape=(heads * units,), initializer=initializers.Constant(1 / RATE), name="strength"
        )

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Apply the activation.

        Args:
            x: Shape `(heads, n, units)`.

        Returns:
            The same shape.
        """
        strength = RATE * ops.reshape(self.strength, (x.shape[0], 1, x.shape[-1]))
        return x + strength * (keras.activations.get(self.activation)(x) - x)

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {**super().get_config(), "activation": self.activation}
