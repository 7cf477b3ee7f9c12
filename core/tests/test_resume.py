"""An interrupted training ends with the same weights as an uninterrupted one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

TRAIN = ("train", "logic.parity", "--data", "8", "--epochs", "25", "--units", "32", "--json")

SMALL_FILES = """
import resource, signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
"""
"""Statements after which files cannot have more than 100 kB."""


def result_of(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def weights_of(folder, result):
    with np.load(folder / result["run"] / "checkpoint.npz") as arrays:
        return {name: arrays[name] for name in arrays if name.startswith(("now", "average"))}


def start(tmp_path, command, *arguments):
    return subprocess.Popen(
        [*command, *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_line(process, text):
    while text not in (line := process.stderr.readline()):
        assert line, "the process ended early"


@pytest.fixture(scope="module")
def reference(parity_path, forked_plexus, tmp_path_factory):
    """The folder and the result of an uninterrupted training."""
    folder = tmp_path_factory.mktemp("reference")
    command, environment = [*forked_plexus, *TRAIN], os.environ | {"PYTHONPATH": str(parity_path)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return folder, result_of(done)


@pytest.fixture
def expected(reference, parity, tmp_path):
    """Metrics and weights of an uninterrupted training, whose files are copied to the test's folder."""
    folder, result = reference
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return result["scores"], weights_of(tmp_path, result)


@pytest.mark.slow
def test_a_killed_training_resumes_to_the_same_bits(plexus, forked_plexus, expected, tmp_path):
    process = start(tmp_path, forked_plexus, *TRAIN, "--checkpoint-minutes", "0.0001")
    wait_for_line(process, "epoch 7/")
    time.sleep(0.05)
    process.kill()
    process.communicate()
    (run,) = [folder for folder in (tmp_path / "runs/logic.parity").iterdir() if not (folder / "bundle").exists()]
    result = result_of(plexus("train", "--resume", run, "--json"))
    scores, weights = expected
    assert result["scores"] == scores
    for name, array in weights_of(tmp_path, result).items():
        np.testing.assert_array_equal(array, weights[name], err_msg=name)


@pytest.mark.slow
def test_ctrl_c_saves_a_checkpoint_within_the_epoch(plexus, expected, tmp_path):
    process = start(tmp_path, [sys.executable, "-m", "plexus"], *TRAIN)
    wait_for_line(process, "epoch 5/")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in stderr
    resume = stderr.split("plexus train --resume ")[1].split()[0]
    result = result_of(plexus("train", "--resume", resume, "--json"))
    assert result["scores"] == expected[0]


@pytest.mark.slow
def test_killed_after_the_last_epoch(plexus, expected, tmp_path):
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    shutil.rmtree(run / "bundle")
    result = result_of(plexus("train", "--resume", run, "--json"))
    assert result["scores"] == expected[0]


@pytest.mark.slow
def test_a_full_disk(plexus, fork, plexus_program, parity, tmp_path):
    """Files are limited to 100 kB, so that the checkpoint cannot be written; a later run starts from the beginning."""
    command = [*fork, "", plexus_program(SMALL_FILES), *TRAIN, "--units", "4096", "--out", "bundle"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "plexus: cannot write to runs/logic.parity" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "bundle").exists()
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    result = result_of(plexus("train", "--resume", run, "--json"))
    assert result["scores"]["accuracy"] > 0.5
    assert json.loads((tmp_path / "bundle/bundle.json").read_text())["scores"] == result["scores"]


def test_a_finished_run_is_not_resumed(plexus, expected, tmp_path, refused):
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    assert "has ended already" in refused("train", "--resume", run)
    assert (run / "report/training.svg").is_file()
