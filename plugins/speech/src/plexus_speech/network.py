"""Acoustic models: convolutional networks on mel spectrograms."""

import keras
from keras import layers, ops

from plexus_speech.filterbank import warp_matrix
from plexus_speech.spectrogram import BANDS
from plexus_speech.speech_embedding import DIMENSIONS, pretrained_embeddings

TRACT_NETWORK = "one_tract"
"""Name of the network for one length of the vocal tract, a layer of the convolutional network."""
WARPS = (0.84, 0.92, 1.0, 1.08, 1.18)
"""Frequency warps whose logits are averaged."""
MOMENTUM = 0.95
"""Momentum of batch normalization: with Keras's default the statistics of short trainings do not converge."""


def build_embedding_network(frames: int, labels: int, dropout: float, rate: int) -> keras.Model:
    """Build the network for words on pretrained speech embeddings, which the training does not change.

    Args:
        frames: Frames of a window.
        labels: Number of labels, `unknown` included.
        dropout: Dropout rate.
        rate: Sampling rate in hertz, on which the frequencies of the bands depend.

    Returns:
        A network from `sound` of shape `(n, frames, BANDS)` to `logits` of shape `(n, labels)`.
    """
    sound = keras.Input((frames, BANDS), name="sound")
    x = layers.BatchNormalization(momentum=MOMENTUM)(pretrained_embeddings(sound, rate))
    x = _pool(temporal_convolution(x, DIMENSIONS, 3))
    logits = layers.Dense(labels, name="logits")(layers.Dropout(dropout)(x))
    return keras.Model({"sound": sound}, {"logits": logits})


def build_convolutional_network(frames: int, labels: int, channels: int, dropout: float, rate: int) -> keras.Model:
    """Build the network for words that is trained from random weights, and averages over lengths of the vocal tract.

    Vocal tract length normalization (Lee & Rose 1998, doi:10.1109/89.650310) searches the length of each speaker; of
    a single word it cannot be estimated, so that the logits of several lengths are averaged.

    Args:
        frames: Frames of a window.
        labels: Number of labels, `unknown` included.
        channels: Channels of the first convolution.
        dropout: Dropout rate.
        rate: Sampling rate in hertz, on which the frequencies of the bands depend.

    Returns:
        A network from `sound` of shape `(n, frames, BANDS)` to `logits` of shape `(n, labels)`.
    """
    tract_network = _build_tract_network(frames, labels, channels, dropout)
    sound = keras.Input((frames, BANDS), name="sound")
    warped = ops.stack([ops.matmul(sound, warp_matrix(rate, warp)) for warp in WARPS], axis=1)
    logits = tract_network({"sound": ops.reshape(warped, (-1, frames, BANDS))})["logits"]
    mean = ops.mean(ops.reshape(logits, (-1, len(WARPS), labels)), axis=1)
    return keras.Model({"sound": sound}, {"logits": mean})


def tract_network(network: keras.Model) -> keras.Model:
    """Return the network for one length of the vocal tract, which is trained: augmentation varies the length.

    Args:
        network: The result of `build_convolutional_network`.

    Returns:
        A model that shares its weights. It is not the layer itself, which could not be loaded after it is compiled.
    """
    layer = network.get_layer(TRACT_NETWORK)
    return keras.Model(layer.input, layer.output)


def convolutional_features(sound: keras.KerasTensor, channels: int, dropout: float, stride: int) -> keras.KerasTensor:
    """Build convolutions over time and frequency, which tolerate higher and lower voices, then over time.

    Args:
        sound: Spectrograms of shape `(n, frames, BANDS)`.
        channels: Channels of the first convolution; later ones have up to three times as many.
        dropout: Dropout rate; the channels of the maps are dropped at half of it.
        stride: Frames per step of the result, 2 or 4.

    Returns:
        Features of shape `(n, frames / stride, 6 * channels)`.
    """
    time_pool = 2 if stride == 4 else 1
    x = layers.Reshape((-1, BANDS, 1))(sound)
    x = _convolution(x, channels, 5, strides=2)
    x = _convolution(x, channels, 3)
    x = layers.MaxPooling2D((time_pool, 2))(x)
    x = layers.SpatialDropout2D(dropout / 2)(_convolution(x, 2 * channels, 3))
    x = layers.MaxPooling2D((1, 2))(_convolution(x, 2 * channels, 3))
    x = layers.SpatialDropout2D(dropout / 2)(_convolution(x, 3 * channels, 3))
    x = _convolution(x, 3 * channels, 3)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    return temporal_convolution(x, 6 * channels, 3)


def temporal_convolution(x: keras.KerasTensor, channels: int, size: int, dilation: int = 1) -> keras.KerasTensor:
    """Add a convolution over time with batch normalization and ReLU.

    Args:
        x: Features of shape `(n, steps, any)`.
        channels: Number of filters.
        size: Steps of a filter.
        dilation: Distance of the steps of a filter.

    Returns:
        Features of shape `(n, steps, channels)`.
    """
    x = layers.Conv1D(channels, size, padding="same", dilation_rate=dilation, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))


def _build_tract_network(frames: int, labels: int, channels: int, dropout: float) -> keras.Model:
    sound = keras.Input((frames, BANDS), name="sound")
    x = _pool(convolutional_features(sound, channels, dropout, stride=4))
    logits = layers.Dense(labels, name="logits")(layers.Dropout(dropout)(x))
    return keras.Model({"sound": sound}, {"logits": logits}, name=TRACT_NETWORK)


def _pool(x: keras.KerasTensor) -> keras.KerasTensor:
    """Return mean and maximum over time."""
    return layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])


def _convolution(x: keras.KerasTensor, channels: int, size: int, strides: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(channels, size, strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
