"""Where a training is computed changes nothing of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).parents[1] / "fixtures"


def said_by(script, *arguments, **environment):
    """What a script of the fixtures prints, in a process of its own."""
    command = [sys.executable, SCRIPTS / script, *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("backend", "count"), [("tensorflow", 2), ("jax", 8)])
def test_losses_do_not_depend_on_how_many_devices_there_are(backend, count, tmp_path):
    """50 steps, batch normalization and all: the same data, the same seed, equal losses within 1e-4."""
    if backend == "jax":
        pytest.importorskip("jax", reason="the extra jax is not installed")
    several = "cpu:" + ",".join(map(str, range(count)))
    said = said_by("on_devices.py", backend, tmp_path, several, "cpu")
    assert (said[several]["devices"], said["cpu"]["devices"]) == (count, 1)
    assert (said[several]["words"], said["cpu"]["words"]) == (f"{count} CPUs", "1 CPU")
    assert 3 * said["cpu"]["steps"] >= 50
    assert said["tensorflow"] == (backend == "tensorflow")  # JAX's trainings do not wait for its import
    np.testing.assert_allclose(said[several]["losses"], said["cpu"]["losses"], atol=1e-4)
    if backend == "jax":
        assert said["resident"]["losses"] == said["cpu"]["losses"]
    assert said["cpu"]["losses"][-1] < said["cpu"]["losses"][0] * 0.6


def test_every_task_trains_on_jax(tmp_path):
    """Briefly; the bundle, of one exporter for all backends, answers like the network that was trained."""
    pytest.importorskip("jax", reason="the extra jax is not installed")
    said = said_by("tasks_on_jax.py", tmp_path)
    assert set(said) >= {"vision.classify", "speech.commands", "fraud.detect", "sentiment.classify", "games.play"}
    for task, of_task in said.items():
        assert of_task["backend"] == "jax", task
        assert of_task["difference"] < 1e-3, task


def test_a_batch_that_cannot_be_divided(refused, parity):
    line = refused("train", "logic.parity", "--devices", "cpu:0,1", "--batch-size", 33)
    assert "33 examples a step cannot be divided among 2 devices: --batch-size 32 can" in line


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--devices", "gpu"), "--devices gpu: this machine has no GPU that the backend can use"),
        (("--devices", "tpu"), "--devices tpu needs --backend jax"),
        (("--devices", "cuda"), "--devices must be"),
        (("--devices", "gpu:0,"), "--devices must be"),
        (("--backend", "torch"), "--backend torch needs torch: pip install 'plexus-suite[torch]'"),
        (("--precision", "float64"), "--precision must be 'float32', 'bfloat16' or 'float16', not 'float64'"),
    ],
)
def test_what_is_not_there_is_said(refused, parity, flags, said):
    assert said in refused("train", "logic.parity", *flags)


def test_the_batch_grows_with_the_devices_and_the_rate_along(plexus, parity, tmp_path):
    """Left open, each device gets what one alone would; AdamW's rate grows as the root of the batch, SGD's as it."""
    for optimizer, growth in (("adamw", 2**0.5), ("sgd", 2)):
        done = plexus(
            "train", "logic.parity", "--epochs", 1, "--devices", "cpu:0,1", "--optimizer", optimizer, "--json"
        )
        options = json.loads((tmp_path / json.loads(done.stdout)["run"] / "run.json").read_text())["options"]
        assert options["batch_size"] == 2 * 64
        assert options["learning_rate"] == pytest.approx(0.01 * growth)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_precision_in_training_alone(plexus, parity, tmp_path, precision):
    """What answers computes in float32, and so does the network that a later training starts from."""
    flags = ("--epochs", 60, "--data", 6, "--precision", precision, "--compile")
    result = json.loads(plexus("train", "logic.parity", *flags, "--json").stdout)
    assert result["scores"]["accuracy"] > 0.9
    import onnx

    types = {t.type.tensor_type.elem_type for t in onnx.load(tmp_path / result["bundle"] / "network.onnx").graph.output}
    assert types == {onnx.TensorProto.FLOAT}
    import keras

    network = keras.saving.load_model(tmp_path / result["bundle"] / "network.keras")
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
    assert getattr(network, "optimizer", None) is None


def test_a_bundle_of_older_options_is_still_read():
    from plexus import Options

    options = Options.checked({"data": "x", "device": "cpu", "precision": "mixed_bfloat16"})
    assert (options.devices, options.precision) == ("cpu", "bfloat16")
