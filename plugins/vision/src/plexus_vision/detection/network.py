"""Networks for object detection: anchor-free, one box per point of the maps (Tian et al. 2019, arXiv:1904.01355)."""

import math

import keras
from keras import layers

from plexus.nets.residual import ResidualBlocks, scaled_channels
from plexus_vision.backbones import backbone_maps
from plexus_vision.detection.options import DetectOptions
from plexus_vision.detection.points import PointBoxes

STEM = (24, 32)
"""Channels of the first two convolutions, of strides 2 and 4."""
STAGES = ((64, 2), (128, 2), (128, 1))
"""Channels and residual blocks of the stages of strides 8, 16 and 32."""
NECK = 64
"""Channels of the maps from which objects are detected."""
PRIOR = 0.01
"""Probability of an object at a point before training (Lin et al. 2017, arXiv:1708.02002, section 3.3)."""
FIRST_DISTANCE = 3.0
"""Distance from a point to the sides of its box before training, about, in strides."""


def build_network(
    shape: tuple[int, int, int], classes: int, strides: tuple[int, ...], options: DetectOptions
) -> keras.Model:
    """Build the network that the options name.

    Args:
        shape: Height, width and channels of the images; height and width are multiples of 32.
        classes: Number of labels.
        strides: Strides of the maps from which objects are detected: 4, 8, 16 or 32.
        options: The resolved options.

    Returns:
        A network from `image`, bytes of shape `(n, *shape)`, to `scores`, logits of shape `(n, points, classes)`, and
        `boxes`, left, top, right and bottom in pixels, of shape `(n, points, 4)`.

    Raises:
        InputError: If there is no backbone of that name, or its weights are not available.
    """
    image = keras.Input(shape, name="image", dtype="uint8")
    pixels = layers.Rescaling(1.0)(image)  # to floats
    if options.network == "residual":
        stages = _residual_stages(layers.Rescaling(1 / 127.5, offset=-1.0)(pixels), options.width)
    else:
        stages = backbone_maps(pixels, options.network, options.weights)
    neck = scaled_channels(NECK, options.width)
    pyramid = _feature_pyramid(stages, neck)
    maps = [each for stride in strides for each in _head(pyramid[stride], neck, classes, stride)]
    scores, boxes = PointBoxes(strides)(maps)
    return keras.Model({"image": image}, {"scores": scores, "boxes": boxes}, name="detector")


def _residual_stages(x: keras.KerasTensor, width: float) -> dict[int, keras.KerasTensor]:
    """Return the maps of a residual network by stride."""
    blocks, stages = ResidualBlocks(normalize=True), {}
    for filters in STEM:
        x = blocks.convolution(x, scaled_channels(filters, width), strides=2)
    stages[2 ** len(STEM)] = x
    for filters, count in STAGES:
        x = blocks.convolution(x, scaled_channels(filters, width), strides=2)
        for _ in range(count):
            x = blocks.residual(x, scaled_channels(filters, width))
        stages[2 * max(stages)] = x
    return stages


def _feature_pyramid(stages: dict[int, keras.KerasTensor], channels: int) -> dict[int, keras.KerasTensor]:
    """Add the context of coarser maps to finer ones (Lin et al. 2017, arXiv:1612.03144)."""
    pyramid: dict[int, keras.KerasTensor] = {}
    for stride in sorted(stages, reverse=True):
        x = layers.Conv2D(channels, 1, use_bias=False, kernel_initializer="he_normal")(stages[stride])
        x = layers.BatchNormalization(momentum=0.9)(x)
        if pyramid:
            x = layers.Add()([x, layers.UpSampling2D(2)(pyramid[2 * stride])])
        pyramid[stride] = x
    return pyramid


def _head(x: keras.KerasTensor, channels: int, classes: int, stride: int) -> list[keras.KerasTensor]:
    """Return the logits of the labels and the distances to the sides of the box, from branches of their own."""
    blocks = ResidualBlocks(normalize=True)
    x = blocks.convolution(x, channels)
    biases = -math.log((1 - PRIOR) / PRIOR), FIRST_DISTANCE
    return [
        layers.Conv2D(
            filters,
            1,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
            bias_initializer=keras.initializers.Constant(bias),
            name=f"{name}_{stride}",
        )(blocks.convolution(x, channels))
        for name, filters, bias in zip(("logits", "distances"), (classes, 4), biases, strict=True)
    ]
