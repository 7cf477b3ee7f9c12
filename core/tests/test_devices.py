"""Training on several devices, on other backends and in other precisions."""

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer

pytestmark = pytest.mark.slow

PARTS = 3
"""Processes that share the tasks: JAX compiles for more than ten minutes in all."""
SCRIPTS = Path(__file__).parents[2] / "tests/fixtures"


def run_script(command, script, *arguments):
    """Run a script of the fixtures in a process of its own; return the JSON that it prints."""
    command = [*command, SCRIPTS / script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=560, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("backend", "count"), [("tensorflow", 2), pytest.param("jax", 8, marks=pytest.mark.long)])
def test_losses_do_not_depend_on_the_number_of_devices(backend, count, forked_script, tmp_path):
    """About 50 steps with batch normalization on the same data; AdamW amplifies rounding to 1e-4 in the last epoch."""
    several = "cpu:" + ",".join(map(str, range(count)))
    result = run_script(forked_script(backend), "on_devices.py", backend, tmp_path, several, "cpu")
    assert result["tensorflow"] == (backend == "tensorflow")  # JAX does not import TensorFlow
    for optimizer in ("default", "sgd"):
        single, multiple = result[optimizer]["cpu"], result[optimizer][several]
        assert (multiple["devices"], single["devices"]) == (count, 1)
        assert (multiple["description"], single["description"]) == (f"{count} CPUs", "1 CPU")
        assert 3 * single["steps"] >= 50
        np.testing.assert_allclose(multiple["losses"], single["losses"], atol=2e-4, err_msg=optimizer)
        assert single["losses"][-1] < single["losses"][0] * 0.6
        if backend == "jax":
            assert result["cached"][optimizer]["losses"] == single["losses"]
    if backend == "tensorflow":
        assert result["masks"][0] != result["masks"][1]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", [pytest.param(0, marks=pytest.mark.long), 1, pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_task_trains_on_other_backends(backend, part, forked_script, forked_python, tmp_path):
    """The bundle, whose ONNX exporter is the same for all backends, predicts like the network that was trained."""
    result = run_script(forked_script(backend), "every_task.py", backend, f"{part}/{PARTS}", tmp_path, forked_python)
    assert not result["tensorflow"]
    tasks = result["tasks"]
    assert set(tasks) == set(list(registry().entries("tasks"))[part::PARTS])
    assert len(tasks) >= 5
    for id, of_task in tasks.items():
        assert of_task["backend"] == backend, id
        assert of_task["difference"] < 1e-3, id


def test_a_batch_that_cannot_be_divided(refused, parity):
    line = refused("train", "logic.parity", "--devices", "cpu:0,1", "--batch-size", 33)
    assert "33 examples per step cannot be divided among 2 devices: pass --batch-size 32" in line


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--devices", "gpu"), "--devices gpu: this machine has no GPU that the backend can use"),
        (("--devices", "tpu"), "--devices tpu needs --backend jax"),
        (("--devices", "cuda"), "--devices must be"),
        (("--devices", "gpu:0,"), "--devices must be"),
        pytest.param(
            *(("--backend", "torch"), "--backend torch is not installed: pip install 'plexus-core[torch]'"),
            marks=pytest.mark.skipif(find_spec("torch") is not None, reason="it is installed"),
        ),
        (("--precision", "float64"), "--precision must be 'float32', 'bfloat16' or 'float16', not 'float64'"),
    ],
)
def test_unavailable_devices_are_refused(refused, parity, flags, message):
    assert message in refused("train", "logic.parity", *flags)


def test_batch_size_and_learning_rate_grow_with_the_devices(parity, forked_script, tmp_path):
    """By default each device gets as many examples as a single one; AdamW's learning rate grows as the square root of
    the batch size, that of SGD linearly."""
    result = run_script(forked_script(), "initial_options.py", tmp_path, "cpu:0,1", "adamw", "sgd")
    assert result == {"adamw": [2 * 64, pytest.approx(0.01 * 2**0.5)], "sgd": [2 * 64, pytest.approx(0.01 * 2)]}


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_precision_applies_to_training_only(parity, tmp_path, precision):
    """The exported networks compute in float32."""
    import keras
    import onnx

    task = registry().task("logic.parity")
    options = task.options.parse({"epochs": 60, "data": "6", "precision": precision, "compile": True})
    try:
        result = Trainer(task).train(Run.start(task.id, options, folder=tmp_path / "run"))
        assert keras.mixed_precision.global_policy().name == f"mixed_{precision}"
    finally:
        keras.mixed_precision.set_global_policy("float32")  # for later tests in this process
    assert result["scores"]["accuracy"] > 0.9
    bundle = tmp_path / "run/bundle"
    types = {t.type.tensor_type.elem_type for t in onnx.load(bundle / "network.onnx").graph.output}
    assert types == {onnx.TensorProto.FLOAT}
    network = keras.saving.load_model(bundle / "network.keras")
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
    assert getattr(network, "optimizer", None) is None
