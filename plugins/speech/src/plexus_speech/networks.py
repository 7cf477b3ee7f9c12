"""Networks that hear."""

from typing import Any

import keras
from keras import layers, ops

from plexus_speech.features import BANDS, band_warp

ONE = "one_tract"
"""The name of the network within the network."""
MOMENTUM = 0.95
"""Of the statistics of normalization: short trainings end before those of Keras's default are settled."""
TRACTS = (0.84, 0.92, 1.0, 1.08, 1.18)
"""Lengths of the vocal tract for which each sound is heard."""


def word_network(frames: int, outputs: int, channels: int, dropout: float, rate: int) -> keras.Model:
    """A spectrogram to logits, the mean over several lengths of the speaker's vocal tract.

    Which one a speaker has cannot be known from a word: each is tried, as vocal tract length normalisation does (Lee &
    Rose 1998), and their opinions are averaged. What is trained is the network `ONE` in it.

    Args:
        frames: of a window; outputs: words, and one for none of them.
        channels: of the first convolution.
        rate: samples a second, on which the bands depend.
    """
    one = _one_tract(frames, outputs, channels, dropout)
    sound = keras.Input((frames, BANDS), name="sound")
    each = ops.stack([ops.matmul(sound, band_warp(rate, tract)) for tract in TRACTS], axis=1)
    logits = one({"sound": ops.reshape(each, (-1, frames, BANDS))})["logits"]
    return keras.Model({"sound": sound}, {"logits": ops.mean(ops.reshape(logits, (-1, len(TRACTS), outputs)), axis=1)})


def _one_tract(frames: int, outputs: int, channels: int, dropout: float) -> keras.Model:
    """Logits by what is heard anywhere in the window, on average and at most."""
    sound = keras.Input((frames, BANDS), name="sound")
    x = hearing(sound, channels, dropout, stride=4)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])
    logits = layers.Dense(outputs, name="logits")(layers.Dropout(dropout)(x))
    return keras.Model({"sound": sound}, {"logits": logits}, name=ONE)


def letter_network(letters: int, channels: int, dropout: float) -> keras.Model:
    """A spectrogram of any length to logits of letters, and of the blank before them, every other frame."""
    sound = keras.Input((None, BANDS), name="sound")
    x = hearing(sound, channels, dropout, stride=2)
    for dilation in (1, 2, 4):
        x = layers.Add()([x, _in_time(layers.SpatialDropout1D(dropout / 2)(x), x.shape[-1], 5, dilation)])
    logits = layers.Dense(1 + letters, name="logits")(layers.Dropout(dropout)(x))
    return keras.Model({"sound": sound}, {"logits": logits})


def hearing(sound: Any, channels: int, dropout: float, stride: int) -> Any:
    """Convolutions over time and frequency, so that a voice may be higher or lower, then over time alone.

    Args:
        sound: `(n, frames, BANDS)`.
        channels: of the first; later ones have up to three times as many.
        stride: frames to one of the result, 2 or 4.

    Returns:
        `(n, frames / stride, 6 * channels)`.
    """
    across = 2 if stride == 4 else 1
    x = layers.Reshape((-1, BANDS, 1))(sound)
    x = _convolution(x, channels, 5, strides=2)
    x = _convolution(x, channels, 3)
    x = layers.MaxPooling2D((across, 2))(x)
    x = layers.SpatialDropout2D(dropout / 2)(_convolution(x, 2 * channels, 3))
    x = layers.MaxPooling2D((1, 2))(_convolution(x, 2 * channels, 3))
    x = layers.SpatialDropout2D(dropout / 2)(_convolution(x, 3 * channels, 3))
    x = _convolution(x, 3 * channels, 3)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)
    return _in_time(x, 6 * channels, 3)


def _in_time(x: Any, channels: int, size: int, dilation: int = 1) -> Any:
    x = layers.Conv1D(channels, size, padding="same", dilation_rate=dilation, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))


def _convolution(x: Any, channels: int, size: int, strides: int = 1) -> Any:
    x = layers.Conv2D(channels, size, strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
