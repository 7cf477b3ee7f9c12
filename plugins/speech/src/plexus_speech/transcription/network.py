"""The acoustic model of transcription."""

import keras
from keras import layers

from plexus_speech.network import MOMENTUM, convolutional_features, temporal_convolution
from plexus_speech.spectrogram import BANDS
from plexus_speech.speech_embedding import DIMENSIONS, FEATURE_MAP_STRIDE, pretrained_feature_maps
from plexus_speech.transcription.codec import STRIDE

DILATIONS = (1, 2, 4)
FILTER_STEPS = 5
"""Steps of the dilated convolutions' filters."""


def build_embedding_network(letters: int, dropout: float, rate: int) -> keras.Model:
    """Build the network for letters on the feature maps of the pretrained speech embedding, which are not trained.

    Args:
        letters: Letters of the alphabet.
        dropout: Dropout rate.
        rate: Sampling rate in hertz, on which the frequencies of the bands depend.

    Returns:
        A network from `sound` of shape `(n, any, BANDS)` to `logits` of shape `(n, steps, 1 + letters)`, one step for
        `STRIDE` frames; the first logit is the blank.
    """
    sound = keras.Input((None, BANDS), name="sound")
    x = layers.UpSampling1D(FEATURE_MAP_STRIDE // STRIDE)(pretrained_feature_maps(sound, rate))
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    x = temporal_convolution(layers.SpatialDropout1D(dropout / 2)(x), DIMENSIONS, 3)
    return _add_letters(sound, x, letters, dropout)


def build_convolutional_network(letters: int, channels: int, dropout: float) -> keras.Model:
    """Build the network for letters that is trained from random weights: convolutions over time and frequency.

    Args:
        letters: Letters of the alphabet.
        channels: Channels of the first convolution.
        dropout: Dropout rate.

    Returns:
        As `build_embedding_network`.
    """
    sound = keras.Input((None, BANDS), name="sound")
    x = convolutional_features(sound, channels, dropout, stride=STRIDE)
    return _add_letters(sound, x, letters, dropout)


def _add_letters(sound: keras.KerasTensor, x: keras.KerasTensor, letters: int, dropout: float) -> keras.Model:
    """Add residual dilated convolutions over time, and the logits."""
    for dilation in DILATIONS:
        dropped = layers.SpatialDropout1D(dropout / 2)(x)
        x = layers.Add()([x, temporal_convolution(dropped, x.shape[-1], FILTER_STEPS, dilation)])
    logits = layers.Dense(1 + letters, name="logits")(layers.Dropout(dropout)(x))
    return keras.Model({"sound": sound}, {"logits": logits})
