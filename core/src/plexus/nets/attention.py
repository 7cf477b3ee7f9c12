"""Layers of Transformers (Vaswani et al. 2017, arXiv:1706.03762).

They have no weights: a network is built from them and from the dense layers of Keras, so that two networks, such as
that of the training and that of one step with a cache, may share their dense layers.
"""

import math

import keras
from keras import layers, ops

MAX_WAVELENGTH = 10_000
"""Longest wavelength of the sinusoids, divided by 2 pi."""
MASKED = -1e9
"""Added to the scores of keys that are masked."""


@keras.saving.register_keras_serializable("plexus")
class SplitHeads(layers.Layer):
    """Splits features into attention heads (section 3.2.2).

    Args:
        heads: Number of heads, which divides the features.
        **arguments: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        queries = SplitHeads(8)(layers.Dense(256)(x))  # (n, 8, length, 32)
        ```
    """

    def __init__(self, heads: int, **arguments: object) -> None:
        super().__init__(**arguments)
        self.heads = heads

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Split the last axis.

        Args:
            inputs: Shape `(..., length, features)`.

        Returns:
            Shape `(..., heads, length, features / heads)`.
        """
        # Slices rather than a new shape: tf2onnx takes that of the dense layer's output from before it is folded back.
        return ops.stack(ops.split(inputs, self.heads, axis=-1), axis=-3)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the outputs.

        Args:
            input_shape: Shape of the inputs.

        Returns:
            The shape.
        """
        *batch, length, features = input_shape
        return (*batch, self.heads, length, (features or 0) // self.heads)

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {**super().get_config(), "heads": self.heads}


@keras.saving.register_keras_serializable("plexus")
class DotProductAttention(layers.Layer):
    """Scaled dot-product attention (equation 1), whose heads are merged.

    Args:
        causal: Whether a query sees the keys up to its own position only.
        return_weights: Whether the mean weights of the heads are returned, too.
        **arguments: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        context = DotProductAttention()(queries, keys, values, is_key=ops.not_equal(tokens, 0))
        ```
    """

    def __init__(self, causal: bool = False, return_weights: bool = False, **arguments: object) -> None:
        super().__init__(**arguments)
        self.causal, self.return_weights = causal, return_weights

    def call(
        self,
        queries: keras.KerasTensor,
        keys: keras.KerasTensor,
        values: keras.KerasTensor,
        is_key: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor | tuple[keras.KerasTensor, keras.KerasTensor]:
        """Compute the weighted means of the values.

        Args:
            queries: Shape `(..., heads, queries, size)`.
            keys: Shape `(..., heads, keys, size)`.
            values: Shape `(..., heads, keys, size)`.
            is_key: Which keys are not padding, shape `(n, keys)`, for inputs of four axes; None for all.

        Returns:
            Shape `(..., queries, heads * size)`; with `return_weights` also the weights, shape `(..., queries, keys)`.
        """
        scores = ops.matmul(queries * (1 / math.sqrt(queries.shape[-1])), ops.swapaxes(keys, -1, -2))
        if is_key is not None:
            scores = scores + MASKED * (1 - ops.cast(is_key, scores.dtype))[:, None, None, :]
        if self.causal:
            places = ops.arange(ops.shape(queries)[-2])
            scores = scores + MASKED * ops.cast(places[:, None] < places[None, :], scores.dtype)
        weights = ops.softmax(scores, axis=-1)
        context = ops.swapaxes(ops.matmul(weights, values), -2, -3)
        shape = ops.shape(context)
        merged = ops.reshape(context, (*shape[:-2], queries.shape[-3] * queries.shape[-1]))
        return (merged, ops.mean(weights, axis=-3)) if self.return_weights else merged

    def compute_output_shape(
        self,
        queries_shape: tuple[int | None, ...],
        keys_shape: tuple[int | None, ...],
        values_shape: tuple[int | None, ...],
        is_key_shape: tuple[int | None, ...] | None = None,
    ) -> tuple[int | None, ...] | tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """Return the shapes of the outputs.

        Args:
            queries_shape: Shape of the queries.
            keys_shape: Shape of the keys.
            values_shape: Shape of the values.
            is_key_shape: Shape of the mask.

        Returns:
            The shapes.
        """
        *batch, heads, queries, size = queries_shape
        merged = (*batch, queries, (heads or 0) * (size or 0))
        return (merged, (*batch, queries, keys_shape[-2])) if self.return_weights else merged

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {**super().get_config(), "causal": self.causal, "return_weights": self.return_weights}


@keras.saving.register_keras_serializable("plexus")
class SinusoidalPositions(layers.Layer):
    """Adds sines and cosines of the position (section 3.5), for sequences of any length.

    Example:
        ```python
        x = SinusoidalPositions()(layers.Embedding(6000, 256)(tokens))
        ```
    """

    def call(self, inputs: keras.KerasTensor, past: keras.KerasTensor | None = None) -> keras.KerasTensor:
        """Add the encoding of the positions.

        Args:
            inputs: Shape `(n, length, features)`; with `past` `(n, beam, features)`, one position for all.
            past: A cache of the positions before, along its last axis but one; None for positions from 0.

        Returns:
            The same shape.
        """
        features = inputs.shape[-1]
        places = ops.arange(ops.shape(inputs)[-2]) if past is None else ops.shape(past)[-2]
        exponents = ops.arange(features // 2, dtype="float32") * (2 / features)
        frequencies = ops.exp(exponents * -math.log(MAX_WAVELENGTH))
        angles = ops.expand_dims(ops.cast(places, "float32"), -1) * frequencies
        return inputs + ops.cast(ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1), inputs.dtype)

    def compute_output_shape(
        self, inputs_shape: tuple[int | None, ...], past_shape: tuple[int | None, ...] | None = None
    ) -> tuple[int | None, ...]:
        """Return the shape of the outputs.

        Args:
            inputs_shape: Shape of the inputs.
            past_shape: Shape of the cache.

        Returns:
            That of the inputs.
        """
        return inputs_shape
