"""N-grams that vote, beside nets that read."""

from typing import Any

import keras
from keras import ops

WIDTHS = (1, 2, 3, 4)
VOTES, EACH = "votes", "each"


def make_network(
    buckets: int, classes: int, vocabulary: int, nets: int, embedding: int, filters: int, dropout: float
) -> keras.Model:
    """The network: `grams` and `pieces` `(n, any)`, 0 for nothing, to `linear` and `nets`, logits `(n, classes)`.

    Each bucket of n-grams has a vote for each class, and a text the sum of its votes; beside it read `nets`
    convolutional nets (Kim 2014, arXiv:1408.5882), each with an embedding of its own, whose logits are averaged.
    """
    grams = keras.Input((None,), name="grams", dtype="int32")
    pieces = keras.Input((None,), name="pieces", dtype="int32")
    votes = keras.layers.Embedding(buckets + 1, classes, embeddings_initializer="zeros", trainable=False, name=VOTES)(
        grams
    )
    linear = ops.sum(votes * _there(grams), axis=1)
    there = _there(pieces)
    found = [_net(pieces, there, vocabulary, embedding, filters, dropout, classes) for _ in range(nets)]
    each = ops.stack(found or [ops.zeros_like(linear)], axis=1)
    each = keras.layers.Identity(name=EACH)(each)
    outputs = {"linear": linear, "nets": ops.mean(each, axis=1)}
    return keras.Model({"grams": grams, "pieces": pieces}, outputs, name="network")


def _net(pieces: Any, there: Any, vocabulary: int, embedding: int, filters: int, dropout: float, classes: int) -> Any:
    # What stands for nothing stays nothing: an answer does not depend on how far a batch is filled up.
    x = keras.layers.Embedding(vocabulary, embedding)(pieces) * there
    x = keras.layers.SpatialDropout1D(0.3)(x)
    found = []
    for width in WIDTHS:
        read = keras.layers.Conv1D(filters, width, padding="same", activation="relu")(x)
        found.append(ops.max(read * there, axis=1))
    return keras.layers.Dense(classes)(keras.layers.Dropout(dropout)(ops.concatenate(found, axis=-1)))


def _there(numbers: Any) -> Any:
    return ops.cast(ops.not_equal(numbers, 0), "float32")[..., None]
