"""The pretrained speech embedding of Lin et al. 2020 (arXiv:2002.01322), as layers of Keras.

Google trained it to recognize keywords of many speakers. The weights are those of `google/speech_embedding/1` of
TensorFlow Hub, which Google publishes under the Apache License 2.0. They are changed: batch normalization is part of
the kernels, and they are rounded to 16 bits. `benchmarks/speech_embedding.py` writes the file.
"""

from importlib.resources import as_file, files

import keras
import numpy as np
from keras import layers, ops

from plexus_speech.filterbank import interpolation_matrix
from plexus_speech.spectrogram import SILENCE

WEIGHTS_FILE = "speech_embedding.npz"
EMBEDDING_BANDS, MIN_HERTZ, MAX_HERTZ = 32, 60.0, 3800.0
"""Mel bands of its spectrograms."""
SPEECH_LEVEL = 6.0
"""Logarithm to base 10 of the power of speech in its spectrograms."""
RECEPTIVE_FRAMES, STRIDE, DIMENSIONS = 76, 8, 96
"""Frames of 10 ms that one step of the embedding sees, frames between two steps, and numbers of a step."""
MAPS_STRIDE, MAPS_MARGIN = 4, 26
"""Frames between two steps of the last maps, and frames before and after a recording that those maps need."""
MARGIN = 50
"""Frames of silence that are added before and after a word."""
NEGATIVE_SLOPE, MINIMUM = 0.2, -0.4
"""Its activation: a leaky ReLU that is cut off."""
BLOCKS = (
    (((3, 3), (1, 3), (3, 1)), 24, (2, 2)),
    (((1, 3), (3, 1)) * 2, 48, (1, 2)),
    (((1, 3), (3, 1)) * 2, 72, (2, 2)),
    (((1, 3), (3, 1)) * 2, 96, (1, 2)),
    (((1, 3), (3, 1)) * 2, 96, (2, 2)),
)
"""Kernels over time and frequency, channels, and pooling over time and frequency of each block."""


def embed_word(sound: keras.KerasTensor, rate: int) -> keras.KerasTensor:
    """Add the pretrained embedding, whose weights are not trained, to the spectrogram of a word.

    Args:
        sound: Compressed spectrograms of shape `(n, frames, BANDS)`.
        rate: Sampling rate in hertz.

    Returns:
        Embeddings of shape `(n, steps, DIMENSIONS)`, one step for `STRIDE` frames.
    """
    return _frozen(build_embedding(), "embedding")(to_embedding_bands(sound, rate, MARGIN))


def embed_steps(sound: keras.KerasTensor, rate: int) -> keras.KerasTensor:
    """Add the pretrained embedding without its last layers, which tell letters apart in time.

    Args:
        sound: Compressed spectrograms of shape `(n, frames, BANDS)`; frames are a multiple of `MAPS_STRIDE`.
        rate: Sampling rate in hertz.

    Returns:
        Features of shape `(n, frames / MAPS_STRIDE, 2 * DIMENSIONS)`.
    """
    return _frozen(build_embedding(), "maps")(to_embedding_bands(sound, rate, MAPS_MARGIN))


def build_embedding() -> keras.Model:
    """Build the embedding with its pretrained weights.

    Returns:
        A network from logarithmic mel spectrograms of shape `(n, frames, EMBEDDING_BANDS)`, with at least
        `RECEPTIVE_FRAMES` frames, to `embedding` of shape `(n, (frames - RECEPTIVE_FRAMES) // STRIDE + 1, DIMENSIONS)`
        and the last `maps` before, flattened to `(n, any, 2 * DIMENSIONS)`.
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
        "maps": layers.Reshape((-1, maps.shape[2] * DIMENSIONS))(maps),
    }
    network = keras.Model(mel, outputs)
    network.set_weights(_read_weights())
    return network


def _frozen(embedding: keras.Model, output: str) -> keras.Model:
    network = keras.Model(embedding.input, embedding.output[output], name="speech_embedding")
    network.trainable = False
    return network


def to_embedding_bands(sound: keras.KerasTensor, rate: int, margin: int) -> keras.KerasTensor:
    """Interpolate compressed spectrograms in the bands of the embedding, at its level of speech.

    Args:
        sound: Compressed spectrograms of shape `(n, frames, BANDS)`.
        rate: Sampling rate in hertz.
        margin: Frames of silence to add before and after.

    Returns:
        Shape `(n, frames + 2 * margin, EMBEDDING_BANDS)`.
    """
    import librosa

    frequencies = librosa.mel_frequencies(EMBEDDING_BANDS + 2, fmin=MIN_HERTZ, fmax=MAX_HERTZ, htk=True)[1:-1]
    mel = ops.matmul(sound, interpolation_matrix(rate, frequencies))
    return ops.pad(mel, ((0, 0), (margin, margin), (0, 0)), constant_values=SILENCE) + SPEECH_LEVEL


def _activate(x: keras.KerasTensor) -> keras.KerasTensor:
    return ops.maximum(ops.leaky_relu(x, NEGATIVE_SLOPE), MINIMUM)


def _read_weights() -> list[np.ndarray]:
    with as_file(files("plexus_speech") / WEIGHTS_FILE) as path, np.load(path) as arrays:
        return [arrays[name].astype(np.float32) for name in arrays.files]
