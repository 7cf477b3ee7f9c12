"""Checks of a trained bundle."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import numpy as np

from plexus.bundle import keras_file
from plexus.codec import Arrays
from plexus.run import Run
from plexus.testing.batches import first_inputs
from plexus.testing.trial import Trial

if TYPE_CHECKING:
    import keras

ROWS = 8
FRAMEWORKS = {"jax", "keras", "tensorflow", "torch"}
_EVALUATE = """
import json, sys
import plexus
metrics = plexus.load({folder!r}).evaluate()["scores"]
print(json.dumps([metrics, sorted({frameworks} & set(sys.modules))]))
"""


def check_evaluation_is_reproducible(trial: Trial) -> None:
    """In a new process, `evaluate` returns the metrics of the training and imports no training framework.

    Args:
        trial: A small training of the task.
    """
    code = _EVALUATE.format(folder=str(trial.bundle.folder.resolve()), frameworks=FRAMEWORKS)
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert process.returncode == 0, f"evaluate in a new process: expected exit status 0, found: {process.stderr}"
    metrics, frameworks = json.loads(process.stdout.splitlines()[-1])
    assert not frameworks, f"evaluate: expected no training framework, found imports of {', '.join(frameworks)}"
    expected = trial.bundle.metrics
    assert metrics == expected, f"evaluate in a new process: expected the metrics {expected}, found {metrics}"


def check_metric_beats_baseline(trial: Trial) -> None:
    """The metrics have the one that ranks models, and it is better than its baseline.

    Args:
        trial: A small training of the task.
    """
    metric, metrics = trial.task.metric, trial.bundle.metrics
    assert metric.name in metrics, f"evaluate: expected the metric {metric.name!r}, found {', '.join(metrics)}"
    if metric.baseline is None:
        return
    assert metric.baseline in metrics, (
        f"evaluate: expected the baseline {metric.baseline!r}, found {', '.join(metrics)}"
    )
    value, baseline = metrics[metric.name], metrics[metric.baseline]
    better = metric.is_better(value, baseline)
    assert better, f"{metric.name}: expected better than {metric.baseline} {baseline}, found {value}"


def check_onnx_equals_keras(trial: Trial) -> None:
    """Each network of the bundle computes the same by ONNX Runtime and by Keras.

    Args:
        trial: A small training of the task.
    """
    bundle, arrays = trial.bundle, _sample(trial)
    compared = []
    for name in bundle.networks:
        model = _keras_network(trial, name)
        names = [tensor.name for tensor in model.inputs]
        if not arrays.keys() >= set(names):
            continue  # a network that continues another one, with inputs of its own
        inputs = {key: arrays[key] for key in names}
        expected, outputs = model.predict(inputs, verbose=0), bundle.predictor(inputs, name)
        for key, values in outputs.items():
            np.testing.assert_allclose(values, expected[key], rtol=1e-3, atol=1e-4, err_msg=f"{name}, output {key}")
        arrays = arrays | outputs
        compared.append(name)
    assert compared, f"networks: expected one with inputs among {', '.join(arrays)}, found {', '.join(bundle.networks)}"


def _keras_network(trial: Trial, name: str) -> "keras.Model":
    """Load a network of the bundle, or build it once more: one without trainable weights has no Keras file."""
    import keras

    from plexus.training.trainer import Trainer

    if keras_file(name) in trial.bundle.manifest["files"]:
        return cast("keras.Model", keras.saving.load_model(trial.bundle.folder / keras_file(name), compile=False))
    with TemporaryDirectory() as folder:
        run = Run.start(trial.id, trial.options, folder=Path(folder) / "run")
        network = Trainer(trial.task, quiet=True).begin(run, trial.load_dataset()).networks[name]
    assert not network.trainable_variables, f"{name}: expected {keras_file(name)}, since it has trainable weights"
    return network


def _sample(trial: Trial) -> Arrays:
    """Return some inputs of the network, from the test split or else from the first batch."""
    examples = trial.test_examples
    arrays = first_inputs(trial, 0)[0] if examples is None else examples.encode(trial.bundle.codec)
    return {name: values[:ROWS] for name, values in arrays.items()}
