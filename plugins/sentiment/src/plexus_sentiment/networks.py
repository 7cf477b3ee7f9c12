"""N-grams that vote, beside nets that read."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

WIDTHS = (1, 2, 3)
VOTES, EACH = "votes", "each"


Reader = Callable[[Any, Any], Any]
"""From pieces `(n, any)`, and 1 where there is one `(n, any, 1)`, to features `(n, features)`."""


def make_network(buckets: int, classes: int, readers: Sequence[Reader], dropout: float) -> keras.Model:
    """The network: `grams` and `pieces` `(n, any)`, 0 for nothing, to logits.

    They are `linear` `(n, classes)` and `nets` `(n, nets, classes)`: each bucket of n-grams has a vote for each class
    (of two, for the first: the other has its opposite), and a text the sum of its votes; beside it stand nets that
    read, each for itself.
    """
    grams = keras.Input((None,), name="grams", dtype="int32")
    pieces = keras.Input((None,), name="pieces", dtype="int32")
    columns = classes if classes > 2 else 1
    votes = keras.layers.Embedding(buckets + 1, columns, embeddings_initializer="zeros", trainable=False, name=VOTES)
    linear = ops.sum(votes(grams) * _there(grams), axis=1)
    if columns == 1:
        linear = ops.concatenate([linear, -linear], axis=-1)
    features = [keras.layers.Dropout(dropout)(read(pieces, _there(pieces))) for read in readers]
    each = ops.stack([keras.layers.Dense(classes)(found) for found in features], axis=1)
    each = keras.layers.Identity(name=EACH)(each)
    return keras.Model({"grams": grams, "pieces": pieces}, {"linear": linear, "nets": each}, name="network")


def convolutional_reader(vocabulary: int, embedding: int, filters: int) -> Reader:
    """The strongest sign of each filter anywhere in the text (Kim 2014, arXiv:1408.5882)."""

    def read(pieces: Any, there: Any) -> Any:
        # What stands for nothing stays nothing: an answer does not depend on how far a batch is filled up.
        x = keras.layers.Embedding(vocabulary, embedding)(pieces) * there
        x = keras.layers.SpatialDropout1D(0.3)(x)
        convolutions = [keras.layers.Conv1D(filters, width, padding="same", activation="relu") for width in WIDTHS]
        return ops.concatenate([ops.max(convolution(x) * there, axis=1) for convolution in convolutions], axis=-1)

    return read


def _there(numbers: Any) -> Any:
    return ops.cast(ops.not_equal(numbers, 0), "float32")[..., None]
