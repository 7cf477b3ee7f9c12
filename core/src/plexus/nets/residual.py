"""A residual network for images."""

import math

import keras
from keras import layers

WORKING_SIDE = 16
"""The residual blocks work on maps of at most about this side; larger images are reduced first."""
NARROW_CHANNELS, WIDE_CHANNELS = 32, 80
EXCITATION_REDUCTION, MIN_EXCITATION_CHANNELS = 8, 8


def residual_features(pixels: keras.KerasTensor, width: float = 1.0, normalize: bool = True) -> keras.KerasTensor:
    """Build a residual network (He et al. 2016, arXiv:1512.03385) with squeeze-and-excitation (Hu et al. 2018).

    Strided convolutions reduce the image to maps of at most `WORKING_SIDE`; two stages of two blocks follow, the second
    at half the resolution. Squeeze-and-excitation: arXiv:1709.01507.

    Args:
        pixels: Images of shape `(n, height, width, channels)`, scaled to about -1 to 1.
        width: Multiplies the channels of all layers.
        normalize: Whether convolutions are followed by batch normalization.

    Returns:
        Mean and maximum of the last maps, shape `(n, features)`.
    """
    blocks = ResidualBlocks(normalize)
    narrow, wide = scaled_channels(NARROW_CHANNELS, width), scaled_channels(WIDE_CHANNELS, width)
    halvings = max(math.ceil(math.log2(max(pixels.shape[1:3]) / WORKING_SIDE)), 0)
    x = blocks.convolution(pixels, narrow, strides=2 if halvings else 1)
    for _ in range(halvings - 1):
        x = blocks.convolution(x, narrow, strides=2)
    x = blocks.residual(blocks.residual(x, narrow), narrow)
    x = blocks.convolution(x, wide, strides=2)
    x = blocks.residual(blocks.residual(x, wide), wide)
    return layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])


class ResidualBlocks:
    """Builds the blocks of a residual network.

    Args:
        normalize: Whether convolutions are followed by batch normalization.

    Example:
        ```python
        x = ResidualBlocks(normalize=True).residual(x, filters=32)
        ```
    """

    def __init__(self, normalize: bool) -> None:
        self.normalize = normalize

    def convolution(self, x: keras.KerasTensor, filters: int, strides: int = 1) -> keras.KerasTensor:
        """Add a 3 x 3 convolution with ReLU.

        Args:
            x: Maps of shape `(n, height, width, channels)`.
            filters: Number of filters.
            strides: Strides along both axes.

        Returns:
            The new maps.
        """
        return layers.ReLU()(self._linear(x, filters, strides))

    def residual(self, x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        """Add a residual block, which starts as the identity (Goyal et al. 2017, arXiv:1706.02677, section 5.1).

        Args:
            x: Maps with `filters` channels.
            filters: Number of filters.

        Returns:
            Maps of the same shape.
        """
        y = self._linear(self.convolution(x, filters), filters, gamma="zeros")
        return layers.ReLU()(layers.Add()([x, _excitation(y)]))

    def _linear(self, x: keras.KerasTensor, filters: int, strides: int = 1, gamma: str = "ones") -> keras.KerasTensor:
        x = layers.Conv2D(
            filters, 3, strides, padding="same", use_bias=not self.normalize, kernel_initializer="he_normal"
        )(x)
        return layers.BatchNormalization(momentum=0.9, gamma_initializer=gamma)(x) if self.normalize else x


def scaled_channels(count: int, width: float) -> int:
    """Return a number of channels, scaled and rounded to a multiple of 8 for vector units.

    Args:
        count: Channels at width 1.
        width: The factor.

    Returns:
        The number of channels, at least 8.
    """
    return max(round(count * width / 8) * 8, 8)


def _excitation(x: keras.KerasTensor) -> keras.KerasTensor:
    channels = x.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(max(channels // EXCITATION_REDUCTION, MIN_EXCITATION_CHANNELS), 1, activation="relu")(gate)
    return layers.Multiply()([x, layers.Conv2D(channels, 1, activation="sigmoid")(gate)])
