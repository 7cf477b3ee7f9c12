"""Networks for image classification."""

import keras
from keras import layers

from plexus.errors import InputError, unknown
from plexus.nets.residual import residual_features
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
    pixels = layers.Rescaling(1.0)(image)  # to floats
    if options.network == "residual":
        scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
        features = residual_features(scaled, options.width, options.batch_normalization)
    else:
        features = _backbone_features(pixels, options)
    features = layers.Dropout(options.dropout)(features)
    logits = layers.Dense(classes, name="logits", dtype="float32")(features)
    return keras.Model({"image": image}, {"logits": logits}, name="classifier")


def backbones() -> dict[str, str]:
    """Return the backbones of `keras.applications`.

    Returns:
        The module of each backbone, which holds its preprocessing, by name.
    """
    modules: dict[str, str] = {}
    for module_name in dir(keras.applications):
        module = getattr(keras.applications, module_name)
        if hasattr(module, "preprocess_input"):
            modules |= {name: module_name for name in dir(module) if name[0].isupper()}
    return modules


def _backbone_features(pixels: keras.KerasTensor, options: ClassifyOptions) -> keras.KerasTensor:
    """Return the features of a `keras.applications` network, its own preprocessing included."""
    modules = backbones()
    if options.network not in modules:
        raise unknown("network", options.network, ["residual", *modules])
    module = getattr(keras.applications, modules[options.network])
    if pixels.shape[-1] == 1:
        pixels = layers.Concatenate()([pixels, pixels, pixels])
    prepared = module.preprocess_input(pixels)
    try:
        backbone = getattr(keras.applications, options.network)(
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
            f"--weights imagenet: the weights of {options.network} cannot be fetched; put the file into "
            "~/.keras/models, go online, or omit --weights to train from random weights"
        ) from error
    return backbone(prepared)
