"""A training that is cut off ends as if it had not been."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

TRAIN = ("train", "logic.parity", "--data", "8", "--epochs", "25", "--units", "32", "--json")


def result_of(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def weights_of(folder, result):
    with np.load(folder / result["run"] / "checkpoint.npz") as arrays:
        return {name: arrays[name] for name in arrays if name.startswith(("now", "average"))}


def start(tmp_path, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "plexus", *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_line(process, text):
    while text not in (line := process.stderr.readline()):
        assert line, "it ended early"


@pytest.fixture(scope="module")
def once(parity_path, tmp_path_factory):
    """A folder with the training that is never cut off, and its result."""
    folder = tmp_path_factory.mktemp("uncut")
    command, environment = [sys.executable, "-m", "plexus", *TRAIN], os.environ | {"PYTHONPATH": str(parity_path)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return folder, result_of(done)


@pytest.fixture
def uncut(once, parity, tmp_path):
    """Its scores and weights; what it left is in the test's folder too."""
    folder, result = once
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return result["scores"], weights_of(tmp_path, result)


def test_same_seed_same_scores_and_a_kill_changes_nothing(plexus, uncut, tmp_path):
    """Killed at an epoch's end, and within an epoch: the same scores and weights, to the last bit."""
    process = start(tmp_path, *TRAIN, "--checkpoint-minutes", "0.0001")
    wait_for_line(process, "epoch 7/")
    time.sleep(0.05)
    process.kill()
    process.communicate()
    (run,) = [folder for folder in (tmp_path / "runs/logic.parity").iterdir() if not (folder / "bundle").exists()]
    result = result_of(plexus("train", "--resume", run, "--json"))
    scores, weights = uncut
    assert result["scores"] == scores
    for name, array in weights_of(tmp_path, result).items():
        np.testing.assert_array_equal(array, weights[name], err_msg=name)


def test_ctrl_c_keeps_a_checkpoint_within_the_epoch(plexus, uncut, tmp_path):
    process = start(tmp_path, *TRAIN)
    wait_for_line(process, "epoch 5/")
    process.send_signal(signal.SIGINT)
    _, spoken = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in spoken
    resume = spoken.split("go on with: plexus ")[1].splitlines()[0].split()
    result = result_of(plexus(*resume, "--json"))
    assert result["scores"] == uncut[0]


def test_cut_off_after_the_last_epoch(plexus, uncut, tmp_path):
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    shutil.rmtree(run / "bundle")
    result = result_of(plexus("train", "--resume", run, "--json"))
    assert result["scores"] == uncut[0]


def test_a_full_disk_keeps_what_there_is(plexus, parity, tmp_path):
    """No file may grow over 100 kB: the checkpoint cannot be written; with room again, the run goes on from nothing."""
    command = [sys.executable, "-m", "plexus", *TRAIN, "--units", "4096", "--out", "bundle"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, preexec_fn=_limit_files, check=False)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "plexus: cannot write to runs/logic.parity" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "bundle").exists()
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    result = result_of(plexus("train", "--resume", run, "--json"))
    assert result["scores"]["accuracy"] > 0.5
    assert plexus.load(tmp_path / "bundle").scores == result["scores"]


def _limit_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_run_that_has_ended_says_so(plexus, uncut, tmp_path, refused):
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    assert "has ended already" in refused("train", "--resume", run)
    assert [file.name for file in (run / "report").iterdir()] == ["training.png"]
