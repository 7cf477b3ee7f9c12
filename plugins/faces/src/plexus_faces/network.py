"""The network of `--weights none`, from aligned faces to embeddings."""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from plexus_faces.options import RecognizeOptions

SIDE = 75
"""Side of the grey image in pixels: half of the chip's."""
CELLS, BINS = 10, 12
"""Cells along each side, and directions of gradients."""
FEATURES = CELLS * CELLS // 2 * BINS
MIRRORED_BINS = (BINS // 2 - np.arange(BINS)) % BINS
"""Directions in the mirror image."""
POOLING_WIDTH = 0.6
"""Standard deviation of the Gaussian that pools a cell, in cells."""
SHARPNESS = 4
"""Power of the cosine between a gradient and a bin's direction."""
FLAT = 0.01
"""Share of the mean energy that is added to the energy of a block: flat parts of a face do not become noise."""
TINY = 1e-8


def build_network(options: RecognizeOptions) -> keras.Model:
    """Build a network of fixed local features and one trained linear layer.

    Few persons suffice to train it; `plexus_faces.learner.build_learner` fits its initial weights. On few
    images, convolutions that are trained from random weights fit their persons and no others.

    Args:
        options: The resolved options.

    Returns:
        A model from `face`, bytes of shape `(n, 150, 150, 3)`, to `embedding` of unit length, shape `(n, FEATURES)`.
    """
    face = keras.Input((150, 150, 3), name="face", dtype="uint8")
    features = GradientHistograms(name="features")(face)
    features = layers.Dropout(options.dropout)(features)
    whitened = layers.Dense(FEATURES, name="embedding", dtype="float32")(features)
    embedding = layers.UnitNormalization(dtype="float32")(whitened)
    return keras.Model({"face": face}, {"embedding": embedding}, name="histogram_embedder")


@keras.saving.register_keras_serializable("plexus_faces")
class GradientHistograms(keras.layers.Layer):
    """Computes histograms of oriented gradients (Dalal and Triggs 2005, section 6) on a grid over the face.

    The directions are signed and soft: a gradient adds to the bins near its direction. Cells overlap as Gaussian
    windows do, each is normalized by the energy of its 3 x 3 block, and the square root of the values is taken. The
    features are the mean of those of the face and of its mirror image, so that the left half of the grid suffices.
    Neither brightness nor contrast of the image changes them.

    Args:
        **options: Name and data type, of `keras.layers.Layer`.

    Example:
        ```python
        features = GradientHistograms()(chips)  # (n, 600)
        ```
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"dtype": "float32"} | options)
        self.filters, self.windows = _gradient_filters(), _windows()

    def call(self, chips: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the histograms.

        Args:
            chips: RGB images of shape `(n, 150, 150, 3)`, from 0 to 255.

        Returns:
            Features of shape `(n, FEATURES)`, at least 0.
        """
        grey = ops.mean(ops.cast(chips, "float32"), axis=-1, keepdims=True) / 255
        grey = _reflected(ops.average_pool(grey, 2, strides=2, data_format="channels_last"))
        along = ops.relu(ops.conv(grey, self.filters, padding="valid", data_format="channels_last"))
        magnitude = ops.sqrt(4 * ops.mean(ops.square(along), axis=-1, keepdims=True) + TINY)
        votes = along * (along / magnitude) ** (SHARPNESS - 1)
        cells = ops.einsum("ai,nijk->najk", self.windows, votes)
        cells = ops.einsum("bj,najk->nabk", self.windows, cells)
        energy = _reflected(ops.sum(ops.square(cells), axis=-1, keepdims=True))
        blocks = ops.average_pool(energy, 3, strides=1, data_format="channels_last")
        blocks = blocks + FLAT * ops.mean(blocks, axis=(1, 2, 3), keepdims=True)
        histograms = ops.sqrt(cells / ops.sqrt(blocks + TINY) + TINY)
        mirrored = ops.take(ops.flip(histograms, axis=2), MIRRORED_BINS, axis=-1)
        half = (histograms + mirrored)[:, :, : CELLS // 2] / 2
        return ops.reshape(half, (-1, FEATURES))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, int]:
        """Return the shape of the features.

        Args:
            input_shape: Shape of the chips.

        Returns:
            `(n, FEATURES)`.
        """
        return input_shape[0], FEATURES


def _reflected(maps: keras.KerasTensor) -> keras.KerasTensor:
    """Add a border of one pixel on each side."""
    return ops.pad(maps, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")


def _gradient_filters() -> np.ndarray:
    """Return filters of central differences along each bin's direction, shape `(3, 3, 1, BINS)`."""
    directions = np.arange(BINS) * 2 * np.pi / BINS
    filters = np.zeros((3, 3, 1, BINS), np.float32)
    filters[1, 2, 0], filters[1, 0, 0] = np.cos(directions), -np.cos(directions)
    filters[2, 1, 0], filters[0, 1, 0] = np.sin(directions), -np.sin(directions)
    return filters


def _windows() -> np.ndarray:
    """Return the Gaussian windows of the cells along an axis, shape `(CELLS, SIDE)`."""
    middles = (np.arange(CELLS) + 0.5) * SIDE / CELLS
    offsets = (np.arange(SIDE) + 0.5 - middles[:, None]) / (POOLING_WIDTH * SIDE / CELLS)
    windows: np.ndarray = np.exp(-0.5 * offsets**2)
    windows /= windows.sum(axis=1, keepdims=True)
    return np.asarray(windows, np.float32)
