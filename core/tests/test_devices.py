"""Where a training is computed changes nothing of it."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import train

SCRIPTS = Path(__file__).parents[2] / "tests/fixtures"


def said_by(script, *arguments, **environment):
    """What a script of the fixtures prints, in a process of its own."""
    command = [sys.executable, SCRIPTS / script, *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("optimizer", ["own", "sgd"])
@pytest.mark.parametrize(("backend", "count"), [("tensorflow", 2), ("jax", 8)])
def test_losses_do_not_depend_on_how_many_devices_there_are(backend, count, optimizer, tmp_path):
    """50 steps, batch normalization and all: the same data, the same seed, equal losses within 1e-4."""
    if backend == "jax":
        pytest.importorskip("jax", reason="the extra jax is not installed")
    several = "cpu:" + ",".join(map(str, range(count)))
    said = said_by("on_devices.py", backend, optimizer, tmp_path, several, "cpu")
    assert (said[several]["devices"], said["cpu"]["devices"]) == (count, 1)
    assert (said[several]["words"], said["cpu"]["words"]) == (f"{count} CPUs", "1 CPU")
    assert 3 * said["cpu"]["steps"] >= 50
    assert said["tensorflow"] == (backend == "tensorflow")  # JAX's trainings do not wait for its import
    np.testing.assert_allclose(said[several]["losses"], said["cpu"]["losses"], atol=1e-4)
    if backend == "jax":
        assert said["resident"]["losses"] == said["cpu"]["losses"]
    if backend == "tensorflow":
        assert said["drawn"][0] != said["drawn"][1]  # each device's own
    assert said["cpu"]["losses"][-1] < said["cpu"]["losses"][0] * 0.6


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_task_trains_on_other_backends(backend, tmp_path):
    """Briefly; the bundle, of one exporter for all backends, answers like the network that was trained."""
    pytest.importorskip(backend, reason=f"the extra {backend} is not installed")
    whole = said_by("every_task.py", backend, tmp_path)
    assert not whole["tensorflow"]  # nobody waits for its import
    said = whole["tasks"]
    assert set(said) >= {"vision.classify", "speech.commands", "fraud.detect", "sentiment.classify", "games.play"}
    for task, of_task in said.items():
        assert of_task["backend"] == backend, task
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
        pytest.param(
            *(("--backend", "torch"), "--backend torch needs torch: pip install 'plexus-suite[torch]'"),
            marks=pytest.mark.skipif(find_spec("torch") is not None, reason="it is installed"),
        ),
        (("--precision", "float64"), "--precision must be 'float32', 'bfloat16' or 'float16', not 'float64'"),
    ],
)
def test_what_is_not_there_is_said(refused, parity, flags, said):
    assert said in refused("train", "logic.parity", *flags)


def test_the_batch_grows_with_the_devices_and_the_rate_along(parity, tmp_path):
    """Left open, each device gets what one alone would; AdamW's rate grows as the root of the batch, SGD's as it."""
    said = said_by("begun.py", tmp_path, "cpu:0,1", "adamw", "sgd")
    assert said == {"adamw": [2 * 64, pytest.approx(0.01 * 2**0.5)], "sgd": [2 * 64, pytest.approx(0.01 * 2)]}


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_precision_in_training_alone(parity, tmp_path, precision):
    """What answers computes in float32, and so does the network that a later training starts from."""
    import keras
    import onnx

    task = registry().task("logic.parity")
    options = task.options.parse({"epochs": 60, "data": "6", "precision": precision, "compile": True})
    try:
        result = train(task, Run.start(task.id, options, folder=tmp_path / "run"))
        assert keras.mixed_precision.global_policy().name == f"mixed_{precision}"
    finally:
        keras.mixed_precision.set_global_policy("float32")  # for what computes in this process later
    assert result["scores"]["accuracy"] > 0.9
    bundle = tmp_path / "run/bundle"
    types = {t.type.tensor_type.elem_type for t in onnx.load(bundle / "network.onnx").graph.output}
    assert types == {onnx.TensorProto.FLOAT}
    network = keras.saving.load_model(bundle / "network.keras")
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
    assert getattr(network, "optimizer", None) is None


def test_a_bundle_of_older_options_is_still_read():
    from plexus import Options

    options = Options.parse({"data": "x", "device": "cpu", "precision": "mixed_bfloat16"})
    assert (options.devices, options.precision) == ("cpu", "bfloat16")
