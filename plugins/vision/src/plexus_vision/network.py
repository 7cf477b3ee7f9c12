"""Networks for image classification."""

import keras
from keras import layers

from plexus.nets.residual import residual_features
from plexus_vision.backbones import build_backbone
from plexus_vision.options import ClassifyOptions


def build_both(shape: tuple[int, int, int], classes: int, options: ClassifyOptions) -> keras.Model:
    """Build two networks that are trained at the same time, with unlabelled images and without.

    Args:
        shape: Height, width and channels of the images.
        classes: Number of labels.
        options: The resolved options.

    Returns:
        A network from `image` to `logits` and `comparison`, whose layers `with_unlabelled` and `without_unlabelled`
        are networks as those of `build_network`.
    """
    image = keras.Input(shape, name="image", dtype="uint8")
    outputs = {}
    for output, name in (("logits", "with_unlabelled"), ("comparison", "without_unlabelled")):
        single = build_network(shape, classes, options)
        named = keras.Model(single.input, single.output, name=name)
        outputs[output] = named({"image": image})["logits"]
    return keras.Model({"image": image}, outputs, name="both")


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
    pixels = layers.Rescaling(1.0)(image)  # to floats
    if options.network == "residual":
        scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
        features = residual_features(scaled, options.width, options.batch_normalization)
    else:
        network, prepared = build_backbone(pixels, options.network, options.weights, pooling="avg")
        features = network(prepared)
    features = layers.Dropout(options.dropout)(features)
    logits = layers.Dense(classes, name="logits", dtype="float32")(features)
    return keras.Model({"image": image}, {"logits": logits}, name="classifier")
