"""The acoustic model of transcription."""

import keras
from keras import layers

from plexus_speech.network import convolutional_features, temporal_convolution
from plexus_speech.spectrogram import BANDS

DILATIONS = (1, 2, 4)
FILTER_STEPS = 5
"""Steps of the dilated convolutions' filters."""


def build_network(letters: int, channels: int, dropout: float) -> keras.Model:
    """Build the network for letters: convolutions, then residual dilated convolutions over time.

    Args:
        letters: Letters of the alphabet.
        channels: Channels of the first convolution.
        dropout: Dropout rate.

    Returns:
        A network from `sound` of shape `(n, any, BANDS)` to `logits` of shape `(n, steps, 1 + letters)`, one step for
        two frames; the first logit is the blank.
    """
    sound = keras.Input((None, BANDS), name="sound")
    x = convolutional_features(sound, channels, dropout, stride=2)
    for dilation in DILATIONS:
        dropped = layers.SpatialDropout1D(dropout / 2)(x)
        x = layers.Add()([x, temporal_convolution(dropped, x.shape[-1], FILTER_STEPS, dilation)])
    logits = layers.Dense(1 + letters, name="logits")(layers.Dropout(dropout)(x))
    return keras.Model({"sound": sound}, {"logits": logits})
