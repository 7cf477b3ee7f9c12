"""Builds the Keras network: a linear classifier of n-grams and an ensemble of networks over tokens, in one graph."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import layers, ops

from plexus.options import resolved
from plexus_sentiment.codec import TextCodec
from plexus_sentiment.options import ClassifyOptions
from plexus_sentiment.pretrained import pretrained_encoder

TOKEN_DROPOUT = 0.3
NGRAM_WEIGHTS = "ngram_weights"

Encoder = Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]
"""From tokens of shape `(n, width)` and their mask of shape `(n, width, 1)` to features of shape `(n, features)`."""


def build_network(codec: TextCodec, options: ClassifyOptions) -> keras.Model:
    """Build the network of one window of a text.

    Args:
        codec: The fitted codec.
        options: The resolved options.

    Returns:
        A network from `grams` and `pieces`, integers of shape `(n, width)` padded with 0, to `linear`, logits of shape
        `(n, labels)`, and `nets`, logits of shape `(n, networks, labels)`.

    Raises:
        InputError: If the preset cannot be loaded.
    """
    grams = keras.Input((None,), name="grams", dtype="int32")
    pieces = keras.Input((None,), name="pieces", dtype="int32")
    linear = _linear_logits(grams, codec.ngrams.buckets, len(codec.labels))
    features = [layers.Dropout(options.dropout)(encode(pieces, _mask(pieces))) for encode in _encoders(codec, options)]
    ensemble = ops.stack([layers.Dense(len(codec.labels))(each) for each in features], axis=1)
    return keras.Model({"grams": grams, "pieces": pieces}, {"linear": linear, "nets": ensemble}, name="network")


def assign_ngram_weights(network: keras.Model, weights: np.ndarray) -> None:
    """Assign the weights of the linear classifier, which no gradient reaches.

    Args:
        network: The result of `build_network`.
        weights: The result of `fit_nb_svm`.
    """
    network.get_layer(NGRAM_WEIGHTS).embeddings.assign(weights)


def convolutional_encoder(vocabulary_size: int, embedding_size: int, filters: int, widths: Sequence[int]) -> Encoder:
    """Return an encoder by convolutions and pooling over time.

    The features are the maxima (Kim 2014, arXiv:1408.5882, section 2), and the sums divided by the square root of the
    number of tokens (Cer et al. 2018, arXiv:1803.11175, section 3.1).

    Args:
        vocabulary_size: Number of tokens.
        embedding_size: Units of a token's embedding.
        filters: Filters of each kernel width.
        widths: Kernel widths in tokens.

    Returns:
        The encoder; each call has weights of its own.
    """

    def encode(tokens: keras.KerasTensor, mask: keras.KerasTensor) -> keras.KerasTensor:
        # Padding is masked before and after the convolutions, so that it does not change the features.
        x = layers.Embedding(vocabulary_size, embedding_size)(tokens) * mask
        x = layers.SpatialDropout1D(TOKEN_DROPOUT)(x)
        convolutions = [layers.Conv1D(filters, width, padding="same", activation="relu") for width in widths]
        features = [convolution(x) * mask for convolution in convolutions]
        scale = ops.sqrt(ops.maximum(ops.sum(mask, axis=1), 1))
        maxima, sums = [ops.max(each, axis=1) for each in features], [ops.sum(each, axis=1) for each in features]
        return ops.concatenate([*maxima, *(each / scale for each in sums)], axis=-1)

    return encode


def _linear_logits(grams: keras.KerasTensor, buckets: int, classes: int) -> keras.KerasTensor:
    """Sum the weights of the n-grams; of two classes, the second has the opposite logit."""
    columns = classes if classes > 2 else 1
    embedding = layers.Embedding(
        buckets + 1, columns, embeddings_initializer="zeros", trainable=False, name=NGRAM_WEIGHTS
    )
    logits = ops.sum(embedding(grams) * _mask(grams), axis=1)
    return ops.concatenate([logits, -logits], axis=-1) if columns == 1 else logits


def _encoders(codec: TextCodec, options: ClassifyOptions) -> list[Encoder]:
    if options.preset is not None:
        return [pretrained_encoder(options.preset)]
    widths = [int(width) for width in resolved(options.kernel_widths).split(",")]
    embedding_size, filters = resolved(options.embedding_size), resolved(options.filters)
    encoder = convolutional_encoder(codec.vocabulary_size, embedding_size, filters, widths)
    return [encoder] * (options.nets or 1)


def _mask(indices: keras.KerasTensor) -> keras.KerasTensor:
    return ops.cast(ops.not_equal(indices, 0), "float32")[..., None]
