"""A training on pseudo-labels that is killed and resumed ends with the same weights."""

import json
import subprocess

import numpy as np
import pytest
from sklearn.datasets import load_digits

pytestmark = pytest.mark.slow

TRAIN = (
    "train", "clustering.deep", "--data", "few.npz", "--clusters", "10", "--method", "deep", "--epochs", "6", "--json",
    "--checkpoint-minutes", "0.005",
)  # fmt: skip


def test_killed_between_two_updates_of_the_pseudo_labels(plexus, forked_plexus, tmp_path):
    """The pseudo-labels are updated before epochs 3 to 6; a run that is killed between 5 and 6 uses those of 5."""
    np.savez(tmp_path / "few.npz", x=load_digits().images[:400].astype(np.uint8))
    uninterrupted = json.loads(plexus(*TRAIN).stdout)
    command = [*forked_plexus, *TRAIN, "--out", "killed"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while "epoch 5/" not in (line := process.stderr.readline()):
            assert line, "the process ended early"
        process.kill()
        process.communicate()
    (run,) = [folder for folder in (tmp_path / "runs/clustering.deep").iterdir() if not (folder / "bundle").exists()]
    with np.load(run / "checkpoint.npz") as checkpoint:
        progress = json.loads(checkpoint["progress"].tobytes())
    # After the update before epoch 5, before the next one.
    assert len(progress["history"]) == 5, (len(progress["history"]), progress["step"])
    resumed = json.loads(plexus("train", "--resume", run, "--json").stdout)
    assert resumed["scores"] == uninterrupted["scores"]
    first, second = (np.load(tmp_path / result["run"] / "checkpoint.npz") for result in (uninterrupted, resumed))
    for name in (name for name in first if name.startswith("now")):
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
