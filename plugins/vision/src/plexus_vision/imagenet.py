"""Initial weights from ImageNet for few photos; Keras is not needed."""

import os
from pathlib import Path

from plexus.utils.messages import note
from plexus_vision.options import ClassifyOptions

BACKBONE = "MobileNetV2"
FEW_PHOTOS, MIN_SIDE = 2000, 64
"""Photos from which a network with random weights learns little about other photos, and their smallest side."""
SIDES = (96, 128, 160, 192, 224)
"""Sides of square images for which Keras has weights of their own; those of the largest are for all others."""


def choose_network(options: ClassifyOptions, shape: tuple[int, int, int], photos: int) -> dict[str, object]:
    """Choose the network and its initial weights where an option is left open.

    Few photos are learned from weights of ImageNet, which usually makes far fewer mistakes (Kornblith et al. 2019), if
    the cache of Keras has them; nothing is fetched. Otherwise a line says how to fetch them.

    Args:
        options: The options.
        shape: Height, width and channels of the images.
        photos: Number of training images.

    Returns:
        `network` and `weights`.
    """
    pretrained: dict[str, object] = {"network": BACKBONE, "weights": "imagenet"}
    if options.network is None and options.weights == "imagenet":
        return pretrained
    default: dict[str, object] = {"network": options.network or "residual", "weights": options.weights or "none"}
    passed = (options.network, options.weights, options.from_, options.unlabelled, options.labels)
    if passed.count(None) < len(passed) or photos >= FEW_PHOTOS or shape[2] != 3 or min(shape[:2]) < MIN_SIDE:
        return default
    if weights_file(shape).is_file():
        note(
            f"{photos:,} training photos: the network is {BACKBONE} with weights from ImageNet, which are in the cache "
            "of Keras; --network residual trains from random weights"
        )
        return pretrained
    note(
        f"{photos:,} training photos and random initial weights: weights from ImageNet usually make far fewer mistakes "
        f"with so few (Kornblith et al. 2019); --weights imagenet fetches those of {BACKBONE}"
    )
    return default


def weights_file(shape: tuple[int, int, int]) -> Path:
    """Return the file in the cache of Keras that holds the weights for images of a shape.

    Args:
        shape: Height, width and channels of the images.

    Returns:
        The file, which may not exist.
    """
    side = shape[0] if shape[0] == shape[1] and shape[0] in SIDES else max(SIDES)
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return home / f"models/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{side}_no_top.h5"
