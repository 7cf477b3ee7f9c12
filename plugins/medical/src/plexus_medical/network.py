"""The network: one small residual network per fold, which never sees the images of its fold in training."""

import math
from collections.abc import Sequence

import keras
from keras import layers, ops

from plexus.nets.residual import scaled_channels

STEM_CHANNELS = 16
CHANNELS = (32, 64)
"""Channels of the residual blocks, each of which halves the maps."""
LOGITS = "logits"
"""Name of the output, and of the layer that stacks the members'."""
WORKING_SIDE = 32
"""Larger images are reduced by strided convolutions to maps of at most this side before the residual blocks."""


def build_network(shape: tuple[int, int, int], folds: int, width: float = 1.0, dropout: float = 0.0) -> keras.Model:
    """Build the members of all folds as one network.

    The members share nothing: predictions for the images of a fold by the member of that fold are out-of-fold
    predictions. Each is a residual network with pre-activation (He et al. 2016, arXiv:1603.05027). Separate
    convolutions take a fraction of the time that grouped ones take on a CPU.

    Args:
        shape: Height, width and channels of the images.
        folds: Number of members.
        width: Multiplies the channels.
        dropout: Dropout rate before the last layer.

    Returns:
        A network from `image`, bytes of shape `(n, *shape)`, to `logits` of shape `(n, folds, 2)`.
    """
    image = keras.Input(shape, name="image", dtype="uint8")
    pixels = layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    logits = [_member_logits(pixels, width, dropout) for _ in range(folds)]
    return keras.Model({"image": image}, {LOGITS: Stack(name=LOGITS, dtype="float32")(logits)}, name="members")


def member_networks(network: keras.Model) -> list[keras.Model]:
    """Return the members of a network as networks of their own, whose weights they share.

    Args:
        network: The result of `build_network`.

    Returns:
        Networks from `image` to `logits` of shape `(n, 2)`, in the order of the folds.
    """
    stacked = network.get_layer(LOGITS).input
    return [keras.Model(network.input, {LOGITS: logits}) for logits in stacked]


@keras.saving.register_keras_serializable("plexus_medical")
class Stack(layers.Layer):
    """Stacks the outputs of the members along a new second axis.

    Example:
        ```python
        Stack()([first, second])  # shape (n, 2, channels)
        ```
    """

    def call(self, values: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """Stack tensors.

        Args:
            values: Tensors of shape `(n, channels)`.

        Returns:
            Tensor of shape `(n, values, channels)`.
        """
        return ops.stack(values, axis=1)


def _member_logits(pixels: keras.KerasTensor, width: float, dropout: float) -> keras.KerasTensor:
    """Build one member."""
    halvings = max(math.ceil(math.log2(max(pixels.shape[1:3]) / WORKING_SIDE)), 0)
    stem = scaled_channels(STEM_CHANNELS, width)
    x = _convolution(pixels, stem, strides=2 if halvings else 1)
    for _ in range(halvings - 1):
        x = _convolution(_activated(x), stem, strides=2)
    for channels in CHANNELS:
        x = _reducing_block(x, scaled_channels(channels, width))
    features = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(_activated(x)))
    return layers.Dense(2, dtype="float32")(features)


def _reducing_block(x: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    """Add a residual block with pre-activation that halves the maps."""
    activated = _activated(x)
    shortcut = _convolution(activated, channels, strides=2, size=1)
    y = _activated(_convolution(activated, channels, strides=2))
    return layers.Add()([shortcut, _convolution(y, channels)])


def _convolution(x: keras.KerasTensor, channels: int, strides: int = 1, size: int = 3) -> keras.KerasTensor:
    return layers.Conv2D(channels, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal")(x)


def _activated(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
