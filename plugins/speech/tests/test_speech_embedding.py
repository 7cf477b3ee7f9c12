"""The pretrained speech embedding, and the networks on it."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

import plexus
from plexus import Findings, SupervisedDataset
from plexus.plugins.registry import registry
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.options import CommandOptions
from plexus_speech.spectrogram import BANDS, SILENCE, compress, power_spectrogram
from plexus_speech.speech_embedding import (
    DIMENSIONS,
    EMBEDDING_BANDS,
    RECEPTIVE_FRAMES,
    SPEECH_LEVEL,
    STRIDE,
    build_embedding,
    pretrained_embeddings,
    pretrained_feature_maps,
    to_embedding_bands,
)

RATE = 8_000


@pytest.fixture(scope="module")
def embedding():
    return build_embedding()


@pytest.fixture(scope="module")
def mel():
    """A smooth spectrogram of two steps."""
    frames, bands = np.arange(RECEPTIVE_FRAMES + STRIDE)[:, None], np.arange(EMBEDDING_BANDS)
    return (6 + np.sin(frames / 5) + np.cos(bands / 3 + frames / 11)).astype(np.float32)[None]


def test_the_embedding_is_that_of_the_original_weights(embedding, mel):
    # Computed by ONNX Runtime with `embedding_model.onnx` of openwakeword 0.5.1, whose weights have 32 bits.
    expected = [[-8.887, 27.611, -7.187, 8.856, 9.545, 28.487], [-14.060, 17.694, -0.827, 8.620, 5.818, 20.412]]
    computed = embedding.predict(mel, verbose=0)["embedding"]
    assert computed.shape == (1, 2, DIMENSIONS)
    np.testing.assert_allclose(computed[0, :, :6], expected, atol=0.3)  # the standard deviation is 15


def test_a_step_sees_its_frames_alone(embedding, mel):
    other = mel.copy()
    other[:, -STRIDE:] = 0
    first, second = (embedding.predict(array, verbose=0)["embedding"][0] for array in (mel, other))
    np.testing.assert_allclose(first[0], second[0], atol=1e-4)
    assert np.abs(first[1] - second[1]).max() > 1


def test_the_pretrained_weights_are_not_trained():
    sound = keras.Input((72, BANDS))
    network = keras.Model(sound, pretrained_embeddings(sound, RATE))
    assert network.trainable_variables == []
    assert network.count_params() == 328_128


@pytest.mark.parametrize("frames", [96, 128, 320])
def test_steps_belong_to_four_frames(frames):
    sound = keras.Input((None, BANDS))
    network = keras.Model(sound, pretrained_feature_maps(sound, RATE))
    sounds = np.full((2, frames, BANDS), SILENCE, np.float32)
    sounds[1, frames // 2 : frames // 2 + 4] = 0
    silence, click = network.predict(sounds, verbose=0)
    assert len(silence) == frames / 4
    first, *_, last = np.flatnonzero((click != silence).any(axis=1))
    assert abs((first + last) / 2 - frames / 8) <= 1.5


def test_frequencies_are_those_of_the_recording():
    """The loudest of the bands that the embedding gets does not depend on the sampling rate."""
    loudest = []
    for rate in (8_000, 16_000, 44_100):
        tone = np.sin(2 * np.pi * 1200 * np.arange(rate) / rate).astype(np.float32)
        sound = compress(power_spectrogram(tone, rate) @ MelFilterbank.fit(rate).weights)[None]
        inputs = keras.Input((None, BANDS))
        network = keras.Model(inputs, to_embedding_bands(inputs, rate, padding=0))
        loudest.append(network.predict(sound, verbose=0)[0].mean(axis=0).argmax())
    assert max(loudest) - min(loudest) <= 1


def test_bands_above_those_of_the_recording_are_silent():
    sound, inputs = np.zeros((1, 10, BANDS), np.float32), keras.Input((None, BANDS))
    speech, silence = SPEECH_LEVEL, SPEECH_LEVEL + SILENCE
    for rate, recorded in ((4_000, 23), (8_000, 32)):
        network = keras.Model(inputs, to_embedding_bands(inputs, rate, padding=0))
        bands = network.predict(sound, verbose=0)[0, 0]
        np.testing.assert_allclose(bands, [speech] * recorded + [silence] * (EMBEDDING_BANDS - recorded), atol=1e-5)


def test_channels_are_those_of_the_convolutional_network():
    with pytest.raises(plexus.InputError, match="channels 8 is for --network convolutional"):
        CommandOptions.parse({"channels": 8})
    with pytest.raises(plexus.InputError, match="channels 8 is for --network convolutional"):
        CommandOptions.parse({"channels": 8, "network": "embedding"})
    assert CommandOptions.parse({"channels": 8, "network": "convolutional"}).channels == 8


@pytest.mark.parametrize(("words", "network"), [(1, "embedding"), (2, "convolutional")])
def test_the_network_for_texts_depends_on_their_words(words, network):
    task = registry().task("speech.transcribe")
    options = task.options.parse({"data": "spoken-strings"})
    whole = task.load_dataset(options)
    train = replace(whole["train"], targets=[" ".join([text] * words) for text in whole["train"].targets])
    dataset = SupervisedDataset({"train": train, "val": whole["val"], "test": whole["test"]}, 0, Findings())
    codec = task.fit_codec(dataset, options)
    assert codec.network == task.resolve_options(dataset, codec, options)["network"] == network
    stated = task.options.parse({"data": "spoken-strings", "network": "convolutional"})
    assert task.fit_codec(dataset, stated).network == "convolutional"


@pytest.mark.slow
@pytest.mark.parametrize("id", ["speech.commands", "speech.transcribe"])
def test_a_network_on_embeddings_through_export(id, tmp_path):
    options = dict(registry().task(id).trial_options) | {"network": "embedding", "epochs": 2}
    del options["channels"]
    bundle = plexus.train(id, run=tmp_path / "run", **options)
    network = keras.saving.load_model(bundle.folder / "network.keras", compile=False)
    weights = network.get_layer("speech_embedding").get_weights()
    for trained, pretrained in zip(weights, build_embedding().get_weights(), strict=False):
        np.testing.assert_array_equal(trained, pretrained)
    assert "Apache License 2.0" in (bundle.folder / "README.md").read_text()
    assert Path(bundle.folder / "network.onnx").stat().st_size < 3_000_000
