"""Networks for image classification."""

import keras
from keras import layers

from plexus.nets.residual import residual_features
from plexus.options import resolved
from plexus_vision.backbones import build_backbone
from plexus_vision.network_options import NetworkOptions
from plexus_vision.options import ClassifyOptions


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
    if options.network == "residual":
        scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
        return residual_features(scaled, resolved(options.width), options.batch_normalization)
    network, prepared = build_backbone(pixels, options.network, options.weights, pooling="avg")
    return network(prepared)
