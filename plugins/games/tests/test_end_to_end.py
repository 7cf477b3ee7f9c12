"""Playing from the command line: trained, measured, watched, explained, cut off and gone on with."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

import plexus
from plexus_games.show import Show

TRAIN = ("train", "games.play", "--steps", "60000", "--measure-every", "5", "--checkpoint-minutes", "0.0001", "--json")


@pytest.fixture(scope="module")
def uncut(tmp_path_factory):
    """A training of CartPole, and the folder that it was in."""
    folder = tmp_path_factory.mktemp("cartpole")
    done = subprocess.run(
        [sys.executable, "-m", "plexus", *TRAIN, "--out", "agent"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_it_learns_to_balance(uncut):
    folder, result = uncut
    assert result["score"]["name"] == "mean_return"
    assert result["scores"]["mean_return"] > 300
    assert 10 < result["scores"]["random_mean_return"] < 40
    assert (
        result["scores"]["mean_return_low"] <= result["scores"]["mean_return"] <= result["scores"]["mean_return_high"]
    )
    report = {file.name for file in (folder / result["run"] / "report").iterdir()}
    assert report == {"training.png", "returns.png", "episode.png", "playing.gif"}
    lines = [json.loads(line) for line in (folder / result["run"] / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines if "mean_return" in line][:2] == [4, 9]
    assert "episodes that begin where none of the training did" in (folder / "agent/README.md").read_text()


def test_the_policy_is_complete(uncut):
    """A raw observation in, an action out, by ONNX Runtime alone."""
    import onnxruntime

    folder, _ = uncut
    session = onnxruntime.InferenceSession(folder / "agent/network.onnx")
    assert [tensor.name for tensor in session.get_inputs()] == ["observation"]
    falling_right = np.array([[0, 0, 0.15, 1.0]], np.float32)
    outputs = dict(
        zip([t.name for t in session.get_outputs()], session.run(None, {"observation": falling_right}), strict=True)
    )
    assert outputs["action"] == [1]
    bundle = plexus.load(folder / "agent")
    move = bundle.predict(list(falling_right))[0]
    assert move.action == 1
    assert sum(move.preferences) == pytest.approx(1)
    assert move.value == pytest.approx(float(outputs["value"][0]))


def test_evaluate_gives_the_same_scores(uncut, plexus):
    folder, result = uncut
    done = plexus("evaluate", folder / "agent", "--json")
    assert json.loads(done.stdout)["scores"] == result["scores"]
    heavier = json.loads(plexus("evaluate", folder / "agent", "--data", "CartPole-v0", "--json").stdout)
    assert heavier["score"]["value"] <= 200


def test_killed_and_gone_on_with(uncut, plexus, tmp_path):
    """The same scores and weights to the last bit: the copies of the environment are saved too."""
    folder, result = uncut
    with subprocess.Popen(
        [sys.executable, "-m", "plexus", *TRAIN],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while "epoch 10/" not in (line := process.stderr.readline()):
            assert line, "it ended early"
        process.kill()
    (run,) = (tmp_path / "runs/games.play").iterdir()
    done = plexus("train", "--resume", run, "--json")
    assert done.returncode == 0, done.stderr
    resumed = json.loads(done.stdout)
    assert resumed["scores"] == result["scores"]
    one, other = np.load(folder / result["run"] / "checkpoint.npz"), np.load(run / "checkpoint.npz")
    for name in (name for name in one if name.startswith(("now", "source"))):
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_it_is_watched(uncut, plexus, tmp_path):
    done = plexus(
        "predict", uncut[0] / "agent", "--episodes", "2", "--video", "out.mp4", "--explain", "--out", "why", "--json"
    )
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout)
    assert len(answer["answer"]["returns"]) == 2
    assert answer["answer"]["video"] == "out.mp4"
    assert Image.open(tmp_path / answer["explanation"]).width > 800
    film = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert film.get(cv2.CAP_PROP_FRAME_WIDTH) > 200
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == sum(answer["answer"]["lengths"])


def test_it_is_watched_as_a_gif(uncut, tmp_path):
    show = Show(1, seed=3, video=tmp_path / "new/out.gif")
    (answer,) = plexus.load(uncut[0] / "agent").predict([show])
    picture = Image.open(tmp_path / "new/out.gif")
    assert picture.n_frames >= answer.lengths[0] / 2 - 1
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["out.gif"]


def test_what_predict_refuses(uncut, refused, tmp_path):
    agent = uncut[0] / "agent"
    assert "a file ending in .mp4 or .gif is wanted" in refused("predict", agent, "--video", "x.txt")
    (tmp_path / "there.gif").write_bytes(b"")
    assert "exists already" in refused("predict", agent, "--video", "there.gif")
    assert "4 numbers of shape (4,), not of shape (3,)" in refused("predict", agent, "[1, 2, 3]")
    assert "none of them NaN" in refused("predict", agent, "[1, 2, 3, NaN]")
    assert "leave out the one or the other" in refused("predict", agent, "[0, 0, 0, 0]", "--episodes", "2")
    assert "are not those of the bundle" in refused("evaluate", agent, "--data", "Acrobot-v1")
    assert "--episodes must be greater than or equal to 1" in refused("predict", agent, "--episodes", "0")


def test_observations_from_a_file(uncut, plexus, tmp_path):
    np.save(tmp_path / "states.npy", np.array([[0, 0, 0.1, 1], [0, 0, -0.1, -1]], np.float32))
    done = plexus("predict", uncut[0] / "agent", "states.npy", "--json")
    assert [line["answer"]["action"] for line in json.loads(done.stdout)] == [1, 0]


def test_answering_imports_no_training_framework(uncut):
    program = (
        "import sys; from plexus import Bundle; from plexus_games.show import Show\n"
        f"print(plexus.load({str(uncut[0] / 'agent')!r}).predict([Show(1, 0)])[0])\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mean return ")
