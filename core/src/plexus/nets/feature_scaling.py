"""Learnable scaling of features."""

import keras
from keras import initializers, layers, ops

RATE = 6.0
"""Factor by which an adaptive optimizer changes the scales faster than other weights (Holzmüller et al. 2024)."""


@keras.saving.register_keras_serializable("plexus")
class FeatureScaling(layers.Layer):
    """Multiplies each feature by a weight: a soft selection of features.

    The scaling layer of RealMLP (Holzmüller et al. 2024, arXiv:2407.04491, section 3).

    Args:
        **options: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        FeatureScaling()(keras.Input(batch_shape=(5, None, 120)))
        ```
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the scales.

        Args:
            input_shape: `(heads, n, features)`.
        """
        heads, features = input_shape[0] or 1, input_shape[-1] or 1
        self.scale = self.add_weight(
            shape=(heads * features,), initializer=initializers.Constant(1 / RATE), name="scale"
        )

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Scale the features.

        Args:
            x: Shape `(heads, n, features)`.

        Returns:
            The same shape.
        """
        return x * (RATE * ops.reshape(self.scale, (x.shape[0], 1, x.shape[-1])))
