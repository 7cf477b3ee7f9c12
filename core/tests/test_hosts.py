"""Data-parallel training in several processes on this machine."""

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
from plexus.runtime.processes import HEARTBEAT_TIMEOUT

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "tests/fixtures/one_process.py"
TRAIN = ("train", "logic.parity", "--data", "8", "--epochs", "12", "--batch-size", "60", "--backend", "jax")
FIRST_ARGUMENTS = """
import sys
from plexus.runtime import processes

_, sys.executable, seconds, *sys.argv[1:] = sys.argv
processes.HEARTBEAT_TIMEOUT = int(seconds)
"""
"""Statements that take the first arguments: the program that exports networks, and the timeout of heartbeats."""
pytest.importorskip("jax", reason="the extra jax is not installed")


def start(tmp_path, *command, **environment):
    return subprocess.Popen(
        [*map(str, command)],
        cwd=tmp_path,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outputs_of(processes, timeout=120):
    """Wait until all processes have succeeded; return what each printed."""
    printed = []
    for process in processes:
        out, err = process.communicate(timeout=timeout)
        assert process.returncode == 0, err
        printed.append(out)
    return printed


@pytest.fixture(scope="module")
def command_line(fork_jax, forked_python, plexus_program):
    """The command line; the timeout of heartbeats in seconds and the arguments follow."""
    return [*fork_jax, "", plexus_program(FIRST_ARGUMENTS), forked_python]


@pytest.fixture
def start_two(command_line, port, tmp_path):
    """The function that starts two processes of the command line that train together."""

    def start_with(*arguments, timeout=HEARTBEAT_TIMEOUT):
        return [
            start(
                tmp_path,
                *(*command_line, timeout, *arguments, "--json"),
                JAX_COORDINATOR_ADDRESS=f"127.0.0.1:{port}",
                JAX_PROCESS_ID=str(number),
            )
            for number in range(2)
        ]

    return start_with


def losses_of(run):
    return [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def single_process_losses(parity_path, command_line, tmp_path_factory):
    """The losses of a training by one process."""
    folder = tmp_path_factory.mktemp("single")
    outputs_of([start(folder, *command_line, HEARTBEAT_TIMEOUT, *TRAIN, PYTHONPATH=str(parity_path))])
    (run,) = (folder / "runs/logic.parity").iterdir()
    return losses_of(run)


@pytest.mark.parametrize("kind", ["arrays", "generated"])
def test_shards_of_a_batch(kind):
    """Each process gets its part of every batch; all parts together are the batch."""
    x, y = {"x": np.arange(96)[:, None]}, np.arange(96)
    whole = Batches.shuffled(x, y, 24, seed=1, epoch=2)
    generated = Batches.generated(
        lambda i: ({"x": whole.x["x"][24 * i : 24 * i + 24]}, whole.y[24 * i : 24 * i + 24]), 4, 24
    )
    parts = [(whole if kind == "arrays" else generated).shard(process, 3, 6) for process in range(3)]
    assert [(len(part), part.rows_per_step, part.total) for part in parts] == [(4, 8, 96)] * 3
    for step in range(4):
        rows = [_step(part, step) for part in parts]
        assert np.concatenate(rows).tolist() == whole.y[24 * step : 24 * step + 24].tolist()
    assert _step(parts[1].skip(2), 0).tolist() == _step(parts[1], 2).tolist()


def _step(part, step):
    if part.batch_size is None:
        return part.x[step][1]
    return part.y[part.batch_size * step : part.batch_size * (step + 1)]


def test_each_example_is_used_once_per_epoch(parity, forked_script, port, tmp_path):
    """In two processes; the examples are recorded where they enter `fit`."""
    command = [*forked_script("jax"), SCRIPT]
    processes = [start(tmp_path, *command, number, 2, port, tmp_path) for number in range(2)]
    outputs_of(processes)
    results = [json.loads((tmp_path / f"process{number}.json").read_text()) for number in range(2)]
    assert results[0]["losses"] == results[1]["losses"]
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
        halves = [Counter(map(tuple, result["examples"][epoch])) for result in results]
        assert halves[0] + halves[1] == expected
        assert sum(halves[0].values()) == sum(halves[1].values()) == batches.total / 2


def test_both_resume_after_one_was_killed(single_process_losses, parity, start_two, tmp_path):
    """When one process is killed within an epoch, the other ends; both resume to the losses of a single process."""
    assert HEARTBEAT_TIMEOUT == 20
    processes = start_two(*TRAIN, "--hosts", 2, "--checkpoint-minutes", "0.0001", timeout=8)
    while "epoch 4/" not in processes[1].stderr.readline():
        assert processes[1].poll() is None
    time.sleep(0.02)
    processes[1].kill()
    processes[1].communicate()
    _, stderr = processes[0].communicate(timeout=100)
    assert processes[0].returncode != 0
    assert "plexus train --resume" in stderr
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    printed = outputs_of(start_two("train", "--resume", run))
    result, follower = map(json.loads, printed)
    assert follower == {"task": "logic.parity", "process": 1}
    assert Path(tmp_path, result["bundle"], "network.onnx").exists()
    np.testing.assert_allclose(losses_of(run), single_process_losses, atol=1e-4)


def test_missing_address_of_the_first_process(refused, parity):
    line = refused("train", "logic.parity", "--backend", "jax", "--hosts", 2)
    assert "JAX_COORDINATOR_ADDRESS" in line


def test_hosts_need_jax(refused, parity):
    assert "needs --backend jax" in refused("train", "logic.parity", "--hosts", 2)


@pytest.mark.long
def test_ray_restarts_when_a_process_dies(single_process_losses, parity, tmp_path):
    """When a Ray worker is killed, new ones resume from the checkpoint, to the losses of a single process."""
    pytest.importorskip("ray", reason="the extra ray is not installed")
    command = (sys.executable, "-m", "plexus", *TRAIN, "--hosts", 2, "--on", "ray", "--devices", "cpu", "--json")
    driver = start(tmp_path, *command, "--checkpoint-minutes", "0.0001")
    log = None
    while log is None or not log.exists() or len(log.read_text().splitlines()) < 3:
        assert driver.poll() is None, driver.communicate()[1]
        log = next((tmp_path / "runs/logic.parity").glob("*/log.jsonl"), None) if tmp_path.exists() else None
        time.sleep(0.02)
    os.kill(_worker_of(driver.pid), signal.SIGKILL)
    (printed,) = outputs_of([driver], timeout=200)
    assert printed.startswith("{"), printed
    result = json.loads(printed)
    np.testing.assert_allclose(losses_of(Path(result["run"])), single_process_losses, atol=1e-4)


def _worker_of(pid):
    """Return the id of a training worker of Ray below a process."""
    import psutil

    descendants = psutil.Process(pid).children(recursive=True)
    return next(p.pid for p in descendants if any("RayTrainWorker" in word for word in p.cmdline()))
