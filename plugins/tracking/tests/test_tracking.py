"""What is kept of a training for those who compare: tables, TensorBoard's events, MLflow's store."""

import csv
import json
import math

import pytest

from plexus import TrainingCallback
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import begin, train

TRAIN = ("train", "logic.parity", "--data", "6", "--epochs", 4)


@pytest.fixture
def started(parity, tmp_path):
    """The small task, and a run of it."""
    task = registry().task("logic.parity")
    return task, Run.start(task.id, task.options.parse({"data": "6", "epochs": 4}), folder=tmp_path / "run")


def test_a_table_and_tensorboards_events(started):
    """TensorBoard's own reader finds the figures of each epoch, and of the test split."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    result, run = train(*started), started[1].folder
    with (run / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert len(rows) == len(lines) == 4
    for row, line in zip(rows, lines, strict=True):
        assert float(row["accuracy"]) == line["accuracy"]
        assert float(row["gradients/dense"]) == line["gradients"]["dense"] > 0
    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("loss")] == [0, 1, 2, 3]
    for event, line in zip(events.Scalars("accuracy"), lines, strict=True):
        assert math.isclose(event.value, line["accuracy"], rel_tol=1e-6)
    (tested,) = events.Scalars("test/accuracy")
    assert math.isclose(tested.value, result["scores"]["accuracy"], rel_tol=1e-6)


def test_they_can_be_switched_off(plexus, parity, tmp_path):
    settings = {"PLEXUS_SETTINGS": str(tmp_path / "settings.json")}
    assert plexus("plugins", "disable", "tracking", **settings).returncode == 0
    result = json.loads(plexus(*TRAIN, "--json", **settings).stdout)
    assert not (tmp_path / result["run"] / "log.csv").exists()
    assert (tmp_path / result["run"] / "log.jsonl").exists()


def test_a_run_of_mlflow(started, tmp_path, monkeypatch):
    """In a real store: options, figures, the bundle; what is cut off goes on in the same run, each epoch there once."""
    mlflow = pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.chdir(tmp_path)  # where it puts bundles
    client = mlflow.MlflowClient(store)

    def only_run():
        (experiment,) = [e for e in client.search_experiments() if e.name == "logic.parity"]
        (run,) = client.search_runs([experiment.experiment_id])
        return run

    task, run = started
    stopping = Stopping(after=1)
    session = begin(task, run, watchers=[stopping])
    stopping.session = session
    with pytest.raises(KeyboardInterrupt):
        session.fit()
    assert only_run().info.status == "KILLED"
    result = train(task, Run.read(run.folder))
    run = only_run()
    assert run.info.status == "FINISHED"
    assert run.data.params["epochs"] == "4"
    assert run.data.metrics["test/accuracy"] == result["scores"]["accuracy"]
    assert [m.step for m in client.get_metric_history(run.info.run_id, "accuracy")] == [0, 1, 2, 3]
    assert "bundle/network.onnx" in [a.path for a in client.list_artifacts(run.info.run_id, "bundle")]


class Stopping(TrainingCallback):
    """Stops a training once some epochs are measured, as Ctrl-C does."""

    def __init__(self, after):
        super().__init__()
        self.after, self.session = after, None

    def on_epoch_evaluated(self, line):
        if line["epoch"] == self.after:
            self.session.request_stop()


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_where_the_time_goes(plexus, parity, tmp_path, backend):
    """A table whose parts are the whole, and a trace that names operations."""
    if backend == "jax":
        pytest.importorskip("jax", reason="the extra jax is not installed")
    done = plexus(*TRAIN, "--profile", "--backend", backend, "--json")
    assert done.returncode == 0, done.stderr
    shares = [float(line.split()[-1].rstrip("%")) for line in done.stderr.splitlines() if line.endswith("%")]
    assert abs(sum(shares) - 100) < 1
    for part in ("making batches", "steps", "callbacks", "input and Keras's loop", "measuring on the validation split"):
        assert any(line.startswith(part) for line in done.stderr.splitlines()), part
    (trace,) = (tmp_path / json.loads(done.stdout)["run"]).glob("tensorboard/plugins/profile/*/*.xplane.pb")
    assert b"multi_step" in trace.read_bytes() or b"jit" in trace.read_bytes()
