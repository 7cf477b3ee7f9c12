"""Networks that see: bytes of a picture in, logits out."""

import math

import keras
from keras import layers

from plexus import InputError
from plexus.errors import unknown
from plexus_vision.options import ClassifyOptions

FINEST = 16
"""The residual network works on maps of at most about this side; larger pictures are first reduced."""


def make_network(shape: tuple[int, int, int], classes: int, options: ClassifyOptions) -> keras.Model:
    """The network that the options name, with input `image` (bytes) and output `logits`.

    Raises:
        InputError: there is no backbone of that name, or its weights cannot be had.
    """
    image = keras.Input(shape, name="image", dtype="uint8")
    pixels = layers.Rescaling(1.0)(image)  # to floats
    if options.network == "residual":
        features = residual(layers.Rescaling(1 / 127.5, offset=-1.0)(pixels), options)
    else:
        features = _backbone(pixels, options)
    features = layers.Dropout(options.dropout)(features)
    logits = layers.Dense(classes, name="logits", dtype="float32")(features)
    return keras.Model({"image": image}, {"logits": logits}, name="classifier")


def residual(pixels: keras.KerasTensor, options: ClassifyOptions) -> keras.KerasTensor:
    """A residual network (He et al. 2016, arXiv:1512.03385) with squeeze-and-excitation.

    Strided convolutions halve the resolution to at most `FINEST`, where the work is done in two stages of two blocks,
    the second at half the resolution again. Mean and maximum over the last map are kept.
    Squeeze-and-excitation: Hu et al. 2018, arXiv:1709.01507.
    """
    block = _Blocks(options.batch_normalization)
    narrow, wide = _channels(32, options.width), _channels(80, options.width)
    halvings = max(math.ceil(math.log2(max(pixels.shape[1:3]) / FINEST)), 0)
    x = block.convolve(pixels, narrow, strides=2 if halvings else 1)
    for _ in range(halvings - 1):
        x = block.convolve(x, narrow, strides=2)
    x = block.residual(block.residual(x, narrow), narrow)
    x = block.convolve(x, wide, strides=2)
    x = block.residual(block.residual(x, wide), wide)
    return layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])


class _Blocks:
    """The residual network's building blocks, with or without batch normalisation."""

    def __init__(self, normalize: bool) -> None:
        self.normalize = normalize

    def convolve(self, x: keras.KerasTensor, filters: int, strides: int = 1) -> keras.KerasTensor:
        return layers.ReLU()(self._linear(x, filters, strides))

    def residual(self, x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        # Its last normalisation begins at zero, so that every block begins as the identity (Goyal et al. 2017).
        y = self._linear(self.convolve(x, filters), filters, gamma="zeros")
        return layers.ReLU()(layers.Add()([x, _excite(y)]))

    def _linear(self, x: keras.KerasTensor, filters: int, strides: int = 1, gamma: str = "ones") -> keras.KerasTensor:
        x = layers.Conv2D(
            filters, 3, strides, padding="same", use_bias=not self.normalize, kernel_initializer="he_normal"
        )(x)
        return layers.BatchNormalization(momentum=0.9, gamma_initializer=gamma)(x) if self.normalize else x


def _excite(x: keras.KerasTensor) -> keras.KerasTensor:
    channels = x.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(max(channels // 8, 8), 1, activation="relu")(gate)
    return layers.Multiply()([x, layers.Conv2D(channels, 1, activation="sigmoid")(gate)])


def _channels(count: int, width: float) -> int:
    """A multiple of 8, which vector units like."""
    return max(round(count * width / 8) * 8, 8)


def backbones() -> dict[str, str]:
    """The backbones of `keras.applications`: their names, and the modules that hold their preprocessing."""
    found = {}
    for module_name in dir(keras.applications):
        module = getattr(keras.applications, module_name)
        if hasattr(module, "preprocess_input"):
            found |= {name: module_name for name in dir(module) if name[0].isupper()}
    return found


def _backbone(pixels: keras.KerasTensor, options: ClassifyOptions) -> keras.KerasTensor:
    """Features of a `keras.applications` network, its own preprocessing included."""
    modules = backbones()
    if options.network not in modules:
        raise unknown("network", options.network, ["residual", *modules])
    module = getattr(keras.applications, modules[options.network])
    if pixels.shape[-1] == 1:
        pixels = layers.Concatenate()([pixels, pixels, pixels])
    prepared = module.preprocess_input(pixels)
    make = getattr(keras.applications, options.network)
    try:
        backbone = make(
            include_top=False,
            weights=None if options.weights == "none" else options.weights,
            input_shape=prepared.shape[1:],
            pooling="avg",
        )
    except ValueError as error:
        raise InputError(f"--network {options.network}: {error}; try a larger --size") from error
    except Exception as error:  # Keras raises a bare Exception when a download fails
        if "fetch failure" not in str(error).lower():
            raise
        raise InputError(
            f"--weights imagenet: the weights of {options.network} could not be fetched; put the file into "
            "~/.keras/models, go online, or leave --weights out to start from nothing"
        ) from error
    return backbone(prepared)
