"""Several processes that train as one, on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from plexus import Batches

SCRIPT = Path(__file__).parents[2] / "tests/fixtures/two_hosts.py"
TRAIN = ("train", "logic.parity", "--data", "8", "--epochs", "12", "--batch-size", "60", "--backend", "jax")
pytest.importorskip("jax", reason="the extra jax is not installed")


def start(tmp_path, *command, **environment):
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=tmp_path,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(processes, timeout=120):
    """What each printed, once all have ended well."""
    printed = []
    for process in processes:
        out, err = process.communicate(timeout=timeout)
        assert process.returncode == 0, err
        printed.append(out)
    return printed


def as_one(tmp_path, port, *arguments):
    """Start two processes of the command line that train together."""
    return [
        start(
            tmp_path,
            *("-m", "plexus", *arguments, "--json"),
            JAX_COORDINATOR_ADDRESS=f"127.0.0.1:{port}",
            JAX_PROCESS_ID=str(number),
        )
        for number in range(2)
    ]


def log_of(run):
    return [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def alone(parity_path, tmp_path_factory):
    """The losses of one process."""
    folder = tmp_path_factory.mktemp("alone")
    ended([start(folder, "-m", "plexus", *TRAIN, PYTHONPATH=str(parity_path))])
    (run,) = (folder / "runs/logic.parity").iterdir()
    return log_of(run)


@pytest.mark.parametrize("kind", ["arrays", "made"])
def test_shares_of_a_batch(kind):
    """Of every batch each process gets its part, and all parts together are the batch."""
    x, y = {"x": np.arange(96)[:, None]}, np.arange(96)
    whole = Batches.shuffled(x, y, 24, seed=1, epoch=2)
    made = Batches.generated(
        lambda i: ({"x": whole.x["x"][24 * i : 24 * i + 24]}, whole.y[24 * i : 24 * i + 24]), 4, 24
    )
    parts = [(whole if kind == "arrays" else made).share(process, 3, 6) for process in range(3)]
    assert [(len(part), part.rows_per_step, part.total) for part in parts] == [(4, 8, 96)] * 3
    for step in range(4):
        rows = [_step(part, step) for part in parts]
        assert np.concatenate(rows).tolist() == whole.y[24 * step : 24 * step + 24].tolist()
    assert _step(parts[1].skip(2), 0).tolist() == _step(parts[1], 2).tolist()


def _step(part, step):
    if part.batch_size is None:
        return part.x[step][1]
    return part.y[part.batch_size * step : part.batch_size * (step + 1)]


def test_each_example_is_seen_once_an_epoch(parity, port, tmp_path):
    """Counted where they enter `fit`, in two real processes; the losses are those of one."""
    both = [start(tmp_path, SCRIPT, number, 2, port, tmp_path) for number in range(2)]
    ended(both)
    said = [json.loads((tmp_path / f"said{number}.json").read_text()) for number in range(2)]
    assert said[0]["losses"] == said[1]["losses"]
    from plexus.plugins.registry import registry

    task = registry().task("logic.parity")
    options = task.options.parse({"data": "12", "batch_size": 60})
    dataset = task.load_dataset(options)
    codec = task.fit_codec(dataset, options)
    for epoch in range(3):
        batches = task.batches(dataset, codec, None, options, epoch)
        expected = Counter(
            (*map(int, row), int(label)) for row, label in zip(batches.x["bits"], batches.y, strict=True)
        )
        halves = [Counter(map(tuple, one["given"][epoch])) for one in said]
        assert halves[0] + halves[1] == expected
        assert sum(halves[0].values()) == sum(halves[1].values()) == batches.total / 2


def test_one_is_killed_and_both_go_on(alone, parity, port, tmp_path):
    """Killed in mid-epoch: the other ends too, and both go on from the checkpoint to the losses of one process."""
    both = as_one(tmp_path, port, *TRAIN, "--hosts", 2, "--checkpoint-minutes", "0.0001")
    while "epoch 4/" not in both[1].stderr.readline():
        assert both[1].poll() is None
    time.sleep(0.02)
    both[1].kill()
    _, said = both[0].communicate(timeout=100)
    assert both[0].returncode != 0
    assert "plexus train --resume" in said
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    printed = ended(as_one(tmp_path, port, "train", "--resume", run))
    result, follower = map(json.loads, printed)
    assert follower == {"task": "logic.parity", "process": 1}
    assert Path(tmp_path, result["bundle"], "network.onnx").exists()
    np.testing.assert_allclose(log_of(run), alone, atol=1e-4)


def test_nobody_to_meet(refused, parity):
    line = refused("train", "logic.parity", "--backend", "jax", "--hosts", 2)
    assert "JAX_COORDINATOR_ADDRESS" in line


def test_hosts_want_jax(refused, parity):
    assert "needs --backend jax" in refused("train", "logic.parity", "--hosts", 2)


def test_ray_begins_again_when_a_process_dies(alone, parity, tmp_path):
    """The engine's worker is killed: a new group goes on from the checkpoint, to the losses of one process."""
    pytest.importorskip("ray", reason="the extra ray is not installed")
    command = ("-m", "plexus", *TRAIN, "--hosts", 2, "--on", "ray", "--devices", "cpu", "--json")
    driver = start(tmp_path, *command, "--checkpoint-minutes", "0.0001")
    log = None
    while log is None or not log.exists() or len(log.read_text().splitlines()) < 3:
        assert driver.poll() is None, driver.communicate()[1]
        log = next((tmp_path / "runs/logic.parity").glob("*/log.jsonl"), None) if tmp_path.exists() else None
        time.sleep(0.02)
    os.kill(_worker_of(driver.pid), signal.SIGKILL)
    (printed,) = ended([driver], timeout=200)
    assert printed.startswith("{"), printed
    result = json.loads(printed)
    np.testing.assert_allclose(log_of(Path(result["run"])), alone, atol=1e-4)


def _worker_of(pid):
    """A process below that trains."""
    import psutil

    below = psutil.Process(pid).children(recursive=True)
    return next(one.pid for one in below if any("RayTrainWorker" in word for word in one.cmdline()))
