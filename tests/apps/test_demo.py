"""`plexus demo`: all of it, on embedded data."""

import json

from PIL import Image


def test_the_demo_learns_digits_and_reads_a_photo(plexus, tmp_path):
    done = plexus("demo", "digits", "--json", PLEXUS_DATA="/nowhere")
    assert done.returncode == 0, done.stderr
    (app,) = json.loads(done.stdout)
    assert app["figures"]["accuracy"] >= 0.97
    assert app["seconds"] <= 60
    assert json.loads((tmp_path / "demo/digits/photo.json").read_text())["label"] == "3"
    named = {file.rsplit("/", 1)[1] for file in app["pictures"]}
    assert named == {"photo.png", "photo.explained.png", "training.png", "confusion.png", "mistakes.png"}
    for file in app["pictures"]:
        assert Image.open(tmp_path / file).size > (200, 200)


def test_the_demo_sorts_digits_without_labels(plexus, tmp_path):
    done = plexus("demo", "clusters", "--json", PLEXUS_DATA="/nowhere")
    assert done.returncode == 0, done.stderr
    (app,) = json.loads(done.stdout)
    assert app["figures"]["acc"] >= 0.9
    assert app["figures"]["acc"] > app["figures"]["kmeans_acc"]
    assert app["seconds"] <= 60
    named = {file.rsplit("/", 1)[1] for file in app["pictures"]}
    assert named == {"picture.explained.png", "training.png", "map.png", "sizes.png", "exemplars.png"}
    for file in app["pictures"]:
        assert Image.open(tmp_path / file).size > (200, 150)


def test_the_demo_learns_to_balance(plexus, tmp_path):
    done = plexus("demo", "agent", "--json", PLEXUS_DATA="/nowhere")
    assert done.returncode == 0, done.stderr
    (app,) = json.loads(done.stdout)
    assert app["figures"]["mean_return"] >= 475
    assert app["figures"]["random_mean_return"] < 40
    assert app["seconds"] <= 60
    named = {file.rsplit("/", 1)[1] for file in app["pictures"]}
    assert named == {"playing.gif", "episode.explained.png", "episode.png", "returns.png", "training.png"}
    assert json.loads((tmp_path / "demo/agent/episode.json").read_text())["lengths"] == [500]
    assert Image.open(tmp_path / "demo/agent/playing.gif").n_frames > 200
