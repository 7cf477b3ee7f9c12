"""Bundles with several networks."""

import json
import zipfile

import numpy as np
import pytest
from pydantic import Field

from plexus import InputError
from plexus.bundle import Bundle
from plexus.run import Run
from plexus.testing import Trial
from plexus.testing.bundle_checks import ROWS as ROWS_CHECKED
from plexus.testing.bundle_checks import check_onnx_equals_keras
from plexus.training.trainer import Trainer

ROWS = ["0111", "1000", "0000"]


class Chain:
    """A predictor whose encoder and decoder are computed one after the other."""

    def __init__(self, predictor):
        self.predictor = predictor

    def __call__(self, inputs, network="network"):
        return self.predictor(self.predictor(inputs, "encoder"), "decoder")


@pytest.fixture
def task(parity):
    import keras

    from plexus_parity.parity import Parity

    class EncodedParity(Parity):
        """The parity task with two networks."""

        def export_networks(self, network, codec, options):
            hidden = network.get_layer("dense").output
            embedding = keras.Input(hidden.shape[1:], name="embedding")
            return {
                "encoder": keras.Model(network.input, {"embedding": hidden}),
                "decoder": keras.Model({"embedding": embedding}, {"logits": network.get_layer("logits")(embedding)}),
            }

        def evaluate(self, predictor, dataset, codec, split):
            return super().evaluate(Chain(predictor), dataset, codec, split)

        def calibrate(self, predictor, dataset, codec):
            return super().calibrate(Chain(predictor), dataset, codec)

        def report(self, predictor, dataset, codec, folder):
            super().report(Chain(predictor), dataset, codec, folder)

        def predict(self, predictor, codec, inputs):
            return super().predict(Chain(predictor), codec, inputs)

    return EncodedParity("logic.encoded")


@pytest.mark.slow
def test_export_checksums_prediction_and_evaluation(task, tmp_path):
    run = Run.start(task.id, task.options.parse({"data": "4", "epochs": 20}), folder=tmp_path / "run")
    Trainer(task).train(run)
    bundle = Bundle.open(run.out, task)
    assert sorted(bundle.networks) == ["decoder", "encoder"]
    files = {f"{name}.{suffix}" for name in bundle.networks for suffix in ("keras", "onnx")}
    assert set(bundle.manifest["files"]) == files | {"README.md"}
    assert bundle.metrics["accuracy"] > 0.9
    assert bundle.evaluate()["scores"] == bundle.metrics
    assert [prediction.label for prediction in bundle.predict(ROWS)] == ["odd", "odd", "even"]
    inputs, outputs = bundle.predictor.signature("encoder")
    assert ([t.name for t in inputs], [t.name for t in outputs]) == (["bits"], ["embedding"])
    embedding = bundle.predictor(bundle.codec.encode(ROWS), "encoder")["embedding"]
    assert embedding.shape == (3, 64)
    _check_keras_files(bundle, embedding)
    for name in sorted(files):
        _check_changed_byte_is_refused(bundle, task, name)
    (bundle.folder / "encoder.onnx").unlink()
    with pytest.raises(InputError, match=r"encoder\.onnx is missing"):
        Bundle.open(bundle.folder, task)


def _check_keras_files(bundle, embedding):
    import keras

    decoder = keras.saving.load_model(bundle.folder / "decoder.keras")
    logits = bundle.predictor({"embedding": embedding}, "decoder")["logits"]
    np.testing.assert_allclose(decoder({"embedding": embedding})["logits"], logits, atol=1e-5)


def _check_changed_byte_is_refused(bundle, task, name):
    file = bundle.folder / name
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(InputError, match=rf"{name} was changed"):
        Bundle.open(bundle.folder, task)
    file.write_bytes(content)


@pytest.fixture
def frozen(parity):
    """A trial of a task whose only network has no trainable weights."""
    import keras

    from plexus_parity.parity import Parity, ParityOptions

    class FrozenOptions(ParityOptions):
        """Options of a task without training."""

        epochs: int = Field(0, ge=0, description="Not used.")

    class FrozenParity(Parity):
        """The parity of rows of bits with fixed weights: cos(pi * number of ones)."""

        options = FrozenOptions

        def build_network(self, codec, options):
            bits = keras.Input((codec.bits,), name="bits")
            ones = keras.layers.Dense(1, trainable=False, kernel_initializer="ones", name="ones")((bits + 1) / 2)
            cosine = keras.ops.cos(np.pi * ones)
            return keras.Model({"bits": bits}, {"logits": keras.ops.concatenate([cosine, -cosine], axis=1)})

    return FrozenParity("logic.parity")


@pytest.mark.slow
def test_a_network_without_trainable_weights_has_no_keras_file(frozen, tmp_path, monkeypatch):
    run = Run.start(frozen.id, frozen.options.parse({"data": "4"}), folder=tmp_path / "run")
    Trainer(frozen).train(run)
    assert sorted(file.name for file in run.out.iterdir()) == ["README.md", "bundle.json", "network.onnx"]
    trial = Trial("logic.parity", tmp_path)
    monkeypatch.setitem(vars(trial), "task", frozen)
    assert trial.bundle.metrics["accuracy"] == 1
    check_onnx_equals_keras(trial)
    monkeypatch.setattr(type(trial.bundle.predictor), "__call__", lambda *_: {"logits": np.zeros((ROWS_CHECKED, 2))})
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_onnx_equals_keras(trial)


@pytest.mark.slow
def test_a_missing_keras_file_of_a_network_with_trainable_weights_fails_the_check(parity, tmp_path):
    trial = Trial("logic.parity", tmp_path, data="4", epochs=1)
    (trial.bundle.folder / "network.keras").unlink()
    trial.bundle.manifest["files"].pop("network.keras")
    with pytest.raises(AssertionError, match=r"network: expected network\.keras, since it has trainable weights"):
        check_onnx_equals_keras(trial)


def test_a_manifest_without_names_has_one_network(task, tmp_path):
    """Bundles of earlier versions, whose only network is `network.onnx`."""
    assert Bundle(tmp_path, {}, task).networks == ["network"]


def test_a_saved_network_has_no_date(tmp_path):
    import keras

    from plexus.training.export import load_network, save_keras

    image = keras.Input((3,), name="x")
    network = keras.Model({"x": image}, {"y": keras.layers.Dense(2, name="dense")(image)})
    save_keras(network, tmp_path / "network.keras")
    with zipfile.ZipFile(tmp_path / "network.keras") as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert json.loads(archive.read("metadata.json"))["date_saved"] == "1980-01-01@00:00:00"
    assert [file.name for file in tmp_path.iterdir()] == ["network.keras"]
    loaded = load_network(tmp_path / "network.keras", "plexus")
    for expected, weights in zip(network.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)
