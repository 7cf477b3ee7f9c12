"""Backbones of `keras.applications`."""

import keras
from keras import layers

from plexus.errors import InputError, unknown


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


def build_backbone(
    pixels: keras.KerasTensor, name: str, weights: str, pooling: str | None = None
) -> tuple[keras.Model, keras.KerasTensor]:
    """Build a backbone for images.

    Args:
        pixels: Images of shape `(n, height, width, channels)`, from 0 to 255.
        name: Name of the backbone.
        weights: `none`, or `imagenet` for those that Keras fetches.
        pooling: `avg` for the mean of the last maps, None for the maps.

    Returns:
        The backbone, and the images with its own preprocessing applied.

    Raises:
        InputError: If there is no backbone of that name, the images are too small for it, or its weights cannot be
            fetched.
    """
    modules = backbones()
    if name not in modules:
        raise unknown("network", name, ["residual", *modules])
    module = getattr(keras.applications, modules[name])
    if pixels.shape[-1] == 1:
        pixels = layers.Concatenate()([pixels, pixels, pixels])
    prepared = module.preprocess_input(pixels)
    try:
        backbone = getattr(keras.applications, name)(
            include_top=False,
            weights=None if weights == "none" else weights,
            input_shape=prepared.shape[1:],
            pooling=pooling,
        )
    except ValueError as error:
        raise InputError(f"--network {name}: {error}; try a larger --size") from error
    except Exception as error:  # Keras raises a bare Exception when a download fails
        if "fetch failure" not in str(error).lower():
            raise
        raise InputError(
            f"--weights imagenet: the weights of {name} cannot be fetched; put the file into "
            "~/.keras/models, go online, or pass --weights none to train from random weights"
        ) from error
    return backbone, prepared


def backbone_maps(pixels: keras.KerasTensor, name: str, weights: str) -> dict[int, keras.KerasTensor]:
    """Return the last maps of a backbone at each stride.

    Args:
        pixels: Images of shape `(n, height, width, channels)`, from 0 to 255.
        name: Name of the backbone.
        weights: `none`, or `imagenet`.

    Returns:
        Maps by stride, 4, 8, 16 and 32.

    Raises:
        InputError: As for `build_backbone`; if the backbone has no maps of such strides.
    """
    backbone, prepared = build_backbone(pixels, name, weights)
    height = prepared.shape[1]
    stages = {
        stride: layer.output
        for layer in backbone.layers
        for stride in (4, 8, 16, 32)
        if len(layer.output.shape) == 4 and layer.output.shape[1] * stride == height
    }
    if len(stages) < 4:
        raise InputError(f"--network {name}: expected a backbone with maps of strides 4, 8, 16 and 32; try ResNet50")
    outputs = keras.Model(backbone.input, list(stages.values()), name=backbone.name)(prepared)
    return dict(zip(stages, outputs, strict=True))
