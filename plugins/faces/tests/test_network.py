"""The network of `--weights none` and its fit."""

import keras
import numpy as np
import pytest

from plexus.inference.onnx import OnnxPredictor
from plexus.training.export import export_onnx, save_keras
from plexus_faces.network import FEATURES, GradientHistograms, build_network
from plexus_faces.options import RecognizeOptions
from plexus_faces.whitening import fit_whitening


@pytest.fixture
def chips():
    noise = np.random.default_rng(0).normal(size=(4, 10, 10, 3))
    smooth = np.kron(noise, np.ones((1, 15, 15, 1)))
    return np.clip(128 + 40 * smooth, 0, 255).astype(np.uint8)


def features(chips):
    return np.asarray(GradientHistograms()(chips))


def test_features_of_a_mirror_image_are_equal(chips):
    np.testing.assert_allclose(features(chips[:, :, ::-1]), features(chips), atol=1e-5)


def test_brightness_and_contrast_do_not_change_the_features(chips):
    changed = 0.5 * chips.astype(np.float32) + 20
    np.testing.assert_allclose(features(changed), features(chips), atol=2e-3)


def test_a_ramp_has_gradients_in_one_direction():
    ramp = np.broadcast_to(np.arange(150, dtype=np.float32)[:, None, None], (1, 150, 150, 3))
    by_direction = features(ramp).reshape(10, 5, 12)
    assert (by_direction.argmax(axis=-1) == 3).all()  # brighter downwards: a right angle of 12 directions


def test_an_empty_image_has_finite_features():
    assert np.isfinite(features(np.zeros((1, 150, 150, 3), np.uint8))).all()


@pytest.mark.slow
def test_keras_file_and_onnx_file_give_the_same_embeddings(chips, tmp_path):
    network = build_network(RecognizeOptions.parse({"weights": "none"}))
    expected = network.predict({"face": chips}, verbose=0)["embedding"]
    save_keras(network, tmp_path / "network.keras")
    export_onnx(tmp_path / "network.keras", tmp_path / "network.onnx", "plexus_faces")
    result = OnnxPredictor({"network": tmp_path / "network.onnx"})({"face": chips})["embedding"]
    np.testing.assert_allclose(result, expected, atol=1e-5)
    assert result.shape == (4, FEATURES)
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded.predict({"face": chips}, verbose=0)["embedding"], expected)


def test_whitening_makes_the_covariance_within_a_person_a_multiple_of_the_identity():
    generator = np.random.default_rng(0)
    persons = np.repeat(np.array(["a", "b", "c", "d"]), 500)
    scales = np.array([0.9, 1.0, 1.1])
    features = generator.normal(size=(2000, 3)) * scales + 20 * generator.normal(size=(4, 3)).repeat(500, axis=0)
    kernel, bias = fit_whitening(features, persons)
    result = features @ kernel + bias
    np.testing.assert_allclose(result.mean(axis=0), 0, atol=1e-3)
    residuals = result - np.stack([result[persons == person].mean(axis=0) for person in "abcd"]).repeat(500, axis=0)
    np.testing.assert_allclose(residuals.T @ residuals / 2000, np.eye(3), atol=0.04)


def test_whitening_of_one_image_per_person_is_finite():
    kernel, bias = fit_whitening(np.random.default_rng(0).normal(size=(5, 3)), np.arange(5))
    assert np.isfinite(kernel).all()
    assert np.isfinite(bias).all()
