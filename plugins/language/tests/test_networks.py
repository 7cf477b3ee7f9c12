"""The Transformer: the step with caches, and its ONNX files, compute what the training graph computes."""

import numpy as np
import pytest

from plexus.inference.onnx import OnnxPredictor
from plexus.training.export import export_onnx, save_keras
from plexus.training.keras_predictor import KerasPredictor
from plexus_language.learner import TranslationLearner
from plexus_language.networks import Architecture, build_network, export_networks

SIZES = Architecture(tokens=40, width=16, heads=2, hidden=32, encoder_layers=2, decoder_layers=2, dropout=0.1)
SIZE = SIZES.width // SIZES.heads


@pytest.fixture(scope="module")
def network():
    import keras

    keras.utils.set_random_seed(0)
    return build_network(SIZES)


@pytest.fixture(scope="module")
def inputs():
    generator = np.random.default_rng(0)
    source, target = (generator.integers(1, SIZES.tokens, (3, width)).astype(np.int32) for width in (7, 4))
    source[0, 5:] = 0
    return {"source": source, "target": target}


def check_steps(predictor, inputs, expected):
    """Check that the steps of two equal hypotheses have the log-probabilities of the training graph."""
    source = inputs["source"]
    cross = predictor({"source": source}, network="encoder")
    assert cross["cross_keys"].shape == (3, SIZES.decoder_layers, SIZES.heads, source.shape[1], SIZE)
    caches = {
        name: np.zeros((3, 2, SIZES.decoder_layers, SIZES.heads, 0, SIZE), np.float32) for name in ("keys", "values")
    }
    for step in range(inputs["target"].shape[1]):
        token = np.repeat(inputs["target"][:, step : step + 1], 2, axis=1)
        outputs = predictor({"source": source, "token": token, **cross, **caches}, network="decoder")
        caches = {name: outputs[f"new_{name}"] for name in caches}
        for beam in range(2):
            np.testing.assert_allclose(outputs["log_probabilities"][:, beam], expected[:, step], atol=1e-5)
        np.testing.assert_allclose(outputs["attention"].sum(axis=2), 1, atol=1e-5)
        assert np.abs(outputs["attention"][0, :, 5:]).max() < 1e-6
        assert caches["keys"].shape[4] == step + 1


@pytest.mark.slow
def test_steps_are_those_of_the_training_graph(network, inputs, tmp_path):
    from keras import ops

    expected = ops.convert_to_numpy(ops.log_softmax(network(inputs)["logits"]))
    networks = export_networks(network, SIZES)
    check_steps(KerasPredictor(networks), inputs, expected)
    files = {}
    for name, each in networks.items():
        save_keras(each, tmp_path / f"{name}.keras")
        files[name] = tmp_path / f"{name}.onnx"
        export_onnx(tmp_path / f"{name}.keras", files[name], "plexus_language")
    check_steps(OnnxPredictor(files), inputs, expected)


def test_padding_and_later_tokens_change_nothing(network, inputs):
    from keras import ops

    expected = ops.convert_to_numpy(network(inputs)["logits"])
    padded = {name: np.pad(values, ((0, 0), (0, 3))) for name, values in inputs.items()}
    logits = ops.convert_to_numpy(network(padded)["logits"])
    np.testing.assert_allclose(logits[:, : expected.shape[1]], expected, atol=1e-5)


def test_the_loss_is_smoothed_cross_entropy_without_padding(network, inputs):
    from keras import ops

    learner = TranslationLearner(network, smoothing=0.1)
    y = np.array([[5, 3, 0, 0], [7, 3, 0, 0], [9, 8, 7, 3]], np.int32)
    logits = ops.convert_to_numpy(learner(inputs))
    loss = float(learner.compute_loss(inputs, y, logits))
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    smooth = 0.9 * np.take_along_axis(logs, y[:, :, None], axis=2)[:, :, 0] + 0.1 * logs.mean(axis=2)
    assert loss == pytest.approx(-smooth[y > 0].mean(), rel=1e-5)
