"""Networks that say which cluster an input belongs to."""

import math

import keras
from keras import layers, ops

MOST_CHANNELS, HIDDEN = 128, 64
POWER = 12.0


def encoder(shape: tuple[int, ...], embedding: int, clusters: int) -> keras.Model:
    """A deep network: `image` (bytes) or `x` (floats) to `embedding` `(n, embedding)` and `membership` `(n, clusters)`.

    Its head begins at zero: until there are clusters to learn it says nothing.
    """
    given, features = _pictures(shape) if len(shape) == 3 else _rows(shape)
    place = layers.Dense(embedding, name="embedding", dtype="float32")(features)
    hidden = layers.Dense(HIDDEN, activation="relu")(place)
    membership = layers.Dense(
        clusters, activation="softmax", kernel_initializer="zeros", name="membership", dtype="float32"
    )(hidden)
    return keras.Model({given.name: given}, {"embedding": place, "membership": membership}, name="encoder")


def _pictures(shape: tuple[int, int, int]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Strided convolutions down to maps of at most 4 x 4; of very small pictures the first has no stride."""
    image = keras.Input(shape, name="image", dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    strides = [2] * halvings(shape) if halvings(shape) > 1 else [1, 2]
    for layer, stride in enumerate(strides):
        kernel = 5 if layer == 0 and stride == 2 else 3
        x = layers.Conv2D(min(32 << layer, MOST_CHANNELS), kernel, stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return image, layers.Flatten()(x)


def halvings(shape: tuple[int, int, int]) -> int:
    """How often a picture's sides are halved until the longer is at most 4."""
    return max(math.ceil(math.log2(max(shape[:2]) / 4)), 1)


def _rows(shape: tuple[int]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    x = keras.Input(shape, name="x")
    hidden = x
    for units in (256, 128):
        hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layers.Dense(units, use_bias=False)(hidden)))
    return x, hidden


def decoder(shape: tuple[int, ...], embedding: int) -> keras.Model:
    """From the embedding back to the input, pictures from 0 to 1."""
    place = keras.Input((embedding,))
    if len(shape) == 1:
        hidden = layers.Dense(256, activation="relu")(layers.Dense(128, activation="relu")(place))
        return keras.Model(place, layers.Dense(shape[0])(hidden), name="decoder")
    height, width, channels = shape
    steps = halvings(shape)
    top, left = math.ceil(height / 2**steps), math.ceil(width / 2**steps)
    x = layers.Reshape((top, left, 64))(layers.Dense(top * left * 64, activation="relu")(place))
    for step in reversed(range(steps)):
        x = layers.Conv2DTranspose(
            16 << min(step, 2) if step else channels, 3, 2, padding="same", activation="relu" if step else None
        )(x)
    return keras.Model(place, x[:, :height, :width], name="decoder")


@keras.saving.register_keras_serializable("plexus_clustering")
class References(keras.layers.Layer):
    """Memberships by likeness to references: inverse-distance weighting (Shepard 1968), with a high power.

    At a reference it says what the reference is. Of centroids it makes fuzzy c-means (Bezdek 1981).

    Args:
        references: how many rows it knows.
        clusters: how many there are.
    """

    def __init__(self, references: int, clusters: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.references, self.clusters = references, clusters

    def build(self, shape: tuple) -> None:
        """Make `places` `(references, features)` and `shares` `(references, clusters)`, both to be assigned."""
        self.places = self.add_weight((self.references, shape[-1]), "zeros", trainable=False, name="places")
        self.shares = self.add_weight((self.references, self.clusters), "zeros", trainable=False, name="shares")

    def call(self, x: object) -> object:
        """Memberships `(n, clusters)`; what is missing to 1 is noise."""
        squared = (
            ops.sum(ops.square(x), axis=1, keepdims=True)
            - 2 * ops.matmul(x, ops.transpose(self.places))
            + ops.sum(ops.square(self.places), axis=1)
        )
        weights = ops.softmax(-POWER * ops.log(ops.maximum(squared, 1e-7)))
        return ops.matmul(weights, self.shares)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        return super().get_config() | {"references": self.references, "clusters": self.clusters}


def by_references(shape: tuple[int, ...], projection: int, references: int, clusters: int) -> keras.Model:
    """A network that compares with rows that it knows, after a linear projection of wide inputs.

    Args:
        shape: of an input.
        projection: features that the projection leaves; 0: there is none.
        references, clusters: how many.
    """
    if len(shape) == 3:
        given = keras.Input(shape, name="image", dtype="uint8")
        x = layers.Flatten()(layers.Rescaling(1 / 255)(given))
    else:
        x = given = keras.Input(shape, name="x")
    if projection:
        x = layers.Dense(projection, name="projection", trainable=False)(x)
    place = layers.Identity(name="embedding")(x)
    membership = References(references, clusters, name="membership")(place)
    return keras.Model({given.name: given}, {"embedding": place, "membership": membership}, name="by_references")
