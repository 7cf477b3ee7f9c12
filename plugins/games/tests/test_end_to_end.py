"""Games on the command line: train, evaluate, record, explain, interrupt and resume."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

import plexus
from plexus_games.episode_request import EpisodeRequest

TRAIN = ("train", "games.play", "--steps", "60000", "--evaluate-every", "5", "--checkpoint-minutes", "0.0001", "--json")


@pytest.fixture(scope="module")
def trained(forked_plexus, tmp_path_factory):
    """A training of CartPole, and its folder."""
    folder = tmp_path_factory.mktemp("cartpole")
    done = subprocess.run(
        [*forked_plexus, *TRAIN, "--out", "agent"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


@pytest.mark.slow
def test_cartpole_is_learned(trained):
    folder, result = trained
    assert result["score"]["name"] == "mean_return"
    assert result["scores"]["mean_return"] > 300
    assert 10 < result["scores"]["random_mean_return"] < 40
    assert (
        result["scores"]["mean_return_low"] <= result["scores"]["mean_return"] <= result["scores"]["mean_return_high"]
    )
    report = {file.name for file in (folder / result["run"] / "report").iterdir()}
    assert report == {"training.svg", "returns.svg", "episode.svg", "playing.gif"}
    lines = [json.loads(line) for line in (folder / result["run"] / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines if "mean_return" in line][:2] == [4, 9]
    assert (
        "greedy episodes whose initial states are not those of training episodes"
        in (folder / "agent/README.md").read_text()
    )


def test_the_network_maps_observations_to_actions(trained):
    """From a raw observation to an action, by ONNX Runtime alone."""
    import onnxruntime

    folder, _ = trained
    session = onnxruntime.InferenceSession(folder / "agent/network.onnx")
    assert [tensor.name for tensor in session.get_inputs()] == ["observation"]
    falling_right = np.array([[0, 0, 0.15, 1.0]], np.float32)
    outputs = dict(
        zip([t.name for t in session.get_outputs()], session.run(None, {"observation": falling_right}), strict=True)
    )
    assert outputs["action"] == [1]
    bundle = plexus.load(folder / "agent")
    prediction = bundle.predict(list(falling_right))[0]
    assert prediction.action == 1
    assert sum(prediction.preferences) == pytest.approx(1)
    assert prediction.value == pytest.approx(float(outputs["value"][0]))


def test_evaluate_gives_the_same_scores(trained, plexus):
    folder, result = trained
    done = plexus("evaluate", folder / "agent", "--json")
    assert json.loads(done.stdout)["scores"] == result["scores"]
    shorter = json.loads(plexus("evaluate", folder / "agent", "--data", "CartPole-v0", "--json").stdout)
    assert shorter["score"]["value"] <= 200


@pytest.mark.slow
def test_kill_and_resume(trained, plexus, forked_plexus, tmp_path):
    """Metrics and weights are equal to the last bit: the state of the environments is saved too."""
    folder, result = trained
    with subprocess.Popen(
        [*forked_plexus, *TRAIN],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while "epoch 10/" not in (line := process.stderr.readline()):
            assert line, "the training ended early"
        process.kill()
        process.communicate()
    (run,) = (tmp_path / "runs/games.play").iterdir()
    done = plexus("train", "--resume", run, "--json")
    assert done.returncode == 0, done.stderr
    resumed = json.loads(done.stdout)
    assert resumed["scores"] == result["scores"]
    expected, actual = np.load(folder / result["run"] / "checkpoint.npz"), np.load(run / "checkpoint.npz")
    names = [name for name in expected if name.startswith(("now", "source", "dataset"))]
    assert any("environment" in name for name in names)
    for name in names:
        np.testing.assert_array_equal(expected[name], actual[name], err_msg=name)


@pytest.mark.slow
def test_episodes_are_recorded_and_explained(trained, plexus, tmp_path):
    done = plexus(
        "predict", trained[0] / "agent", "--episodes", "2", "--video", "out.mp4", "--explain", "--out", "why", "--json"
    )
    assert done.returncode == 0, done.stderr
    (prediction,) = json.loads(done.stdout)
    assert len(prediction["answer"]["returns"]) == 2
    assert prediction["answer"]["video"] == "out.mp4"
    assert Image.open(tmp_path / prediction["explanation"]).width > 800
    video = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_WIDTH) > 200
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == sum(prediction["answer"]["lengths"])


def test_episodes_are_recorded_as_gif(trained, tmp_path):
    request = EpisodeRequest(1, seed=3, video=tmp_path / "new/out.gif")
    (prediction,) = plexus.load(trained[0] / "agent").predict([request])
    image = Image.open(tmp_path / "new/out.gif")
    assert image.n_frames >= prediction.lengths[0] / 2 - 1
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["out.gif"]


def test_inputs_that_predict_refuses(trained, refused, tmp_path):
    agent = trained[0] / "agent"
    assert "expected a file ending in .mp4 or .gif" in refused("predict", agent, "--video", "x.txt")
    (tmp_path / "there.gif").write_bytes(b"")
    assert "exists" in refused("predict", agent, "--video", "there.gif")
    assert "4 numbers of shape (4,), got shape (3,)" in refused("predict", agent, "[1, 2, 3]")
    assert "none of them NaN" in refused("predict", agent, "[1, 2, 3, NaN]")
    assert "episodes" in refused("predict", agent, "[0, 0, 0, 0]", "--episodes", "2")
    assert "its observation or action space differs from the bundle's" in refused(
        "evaluate", agent, "--data", "Acrobot-v1"
    )
    assert "--episodes must be greater than or equal to 1" in refused("predict", agent, "--episodes", "0")


def test_observations_from_a_file(trained, plexus, tmp_path):
    np.save(tmp_path / "states.npy", np.array([[0, 0, 0.1, 1], [0, 0, -0.1, -1]], np.float32))
    done = plexus("predict", trained[0] / "agent", "states.npy", "--json")
    assert [line["answer"]["action"] for line in json.loads(done.stdout)] == [1, 0]


def test_predicting_imports_no_training_framework(trained):
    program = (
        "import sys; import plexus; from plexus_games.episode_request import EpisodeRequest\n"
        f"print(plexus.load({str(trained[0] / 'agent')!r}).predict([EpisodeRequest(1, 0)])[0])\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mean return ")
