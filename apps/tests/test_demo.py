"""`plexus demo` of all apps on embedded data."""

import json
import os
import re
import subprocess
import sys
from html import unescape
from xml.etree import ElementTree

import pytest
from PIL import Image

from plexus.utils.formatting import number

pytestmark = [pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory, slowdown):
    """The folder of a run of all demos without data sets, and their results by app; the machine is measured first."""
    folder = tmp_path_factory.mktemp("demo")
    command, environment = [sys.executable, "-m", "plexus", "demo", "--json"], os.environ | {"PLEXUS_DATA": "/nowhere"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, {app["app"]: app for app in json.loads(done.stdout)}


def image_size(file):
    return Image.open(file).size


def svg_size(file):
    root = ElementTree.parse(file).getroot()
    assert "prefers-color-scheme: dark" in file.read_text()
    return tuple(float(root.get(name).removesuffix("pt")) for name in ("width", "height"))


def image_names(demo, app, minimum_size):
    """Return the names of an app's images, after checking that each is larger than a size."""
    for file in demo[1][app]["pictures"]:
        assert (svg_size if file.endswith(".svg") else image_size)(demo[0] / file) > minimum_size
    return {file.rsplit("/", 1)[1] for file in demo[1][app]["pictures"]}


@pytest.mark.parametrize(
    "app",
    [
        "board-room",
        "cluster-explorer",
        "face-desk",
        "fraud-monitor",
        "game-room",
        "image-recognition",
        "object-finder",
        "risk-desk",
        "sentiment-desk",
        "translator",
        "voice-commands",
        "xray-reader",
    ],
)
def test_each_app_takes_at_most_a_minute(demo, app, slowdown):
    assert demo[1][app]["seconds"] <= 60 * slowdown


def test_image_recognition(demo):
    assert demo[1]["image-recognition"]["figures"]["accuracy"] >= 0.97
    assert json.loads((demo[0] / "demo/image-recognition/photo.json").read_text())["label"] == "3"
    files = image_names(demo, "image-recognition", (200, 200))
    assert files == {
        "photo.png",
        "photo.explained.svg",
        "out_of_distribution.svg",
        "training.svg",
        "confusion.svg",
        "calibration.svg",
        "mistakes.svg",
    }


def test_cluster_explorer(demo):
    figures = demo[1]["cluster-explorer"]["figures"]
    assert figures["acc"] >= 0.9
    assert figures["acc"] > figures["kmeans_acc"]
    files = image_names(demo, "cluster-explorer", (200, 150))
    assert files == {"image.explained.svg", "training.svg", "map.svg", "sizes.svg", "exemplars.svg"}


def test_game_room(demo):
    figures = demo[1]["game-room"]["figures"]
    assert figures["mean_return"] >= 475
    assert figures["random_mean_return"] < 40
    files = image_names(demo, "game-room", (200, 150))
    assert files == {"playing.gif", "episode.explained.svg", "episode.svg", "returns.svg", "training.svg"}
    assert json.loads((demo[0] / "demo/game-room/episode.json").read_text())["lengths"] == [500]
    assert Image.open(demo[0] / "demo/game-room/playing.gif").n_frames > 200


def test_board_room(demo, slowdown):
    figures = demo[1]["board-room"]["figures"]
    assert demo[1]["board-room"]["seconds"] <= 45 * slowdown
    assert figures["good_moves"] >= 0.95
    assert figures["search_points"] >= 0.5 > figures["random_points"]
    analysis = json.loads((demo[0] / "demo/board-room/game.json").read_text())
    assert analysis["points"] == 1
    assert analysis["moves"][1]["best"] == "o(1,1)"
    files = image_names(demo, "board-room", (200, 150))
    assert files >= {"game.svg", "position.svg", "training.svg"}


def test_sentiment_of_a_review(demo):
    figures = demo[1]["sentiment-desk"]["figures"]
    assert figures["accuracy"] >= 0.95
    assert figures["majority_accuracy"] < 0.6
    prediction = json.loads((demo[0] / "demo/sentiment-desk/review.json").read_text())
    assert [sentence["label"] for sentence in prediction["sentences"]] == ["positive"] * 3
    assert "<mark" in (demo[0] / "demo/sentiment-desk/review.explained.html").read_text()
    assert image_names(demo, "sentiment-desk", (200, 200)) == {"training.svg", "confusion.svg", "calibration.svg"}


def test_numbers_are_translated(demo):
    figures = demo[1]["translator"]["figures"]
    assert figures["exact"] >= 0.99
    assert figures["copy_bleu"] < 5
    lines = (demo[0] / "demo/translator/numbers.tsv").read_text().splitlines()
    assert [line.split("\t")[1] for line in lines] == ["241", "9070", "1994-05-03"]
    assert "data-weights" in (demo[0] / "demo/translator/numbers.explained.html").read_text()


def test_fraud_monitor(demo):
    figures = demo[1]["fraud-monitor"]["figures"]
    assert figures["average_precision"] > 1.5 * figures["amount_average_precision"]
    assert figures["cost_saved"] > 0.5
    prediction = json.loads((demo[0] / "demo/fraud-monitor/payment.json").read_text())
    assert prediction["fraud"]
    assert any("amount" in reason for reason in prediction["reasons"])
    files = image_names(demo, "fraud-monitor", (200, 150))
    assert files == {"payment.explained.svg", "training.svg", "precision_recall.svg", "cost.svg", "drift.svg"}


def test_risk_desk(demo, slowdown):
    figures = demo[1]["risk-desk"]["figures"]
    assert demo[1]["risk-desk"]["seconds"] <= 15 * slowdown
    assert figures["roc_auc"] >= 0.95
    assert figures["log_loss"] < 0.5 * figures["prior_log_loss"]
    prediction = json.loads((demo[0] / "demo/risk-desk/cells.json").read_text())
    assert prediction["label"] == "malignant"
    files = image_names(demo, "risk-desk", (200, 150))
    assert files == {
        "cells.explained.svg",
        "training.svg",
        "confusion.svg",
        "calibration.svg",
        "importance.svg",
        "models.svg",
    }


def test_face_desk(demo):
    figures = demo[1]["face-desk"]["figures"]
    assert figures["equal_error_rate"] < 0.1
    assert figures["equal_error_rate"] < 0.5 * figures["pixel_equal_error_rate"]
    answer = json.loads((demo[0] / "demo/face-desk/faces.json").read_text())
    assert answer["same_person"]
    assert [face["name"] for face in answer["photo"]] == ["person_07", None, "person_01", "person_03"]
    files = image_names(demo, "face-desk", (200, 150))
    assert files == {"group.png", "det.svg", "similarities.svg", "mistakes.svg"}


def test_object_finder(demo):
    figures = demo[1]["object-finder"]["figures"]
    assert figures["map50"] >= 0.8
    assert figures["baseline_map50"] < 0.05
    assert figures["count_error"] < figures["baseline_count_error"]
    objects = json.loads((demo[0] / "demo/object-finder/objects.json").read_text())
    assert {item["label"] for item in objects} <= {"circle", "square", "triangle"}
    assert len(objects) >= 3
    files = image_names(demo, "object-finder", (200, 150))
    assert files == {
        "boxes.png",
        "training.svg",
        "precision_recall.svg",
        "f1.svg",
        "confusion.svg",
        "error_types.svg",
        "counts.svg",
        "mistakes.svg",
        "sizes.svg",
        "missing_labels.svg",
    }


def test_voice_commands(demo):
    figures = demo[1]["voice-commands"]["figures"]
    assert figures["accuracy"] >= 0.9
    assert figures["unknown_auroc"] > 0.6
    prediction = json.loads((demo[0] / "demo/voice-commands/voice.json").read_text())
    assert len(prediction["words"]) == 3
    assert sum(word["label"] in {"yes", "no", "up"} for word in prediction["words"]) >= 2
    files = image_names(demo, "voice-commands", (200, 150))
    assert files == {
        "voice.words.svg",
        "voice.explained.svg",
        "training.svg",
        "confusion.svg",
        "calibration.svg",
        "mistakes.svg",
    }


def test_xray_reader(demo, slowdown):
    figures = demo[1]["xray-reader"]["figures"]
    assert demo[1]["xray-reader"]["seconds"] <= 30 * slowdown
    assert figures["roc_auc"] >= 0.9 > figures["chance_roc_auc"]
    assert figures["sensitivity"] >= 0.8
    xray, *others = json.loads((demo[0] / "demo/xray-reader/answers.json").read_text())
    assert (xray["label"], xray["abstained"]) == ("opacity", False)
    assert [(answer["label"], answer["risk"]) for answer in others] == [("not answered", None)] * 2
    files = image_names(demo, "xray-reader", (200, 150))
    assert files >= {
        "answers.svg",
        "xray.explained.svg",
        "training.svg",
        "roc_curve.svg",
        "calibration_curve.svg",
        "decision_curve.svg",
    }


def test_all_demos_are_on_one_page_and_take_at_most_four_minutes(demo, slowdown):
    page = (demo[0] / "demo/index.html").read_text()
    assert sum(app["seconds"] for app in demo[1].values()) <= 240 * slowdown
    for id, app in demo[1].items():
        assert re.search(rf"<h2>[A-Z][\w -]+ <code>{id}</code></h2>", page)
        assert app["shown"]
        for file, caption in app["shown"]:
            assert (demo[0] / file).is_file()
            assert caption in unescape(page)
    assert page.count("<svg ") + page.count('src="data:image/') >= 10
    assert not re.search(r"""(src|href)=["']?(https?:|//|/)""", page), "the page refers to other files or addresses"


def test_the_page_is_readable_on_any_screen(demo, open_page, faults_by_look):
    page = open_page(f"file://{demo[0] / 'demo/index.html'}")
    assert page.locator("img[src^='data:image/svg']").count() == 0
    assert faults_by_look(page) == {}


def test_metrics_have_the_intervals_of_the_bundle(demo):
    low, high = demo[1]["image-recognition"]["intervals"]["accuracy"]
    assert low < demo[1]["image-recognition"]["figures"]["accuracy"] < high
    assert f"<td>{number(low)} to {number(high)}</tr>" in (demo[0] / "demo/index.html").read_text()
