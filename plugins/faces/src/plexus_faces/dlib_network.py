"""dlib's networks: their weights, and the embedder of faces as a Keras model."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus_faces.dlib_files import REMEDY, DlibFile, find_models

if TYPE_CHECKING:
    import keras

MEAN, SCALE = (122.782, 117.001, 104.298), 1 / 256
"""The networks take (pixel - mean) · scale of red, green and blue."""
STAGES = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Channels and residual blocks of each stage of the embedder, and whether its first block halves height and width."""


def build_embedder() -> "keras.Model":
    """Build dlib's `face_recognition_resnet_model_v1`, a residual network of 29 convolutions.

    It is ResNet-34 (He et al. 2016) with fewer layers and half of the channels (blog.dlib.net, 12 February 2017).
    Affine layers, which replace batch normalization, are folded into the convolutions.

    Returns:
        A model from `face`, bytes of shape `(n, 150, 150, 3)`, to `embedding` of shape `(n, 128)`; its length is not 1.

    Raises:
        InputError: If the package with dlib's files is not installed, or its file cannot be read.
    """
    import keras
    from keras import layers

    face = keras.Input((150, 150, 3), name="face", dtype="uint8")
    x = layers.Rescaling(SCALE, offset=[-mean * SCALE for mean in MEAN])(face)
    x = layers.Conv2D(32, 7, 2, activation="relu")(x)
    x = layers.MaxPooling2D(3, 2)(x)
    for channels, blocks, halves in STAGES:
        for block in range(blocks):
            x = _residual_block(x, channels, halves and block == 0)
    x = layers.GlobalAveragePooling2D()(x)
    embedding = layers.Dense(128, use_bias=False, name="embedding")(x)
    model = keras.Model({"face": face}, {"embedding": embedding}, name="dlib_embedder")
    file = find_models() / "dlib_face_recognition_resnet_model_v1.dat"
    try:
        model.set_weights(read_weights(file))
    except ValueError as error:
        raise InputError(f"{file}: its layers are not those of this network; {REMEDY}") from error
    return model


def read_weights(file: Path) -> list[np.ndarray]:
    """Read the weights of one of dlib's networks, with affine layers folded into the convolutions before them.

    Args:
        file: The file, such as `mmod_human_face_detector.dat`.

    Returns:
        Kernel, shape `(height, width, inputs, outputs)`, and bias of each convolution, and the matrix of the last layer
        if it is fully connected.

    Raises:
        InputError: If it cannot be read.
    """
    stream = DlibFile(file)
    weights: list[np.ndarray] = []
    for layer in stream.layers():
        if layer == "con_4":
            weights += _read_convolution(stream)
        elif layer == "fc_2":
            outputs, _ = stream.read_size(), stream.read_size()
            weights.append(stream.read_tensor().reshape(-1, outputs))
        else:
            scale, offset = _read_affine(stream, layer == "bn_con2")
            kernel, bias = weights[-2:]
            weights[-2:] = kernel * scale, bias * scale + offset
    return weights


def _residual_block(x: "keras.KerasTensor", channels: int, halves: bool) -> "keras.KerasTensor":
    """Add two convolutions to their input; missing rows, columns and channels of either are 0."""
    from keras import layers, ops

    skip = layers.AveragePooling2D(2)(x) if halves else x
    if halves:
        x = layers.Conv2D(channels, 3, 2, activation="relu")(x)
    else:
        x = layers.Conv2D(channels, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(channels, 3, padding="same")(x)
    shape = np.maximum(x.shape[1:], skip.shape[1:])
    x, skip = (
        part
        if tuple(shape) == part.shape[1:]
        else ops.pad(part, [(0, 0), *((0, int(n)) for n in shape - part.shape[1:])])
        for part in (x, skip)
    )
    return layers.ReLU()(layers.Add()([x, skip]))


def _read_convolution(file: DlibFile) -> list[np.ndarray]:
    parameters = file.read_tensor().ravel()
    filters, height, width = (file.read_size() for _ in range(3))
    kernel = parameters[:-filters].reshape(filters, -1, height, width).transpose(2, 3, 1, 0)
    return [kernel, parameters[-filters:]]


def _read_affine(file: DlibFile, batch_normalization: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return scale and offset of an affine layer, or of batch normalization in inference."""
    scale, offset = file.read_tensor().reshape(2, -1)
    if not batch_normalization:
        return scale, offset
    for _ in range(10):  # the shapes of scale and offset, with their versions
        file.read_integer()
    _, _, mean, variance = (file.read_tensor().ravel() for _ in range(4))
    file.read_integer(), file.read_integer()  # of the running mean
    *_, epsilon = (file.read_float() for _ in range(5))  # after the multipliers of learning rate and weight decay
    scale = scale / np.sqrt(variance + epsilon)
    return scale, offset - scale * mean
