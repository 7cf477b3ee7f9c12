"""Networks for image classification."""

from collections.abc import Callable

import keras
from keras import layers, ops

from plexus.nets.residual import residual_features
from plexus.options import resolved
from plexus_vision.backbones import build_backbone
from plexus_vision.network_options import NetworkOptions
from plexus_vision.options import ClassifyOptions

SCALES = 3
"""Scales at which detail is measured, each half of the one before."""


def build_network(shape: tuple[int, int, int], classes: int, options: ClassifyOptions) -> keras.Model:
    """Build the network that the options name.

    Args:
        shape: Height, width and channels of the images.
        classes: Number of labels.
        options: The resolved options.

    Returns:
        A network from `image`, bytes of shape `(n, *shape)`, to `logits` of shape `(n, classes)`.

    Raises:
        InputError: If there is no backbone of that name, or its weights are not available.
    """
    image = keras.Input(shape, name="image", dtype="uint8")
    features = layers.Dropout(options.dropout)(_features(image, options))
    logits = layers.Dense(classes, name="logits", dtype="float32")(features)
    return keras.Model({"image": image}, {"logits": logits}, name="classifier")


def with_features(network: keras.Model) -> keras.Model:
    """Add the features by which images that show none of the labels are detected.

    Args:
        network: The result of `build_network`.

    Returns:
        The same network with the output `features`, shape `(n, features)`: signed square roots of the inputs of its
        last layer, which are skewed, and the statistics of the pixels.
    """
    image, last = network.input["image"], network.get_layer("logits").input
    roots = _submodel("signed_roots", last, _signed_roots)(last)
    statistics = _submodel("image_statistics", image, _image_statistics)(image)
    features = layers.Concatenate(name="features")([roots, statistics])
    outputs = {"logits": network.output["logits"], "features": features}
    return keras.Model({"image": image}, outputs, name=network.name)


def _submodel(
    name: str, tensor: keras.KerasTensor, function: Callable[[keras.KerasTensor], keras.KerasTensor]
) -> keras.Model:
    """Return a function as a model: the names of its operations are not those of a network that was loaded."""
    inputs = keras.Input(tensor.shape[1:], dtype=tensor.dtype)
    return keras.Model(inputs, function(ops.cast(inputs, "float32")), name=name)


def _signed_roots(values: keras.KerasTensor) -> keras.KerasTensor:
    return ops.sign(values) * ops.sqrt(ops.abs(values))


def build_embedder(shape: tuple[int, int, int], options: NetworkOptions) -> keras.Model:
    """Build the network of `build_network` up to its last layer.

    Args:
        shape: Height, width and channels of the images.
        options: The resolved options.

    Returns:
        A network from `image`, bytes of shape `(n, *shape)`, to `embedding` of shape `(n, features)`.

    Raises:
        InputError: If there is no backbone of that name, or its weights are not available.
    """
    image = keras.Input(shape, name="image", dtype="uint8")
    embedding = layers.Activation("linear", name="embedding", dtype="float32")(_features(image, options))
    return keras.Model({"image": image}, {"embedding": embedding}, name="embedder")


def _features(image: keras.KerasTensor, options: NetworkOptions) -> keras.KerasTensor:
    pixels = layers.Rescaling(1.0)(image)  # to floats
    if resolved(options.network) == "residual":
        scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
        return residual_features(scaled, resolved(options.width), options.batch_normalization)
    network, prepared = build_backbone(pixels, resolved(options.network), resolved(options.weights), pooling="avg")
    return network(prepared)


def _image_statistics(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Compute brightness, contrast and detail of images, of gray and of two opponent colors.

    A network that learned to tell labels apart may ignore them, but images of another kind differ by them: drawings
    have less detail than photos, and noise has more.

    Args:
        pixels: Images of shape `(n, height, width, channels)`, from 0 to 255.

    Returns:
        Mean, logarithm of the variance, and logarithms of the mean squared differences of neighbouring pixels along
        both axes at `SCALES` scales; shape `(n, statistics)`.
    """
    gray = ops.mean(pixels, axis=-1, keepdims=True)
    planes = [gray]
    if pixels.shape[-1] == 3:
        red, green, blue = (pixels[..., channel : channel + 1] for channel in range(3))
        planes += [red - green, blue - (red + green) / 2]
    return layers.Concatenate()([value for plane in planes for value in _plane_statistics(plane)])


def _plane_statistics(plane: keras.KerasTensor) -> list[keras.KerasTensor]:
    mean = ops.mean(plane, axis=(1, 2), keepdims=True)
    statistics = [mean[:, 0, 0], _log_energy(plane - mean)]
    for _ in range(SCALES):
        if min(plane.shape[1:3]) < 2:
            break
        statistics += [_log_energy(plane[:, 1:] - plane[:, :-1]), _log_energy(plane[:, :, 1:] - plane[:, :, :-1])]
        plane = layers.AveragePooling2D(2)(plane)
    return statistics


def _log_energy(values: keras.KerasTensor) -> keras.KerasTensor:
    return ops.log(1 + ops.mean(ops.square(values), axis=(1, 2)))  # ONNX has no log1p
