"""A training whose targets come from the learner itself is cut off, and ends as if it had not been."""

import json
import subprocess
import sys

import numpy as np
from sklearn.datasets import load_digits

TRAIN = (
    "train", "clustering.deep", "--data", "few.npz", "--clusters", "10", "--method", "deep", "--epochs", "6", "--json",
    "--checkpoint-minutes", "0.005",
)  # fmt: skip


def test_killed_between_two_refreshes_of_its_targets(plexus, tmp_path):
    """Clusters are found anew after epochs 4 and 5: what is cut off in between has to go on with those of the first."""
    np.savez(tmp_path / "few.npz", x=load_digits().images[:400].astype(np.uint8))
    uncut = json.loads(plexus(*TRAIN).stdout)
    command = [sys.executable, "-m", "plexus", *TRAIN, "--out", "cut"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while "epoch 5/" not in (line := process.stderr.readline()):
            assert line, "it ended early"
        process.kill()
    (run,) = [folder for folder in (tmp_path / "runs/clustering.deep").iterdir() if not (folder / "bundle").exists()]
    with np.load(run / "checkpoint.npz") as kept:
        done = json.loads(kept["progress"].tobytes())
    # The first refresh is behind it, the second is not.
    assert len(done["history"]) == 5, (len(done["history"]), done["step"])
    resumed = json.loads(plexus("train", "--resume", run, "--json").stdout)
    assert resumed["scores"] == uncut["scores"]
    one, other = (np.load(tmp_path / result["run"] / "checkpoint.npz") for result in (uncut, resumed))
    for name in (name for name in one if name.startswith("now")):
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
