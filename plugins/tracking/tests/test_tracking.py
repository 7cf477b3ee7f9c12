"""Trackers: CSV, TensorBoard and MLflow; and the profile of a training."""

import csv
import json
import math
import socket
import time
from types import SimpleNamespace

import pytest

from plexus import TrainingCallback, TrainingState
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer
from plexus_tracking.mlflow_logger import MlflowLogger

pytestmark = pytest.mark.slow

TRAIN = ("train", "logic.parity", "--data", "6", "--epochs", 4)


@pytest.fixture
def started(parity, tmp_path):
    """A function that starts a run of a small task."""
    task = registry().task("logic.parity")
    return task, Run.start(task.id, task.options.parse({"data": "6", "epochs": 4}), folder=tmp_path / "run")


def test_csv_and_tensorboard_have_the_metrics(started, monkeypatch):
    """Both have the metrics of each epoch and of the test split, also of a training that takes less than a second.

    The events are read by TensorBoard's reader.
    """
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setattr("tensorboardX.event_file_writer.time", SimpleNamespace(time=lambda: 1_700_000_000.0))
    task, run = started
    result, folder = Trainer(task, registry().callbacks).train(run), run.folder
    with (folder / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert len(rows) == len(lines) == 4
    for row, line in zip(rows, lines, strict=True):
        assert float(row["accuracy"]) == line["accuracy"]
        assert float(row["gradients/dense"]) == line["gradients"]["dense"] > 0
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("loss")] == [0, 1, 2, 3]
    for event, line in zip(events.Scalars("accuracy"), lines, strict=True):
        assert math.isclose(event.value, line["accuracy"], rel_tol=1e-6)
    (event,) = events.Scalars("test/accuracy")
    assert math.isclose(event.value, result["scores"]["accuracy"], rel_tol=1e-6)


def test_trackers_can_be_disabled(plexus, parity, tmp_path):
    settings = {"PLEXUS_SETTINGS": str(tmp_path / "settings.json")}
    assert plexus("plugins", "disable", "tracking", **settings).returncode == 0
    result = json.loads(plexus(*TRAIN, "--json", **settings).stdout)
    assert not (tmp_path / result["run"] / "log.csv").exists()
    assert (tmp_path / result["run"] / "log.jsonl").exists()


def test_a_run_of_mlflow(started, tmp_path, monkeypatch):
    """MLflow has options, metrics and the bundle; a resumed training continues its run, with each epoch once."""
    mlflow = pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.chdir(tmp_path)  # the folder of the artifacts
    client = mlflow.MlflowClient(store)

    def only_run():
        (experiment,) = [e for e in client.search_experiments() if e.name == "logic.parity"]
        (run,) = client.search_runs([experiment.experiment_id])
        return run

    task, run = started
    stopping, trainer = Stopping(after=1), Trainer(task, registry().callbacks)
    session = trainer.begin(run, task.load_dataset(run.options), callbacks=[stopping])
    stopping.session = session
    with pytest.raises(KeyboardInterrupt):
        session.fit()
    assert only_run().info.status == "KILLED"
    result = trainer.train(Run.read(run.folder, task))
    run = only_run()
    assert run.info.status == "FINISHED"
    assert run.data.params["epochs"] == "4"
    assert run.data.metrics["test/accuracy"] == result["scores"]["accuracy"]
    assert [m.step for m in client.get_metric_history(run.info.run_id, "accuracy")] == [0, 1, 2, 3]
    assert "bundle/network.onnx" in [a.path for a in client.list_artifacts(run.info.run_id, "bundle")]


def test_names_that_mlflow_refuses(started, tmp_path, monkeypatch):
    """A name of a metric may contain a label of the data, with any character."""
    mlflow = pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.chdir(tmp_path)  # the folder of the artifacts
    _, run = started
    logger = MlflowLogger(run, TrainingState())
    logger.on_train_begin()
    logger.on_bundle_written(run.folder, {"ap50_60+ (ä)": 0.5})
    client = mlflow.MlflowClient(store)
    (experiment,) = client.search_experiments(filter_string="name = 'logic.parity'")
    assert client.search_runs([experiment.experiment_id])[0].data.metrics == {"test/ap50_60_ ___": 0.5}


@pytest.mark.parametrize("kind", ["nobody listens", "no answer", "no folder"])
def test_a_store_that_does_not_answer_ends_no_training(started, monkeypatch, capsys, kind):
    pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if kind == "no answer" else 9
        address = "/proc/nothing" if kind == "no folder" else f"http://user:secret@127.0.0.1:{port}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
        task, run = started
        begun = time.monotonic()
        result = Trainer(task, registry().callbacks).train(run)
    assert time.monotonic() - begun < 60
    assert result["scores"]["accuracy"] > 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("MLflow at")]
    assert line.endswith("the training goes on without")
    assert "secret" not in line


class Stopping(TrainingCallback):
    """Requests the end of a training after an epoch, as Ctrl-C does."""

    def __init__(self, after):
        super().__init__()
        self.after, self.session = after, None

    def on_epoch_evaluated(self, line):
        if line["epoch"] == self.after:
            self.session.request_stop()


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_profile(plexus, parity, tmp_path, backend):
    """The percentages of the table sum to 100, and the trace names operations."""
    if backend == "jax":
        pytest.importorskip("jax", reason="the extra jax is not installed")
    done = plexus(*TRAIN, "--profile", "--backend", backend, "--json")
    assert done.returncode == 0, done.stderr
    shares = [float(line.split()[-1].rstrip("%")) for line in done.stderr.splitlines() if line.endswith("%")]
    assert abs(sum(shares) - 100) < 1
    for part in (
        "making batches",
        "steps",
        "callbacks",
        "input and Keras's loop",
        "evaluation on the validation split",
    ):
        assert any(line.startswith(part) for line in done.stderr.splitlines()), part
    (trace,) = (tmp_path / json.loads(done.stdout)["run"]).glob("tensorboard/plugins/profile/*/*.xplane.pb")
    assert b"multi_step" in trace.read_bytes() or b"jit" in trace.read_bytes()
