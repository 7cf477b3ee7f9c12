"""The pretrained speech embedding of Lin et al. 2020 (arXiv:2002.01322), as Keras layers.

Google trained it to classify keywords spoken by many speakers. The weights are those of `google/speech_embedding/1` of
TensorFlow Hub, which Google publishes under the Apache License 2.0. Changes: batch normalization is folded into the
convolutions, and the weights are rounded to float16. `benchmarks/speech_embedding.py` writes the file.
"""

from importlib.resources import files

import keras
import numpy as np
from keras import layers, ops

from plexus_speech.filterbank import interpolation_matrix
from plexus_speech.spectrogram import SILENCE

WEIGHTS_FILE = "speech_embedding.npz"
EMBEDDING_BANDS, MIN_HERTZ, MAX_HERTZ = 32, 60.0, 3800.0
"""Number of mel bands of the embedding's input, and their lowest and highest frequency in hertz."""
SPEECH_LEVEL = 6.0
"""Value of the embedding's input where there is speech; silence is 4 lower."""
RECEPTIVE_FRAMES, STRIDE, DIMENSIONS = 76, 8, 96
"""Frames of 10 ms that one step of the embedding depends on, frames between two steps, and features per step."""
PADDING = 50
"""Frames of silence that are added before and after a recording for the embedding."""
FEATURE_MAP_STRIDE, FEATURE_MAP_PADDING = 4, 26
"""Frames between two steps of the last feature maps, and padding with which `n` frames give `n / 4` steps."""
NEGATIVE_SLOPE, MIN_ACTIVATION = 0.2, -0.4
"""The activation: a leaky ReLU, clipped from below."""
BLOCKS = (
    (((3, 3), (1, 3), (3, 1)), 24, (2, 2)),
    (((1, 3), (3, 1)) * 2, 48, (1, 2)),
    (((1, 3), (3, 1)) * 2, 72, (2, 2)),
    (((1, 3), (3, 1)) * 2, 96, (1, 2)),
    (((1, 3), (3, 1)) * 2, 96, (2, 2)),
)
"""Kernels over time and frequency, channels, and pooling over time and frequency of each block."""


def pretrained_embeddings(sound: keras.KerasTensor, rate: int) -> keras.KerasTensor:
    """Apply the pretrained embedding with frozen weights.

    Args:
        sound: Compressed spectrograms of shape `(n, frames, BANDS)`.
        rate: Sampling rate in hertz.

    Returns:
        Embeddings of shape `(n, (frames + 2 * PADDING - RECEPTIVE_FRAMES) // STRIDE + 1, DIMENSIONS)`.
    """
    return _frozen(build_embedding(), "embedding")(to_embedding_bands(sound, rate, PADDING))


def pretrained_feature_maps(sound: keras.KerasTensor, rate: int) -> keras.KerasTensor:
    """Apply the pretrained embedding up to its last feature maps, which have a finer resolution in time.

    Args:
        sound: Compressed spectrograms of shape `(n, frames, BANDS)`; frames are a multiple of `FEATURE_MAP_STRIDE`.
        rate: Sampling rate in hertz.

    Returns:
        Features of shape `(n, frames / FEATURE_MAP_STRIDE, 2 * DIMENSIONS)`.
    """
    return _frozen(build_embedding(), "feature_maps")(to_embedding_bands(sound, rate, FEATURE_MAP_PADDING))


def build_embedding() -> keras.Model:
    """Build the embedding with its pretrained weights.

    Returns:
        A network from logarithmic mel spectrograms of shape `(n, frames, EMBEDDING_BANDS)`, with at least
        `RECEPTIVE_FRAMES` frames, to `embedding` of shape `(n, (frames - RECEPTIVE_FRAMES) // STRIDE + 1, DIMENSIONS)`
        and the last `feature_maps` before, flattened to `(n, any, 2 * DIMENSIONS)`.
    """
    mel = keras.Input((None, EMBEDDING_BANDS), name="mel")
    x = maps = layers.Reshape((-1, EMBEDDING_BANDS, 1))(mel)
    for kernels, channels, pooling in BLOCKS:
        for kernel in kernels:
            padded = layers.ZeroPadding2D((0, kernel[1] // 2))(x)
            x = maps = _activate(layers.Conv2D(channels, kernel)(padded))
        x = layers.MaxPooling2D(pooling)(x)
    x = layers.Conv2D(DIMENSIONS, (3, 1), use_bias=False)(x)
    outputs = {
        "embedding": layers.Reshape((-1, DIMENSIONS))(x),
        "feature_maps": layers.Reshape((-1, maps.shape[2] * DIMENSIONS))(maps),
    }
    network = keras.Model(mel, outputs)
    network.set_weights(_read_weights())
    return network


def _frozen(embedding: keras.Model, output: str) -> keras.Model:
    network = keras.Model(embedding.input, embedding.output[output], name="speech_embedding")
    network.trainable = False
    return network


def to_embedding_bands(sound: keras.KerasTensor, rate: int, padding: int) -> keras.KerasTensor:
    """Interpolate compressed spectrograms in the bands of the embedding, at its level of speech.

    Args:
        sound: Compressed spectrograms of shape `(n, frames, BANDS)`.
        rate: Sampling rate in hertz. Bands above the highest of the spectrograms are silent.
        padding: Frames of silence to add before and after.

    Returns:
        Shape `(n, frames + 2 * padding, EMBEDDING_BANDS)`.
    """
    import librosa

    frequencies = librosa.mel_frequencies(EMBEDDING_BANDS + 2, fmin=MIN_HERTZ, fmax=MAX_HERTZ, htk=True)[1:-1]
    is_recorded = frequencies < rate / 2
    mel = ops.matmul(sound, interpolation_matrix(rate, frequencies) * is_recorded)
    mel += np.where(is_recorded, 0, SILENCE).astype(np.float32)
    return ops.pad(mel, ((0, 0), (padding, padding), (0, 0)), constant_values=SILENCE) + SPEECH_LEVEL


def _activate(x: keras.KerasTensor) -> keras.KerasTensor:
    return ops.maximum(ops.leaky_relu(x, NEGATIVE_SLOPE), MIN_ACTIVATION)


def _read_weights() -> list[np.ndarray]:
    with (files("plexus_speech") / WEIGHTS_FILE).open("rb") as file, np.load(file) as arrays:
        return [arrays[name].astype(np.float32) for name in arrays.files]
