"""Networks from an input to its embedding and its memberships in clusters."""

import math

import keras
import numpy as np
from keras import layers, ops

from plexus_clustering.prediction import NOISE
from plexus_clustering.reference_points import ReferencePoints

MAX_CHANNELS, HEAD_UNITS = 128, 64
SMALLEST_MAP = 4
DISTANCE_POWER = 12.0
"""Exponent of the squared distances: memberships change sharply between reference points."""


def build_encoder(shape: tuple[int, ...], embedding: int, clusters: int) -> keras.Model:
    """Build the network of the methods with training.

    Its head starts at zero: all memberships are equal until there are pseudo-labels.

    Args:
        shape: Shape of an input: height, width and channels of an image, or the number of features.
        embedding: Dimensions of the embedding.
        clusters: Number of clusters.

    Returns:
        A network from `image` (bytes) or `x` (floats) to `embedding` of shape `(n, embedding)` and `membership` of
        shape `(n, clusters)`.
    """
    inputs, features = _image_features(shape) if len(shape) == 3 else _row_features(shape)
    embedded = layers.Dense(embedding, name="embedding", dtype="float32")(features)
    hidden = layers.Dense(HEAD_UNITS, activation="relu")(embedded)
    membership = layers.Dense(
        clusters, activation="softmax", kernel_initializer="zeros", name="membership", dtype="float32"
    )(hidden)
    return keras.Model({inputs.name: inputs}, {"embedding": embedded, "membership": membership}, name="encoder")


def build_decoder(shape: tuple[int, ...], embedding: int) -> keras.Model:
    """Build the network that reconstructs inputs.

    Args:
        shape: Shape of an input.
        embedding: Dimensions of the embedding.

    Returns:
        A network from an embedding to an input; images from 0 to 1.
    """
    embedded = keras.Input((embedding,))
    if len(shape) == 1:
        hidden = layers.Dense(256, activation="relu")(layers.Dense(128, activation="relu")(embedded))
        return keras.Model(embedded, layers.Dense(shape[0])(hidden), name="decoder")
    height, width, channels = shape
    steps = count_halvings(height, width)
    rows, columns = math.ceil(height / 2**steps), math.ceil(width / 2**steps)
    x = layers.Reshape((rows, columns, 64))(layers.Dense(rows * columns * 64, activation="relu")(embedded))
    for step in reversed(range(steps)):
        filters, activation = (16 << min(step, 2), "relu") if step else (channels, None)
        x = layers.Conv2DTranspose(filters, 3, 2, padding="same", activation=activation)(x)
    return keras.Model(embedded, x[:, :height, :width], name="decoder")


def count_halvings(height: int, width: int) -> int:
    """Return how often an image is halved until its longer side is at most `SMALLEST_MAP`.

    Args:
        height: Height in pixels.
        width: Width in pixels.

    Returns:
        The number, at least 1.
    """
    return max(math.ceil(math.log2(max(height, width) / SMALLEST_MAP)), 1)


def build_reference_network(shape: tuple[int, ...], references: ReferencePoints, clusters: int) -> keras.Model:
    """Build the network of the methods without training: it compares inputs with reference points.

    Args:
        shape: Shape of an input.
        references: The reference points, which become the network's weights.
        clusters: Number of clusters.

    Returns:
        A network from `image` or `x` to `embedding` and `membership`.
    """
    if len(shape) == 3:
        inputs = keras.Input(shape, name="image", dtype="uint8")
        x = layers.Flatten()(layers.Rescaling(1 / 255)(inputs))
    else:
        x = inputs = keras.Input(shape, name="x")
    projection = references.projection
    if projection is not None:
        project = layers.Dense(len(projection.offset), name="projection", trainable=False)
        x = project(x)
        project.set_weights([projection.weights, projection.offset])
    embedded = layers.Identity(name="embedding")(x)
    weighting = InverseDistanceWeighting(len(references.points), clusters, name="membership")
    membership = weighting(embedded)
    one_hot = np.eye(clusters)[references.clusters] * (references.clusters != NOISE)[:, None]
    weighting.set_weights([references.points, one_hot])
    return keras.Model({inputs.name: inputs}, {"embedding": embedded, "membership": membership}, name="references")


@keras.saving.register_keras_serializable("plexus_clustering")
class InverseDistanceWeighting(keras.layers.Layer):
    """Memberships as the mean of those of reference points, weighted by inverse distance (Shepard 1968).

    With centroids as reference points it is the membership function of fuzzy c-means (Bezdek 1981).

    Args:
        references: Number of reference points.
        clusters: Number of clusters.
        **kwargs: Arguments of `keras.layers.Layer`.

    Example:
        ```python
        InverseDistanceWeighting(references=100, clusters=4)(embedding)  # (n, 4)
        ```
    """

    def __init__(self, references: int, clusters: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.references, self.clusters = references, clusters

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the weights `points` and `memberships`, which are assigned, not trained.

        Args:
            shape: Shape of the embedding.
        """
        self.points = self.add_weight((self.references, shape[-1]), "zeros", trainable=False, name="points")
        self.memberships = self.add_weight(
            (self.references, self.clusters), "zeros", trainable=False, name="memberships"
        )

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the memberships.

        Args:
            x: Embedding of shape `(n, dimensions)`.

        Returns:
            Memberships of shape `(n, clusters)`; what is missing to 1 is noise.
        """
        squared_distances = (
            ops.sum(ops.square(x), axis=1, keepdims=True)
            - 2 * ops.matmul(x, ops.transpose(self.points))
            + ops.sum(ops.square(self.points), axis=1)
        )
        weights = ops.softmax(-DISTANCE_POWER * ops.log(ops.maximum(squared_distances, 1e-7)))
        return ops.matmul(weights, self.memberships)

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The arguments by name.
        """
        return {**super().get_config(), "references": self.references, "clusters": self.clusters}


def _image_features(shape: tuple[int, ...]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Add strided convolutions down to maps of at most `SMALLEST_MAP`; in very small images the first has no stride."""
    image = keras.Input(shape, name="image", dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    halvings = count_halvings(*shape[:2])
    for layer, stride in enumerate([2] * halvings if halvings > 1 else [1, 2]):
        kernel = 5 if layer == 0 and stride == 2 else 3
        x = layers.Conv2D(min(32 << layer, MAX_CHANNELS), kernel, stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return image, layers.Flatten()(x)


def _row_features(shape: tuple[int, ...]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    x = keras.Input(shape, name="x")
    hidden = x
    for units in (256, 128):
        hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layers.Dense(units, use_bias=False)(hidden)))
    return x, hidden
