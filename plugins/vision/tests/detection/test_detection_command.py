"""`plexus detect`: images, folders, archives and videos, with a network that finds colors."""

import json
import os
import zipfile
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import polars as pl
import pytest
from PIL import Image

from plexus import load
from plexus.cli import main
from plexus.data.videos import Frame, read_frames
from plexus_vision.detection.calibration import ScoreCalibration
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.decision import Decision
from plexus_vision.detection.detection_folder import new_detection_folder
from plexus_vision.detection.drawing import draw_objects
from plexus_vision.detection.drawn_shapes import draw_image
from plexus_vision.detection.image_detector import ImageDetector
from plexus_vision.detection.task import Detect

HEIGHT, WIDTH = 96, 128
"""Size of the training images and of the network's."""
LABELS = {"blue": (0, 0, 255), "red": (255, 0, 0)}
GREY = 128
POINTS = 40


def find_colors(inputs):
    """The network: a logit of 2 at the boxes of red and blue areas; of dark ones, which are weak, -1."""
    images = inputs["image"].astype(int)
    scores = np.full((len(images), POINTS, len(LABELS)), -20.0, np.float32)
    boxes = np.zeros((len(images), POINTS, 4), np.float32)
    for number, image in enumerate(images):
        point = 0
        for label, channel in enumerate((2, 0)):
            mask = image[..., channel] - np.delete(image, channel, 2).max(axis=2) > 60
            _, _, areas, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
            for left, top, width, height, area in areas[1:]:
                if area >= 16:
                    middle = image[top + height // 2, left + width // 2, channel]
                    boxes[number, point] = left, top, left + width, top + height
                    scores[number, point, label] = 2 if middle > 180 else -1
                    point += 1
    return {"scores": scores, "boxes": boxes}


@pytest.fixture
def bundle(monkeypatch):
    calibration = ScoreCalibration([1.0, 1.0], [0.0, 1.0])
    shape = (HEIGHT, WIDTH, 3)
    codec = DetectionCodec(list(LABELS), shape, (8,), (HEIGHT, WIDTH), Decision([0.5, 0.5], calibration))
    bundle = SimpleNamespace(task=Detect("vision.detect"), codec=codec, predictor=find_colors)
    monkeypatch.setattr("plexus_vision.detection.path_objects.load", lambda _: bundle)
    return bundle


@pytest.fixture
def detect(bundle, tmp_path, monkeypatch, capsys):
    """Run `plexus detect` in an empty folder; return its status, document and messages."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = main(["detect", "model", *map(str, arguments), "--json"])
        captured = capsys.readouterr()
        return status, json.loads(captured.out) if captured.out else None, captured.err

    return run


def draw(*areas, size=(HEIGHT, WIDTH)):
    """Return a grey image with areas: label, left, top and side, and optionally how bright it is."""
    image = np.full((*size, 3), GREY, np.uint8)
    for label, left, top, side, *brightness in areas:
        image[top : top + side, left : left + side] = np.array(LABELS[label]) * (brightness or [1])[0]
    return image


def save(file, *areas, **draw_options):
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw(*areas, **draw_options)).save(file)


def save_video(file, images, codec="mp4v"):
    height, width = images[0].shape[:2]
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*codec), 10, (width, height))
    for image in images:
        writer.write(image[..., ::-1])
    writer.release()


def boxes(objects):
    return [(each["label"], each["box"]) for each in objects]


def test_images_of_a_folder_and_of_an_archive_are_counted(detect):
    save("photos/a.png", ("red", 10, 20, 30), ("blue", 60, 40, 20))
    save("photos/more/b.png")
    save("c.png", ("red", 0, 0, 10), ("red", 100, 60, 20))
    with zipfile.ZipFile("c.zip", "w") as archive:
        archive.write("c.png")
    status, result, messages = detect("photos", "c.zip")
    assert (status, messages, result["out"]) == (0, "", None)
    first, second, third = result["results"]
    assert [each["input"] for each in result["results"]] == ["photos/a.png", "photos/more/b.png", "c.zip/c.png"]
    assert [each["counts"] for each in result["results"]] == [
        {"blue": 1, "red": 1},
        {"blue": 0, "red": 0},
        {"blue": 0, "red": 2},
    ]
    assert boxes(first["objects"]) == [("red", [10, 20, 40, 50]), ("blue", [60, 40, 80, 60])]
    assert [each["probability"] for each in first["objects"]] == pytest.approx([0.9526, 0.8808], abs=1e-4)
    assert second["objects"] == []
    assert sorted(boxes(third["objects"])) == [("red", [0, 0, 10, 10]), ("red", [100, 60, 120, 80])]


def test_counts_are_printed_a_line_per_image(detect, capsys):
    save("a.png", ("red", 10, 20, 30), ("red", 90, 20, 10), ("blue", 60, 40, 20))
    save("b.png")
    save_video("c.mp4", [draw(("red", 10, 20, 30))])
    assert main(["detect", "model", "a.png", "b.png", "c.mp4", "--out", "results"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a.png  2 red, 1 blue",
        "b.png  no object",
        "c.mp4  1 red in 1 frame",
        "annotated images and tables: results",
    ]


def test_annotated_images_and_tables_are_written(detect):
    for name in ("x/a.jpg", "y/A.jpg", "b.webp"):
        save(name, ("blue", 60, 40, 20))
    save("=c.png", ("red", 10, 20, 30), ("blue", 60, 40, 20), size=(HEIGHT * 5, WIDTH * 5))
    before = {file: file.read_bytes() for file in Path().rglob("*.*") if file.is_file()}
    _, result, _ = detect("x", "y", "b.webp", "=c.png", "--out", "results")
    annotated = [each["annotated"] for each in result["results"]]
    assert annotated == ["results/a.jpg", "results/A-2.jpg", "results/b.png", "results/=c.png"]
    assert {file.name for file in Path("results").iterdir()} == {
        *(Path(name).name for name in annotated),
        "objects.csv",
        "counts.csv",
    }
    assert all(file.read_bytes() == content for file, content in before.items())
    assert [Image.open(name).format for name in annotated] == ["JPEG", "JPEG", "PNG", "PNG"]
    assert Image.open("results/a.jpg").size == (WIDTH * 4, HEIGHT * 4)  # so that labels are readable
    assert Image.open("results/=c.png").size == (WIDTH * 5, HEIGHT * 5)
    counts = pl.read_csv("results/counts.csv")
    assert counts.columns == ["image", "blue", "red"]
    assert counts.rows()[-1] == ("'=c.png", 1, 1)  # no formula
    objects = pl.read_csv("results/objects.csv")
    header = ["image", "frame", "time", "track", "label", "left", "top", "right", "bottom", "probability"]
    assert objects.columns == header
    assert objects.rows()[0] == ("x/a.jpg", None, None, None, "blue", *objects.rows()[0][5:])
    assert objects.rows()[0][5:] == pytest.approx((60, 40, 80, 60, 0.88), abs=1.5)


def test_boxes_are_drawn_around_objects_in_the_color_of_the_label():
    image = draw(size=(400, 500))
    objects = [{"label": "red", "box": [100, 200, 300, 350], "probability": 0.973}]
    drawn = draw_objects(image, objects, list(LABELS))
    changed = (drawn != image).any(axis=2)
    rows, columns = changed.any(axis=1).nonzero()[0], changed.any(axis=0).nonzero()[0]
    assert (columns.min(), columns.max(), rows.max()) == (99, 301, 351)
    assert 180 <= rows.min() < 195  # the text is above the box
    assert not changed[210:340, 110:290].any()
    other = draw_objects(image, [objects[0] | {"label": "blue"}], list(LABELS))
    assert (drawn[350, 200] != other[350, 200]).any()
    assert (draw_objects(image[..., :1], [], list(LABELS)) == GREY).all()


def moving(frames=30):
    """Return frames in which a red area moves, a blue one appears at frame 10 and another red one leaves at 20."""
    return [
        draw(
            ("red", 5 + 2 * number, 10, 20),
            *([("blue", 50, 50, 16)] if number >= 10 else []),
            *([("red", 100, 60, 20)] if number < 20 else []),
        )
        for number in range(frames)
    ]


def test_objects_of_a_video_are_tracked(detect):
    save_video("clip.mp4", moving())
    status, result, _ = detect("clip.mp4", "--out", "results")
    assert status == 0
    [video] = result["results"]
    assert video["counts"] == {"blue": 1, "red": 2}
    frames = video["frames"]
    assert [frame["frame"] for frame in frames] == list(range(30))
    assert [frame["time"] for frame in frames] == [number / 10 for number in range(30)]
    assert [frame["counts"] for frame in (frames[0], frames[15], frames[29])] == [
        {"blue": 0, "red": 2},
        {"blue": 1, "red": 2},
        {"blue": 1, "red": 1},
    ]
    tracks = [{each["track"]: each["box"][0] for each in frame["objects"]} for frame in frames]
    (moved,) = (track for track, left in tracks[0].items() if left < 50)
    assert [track[moved] for track in tracks] == pytest.approx([5 + 2 * number for number in range(30)], abs=2)
    assert None in tracks[10]  # confirmed by the next frame
    assert set(tracks[11]) == {1, 2, 3}
    assert video["annotated"] == "results/clip.mp4"
    annotated = list(read_frames("results/clip.mp4"))
    assert len(annotated) == 30
    assert annotated[-1].time == pytest.approx(2.9, abs=0.01)
    assert annotated[0].image.shape == (HEIGHT * 4, WIDTH * 4, 3)
    assert (np.abs(annotated[15].image[100, 500].astype(int) - GREY) < 10).all()
    assert pl.read_csv("results/counts.csv").rows() == [("clip.mp4", 1, 2)]
    assert pl.read_csv("results/frame_counts.csv").rows()[15] == ("clip.mp4", 15, 1.5, 1, 2)
    objects = pl.read_csv("results/objects.csv")
    assert len(objects) == 30 + 20 + 20
    assert objects.filter(pl.col("label") == "blue")["track"].to_list() == [None, *[3] * 19]


def test_a_weak_detection_continues_a_track(detect):
    dark = [draw(("red", 30, 30, 30, 0.55 if 5 <= number < 8 else 1)) for number in range(12)]
    save_video("clip.mp4", dark)
    [video] = detect("clip.mp4")[1]["results"]
    assert [[each["track"] for each in frame["objects"]] for frame in video["frames"]] == [[1]] * 12
    save_video("dark.mp4", dark[5:8])
    [video] = detect("dark.mp4")[1]["results"]
    assert video["counts"]["red"] == 0
    assert all(frame["objects"] == [] for frame in video["frames"])


def test_frame_rate_and_seconds_limit_a_video(detect):
    save_video("clip.mp4", moving())
    _, result, _ = detect("clip.mp4", "--frame-rate", 5, "--seconds", 2, "--out", "results")
    frames = result["results"][0]["frames"]
    assert [frame["frame"] for frame in frames] == list(range(0, 20, 2))
    assert [frame.time for frame in read_frames("results/clip.mp4")] == pytest.approx(np.arange(10) / 5)


def test_a_camera_is_read_for_the_seconds(detect, monkeypatch):
    frames = [Frame(image, number, number / 10) for number, image in enumerate(moving(25))]
    calls = []
    monkeypatch.setattr("plexus.data.pictures.read_frames", lambda *arguments: calls.append(arguments) or iter(frames))
    [camera] = detect("camera:0", "--seconds", 5, "--frame-rate", 10, "--out", "results")[1]["results"]
    assert calls == [(Path("camera:0"), 10, 5)]
    assert (camera["input"], camera["counts"], len(camera["frames"])) == ("camera:0", {"blue": 1, "red": 2}, 25)
    assert camera["annotated"] == "results/camera-0.mp4"
    assert Path("results/camera-0.mp4").is_file()


def test_a_video_that_is_cut_off_is_described_up_to_the_damage(detect):
    save_video("clip.avi", moving(), "MJPG")
    whole = Path("clip.avi").read_bytes()
    Path("clip.avi").write_bytes(whole[: len(whole) // 2])
    status, result, messages = detect("clip.avi", "--out", "results")
    assert status == 2
    assert messages.count("\n") == 1
    assert "clip.avi is damaged or cut off" in messages
    described, error = result["results"]
    assert described["frames"]
    assert error["input"] == "clip.avi"
    assert len(pl.read_csv("results/frame_counts.csv")) == len(described["frames"])


def test_of_several_inputs_those_that_can_be_read_are_described(detect):
    save("a.png", ("red", 10, 20, 30))
    Path("b.png").write_bytes(Path("a.png").read_bytes()[:60])
    status, result, messages = detect("a.png", "b.png", "missing.jpg", "--out", "results")
    assert status == 2
    assert ["error" in each for each in result["results"]] == [False, True, True]
    assert messages.count("\n") == 2
    assert pl.read_csv("results/counts.csv").rows() == [("a.png", 0, 1)]
    status, result, messages = detect("b.png", "--out", "nothing")
    assert (status, result, messages.count("\n")) == (2, None, 1)
    assert sorted(file.name for file in Path().iterdir()) == ["a.png", "b.png", "results"]


def test_a_folder_with_files_is_not_overwritten(detect, monkeypatch):
    save("a.png", ("red", 10, 20, 30))
    Path("results").mkdir()
    assert detect("a.png", "--out", "results")[0] == 0
    status, _, messages = detect("a.png", "--out", "results")
    assert status == 2
    assert messages == "plexus: --out results is not empty, and nothing is overwritten: name another folder\n"
    assert detect("a.png", "--out", "a.png")[2].startswith("plexus: a.png exists already")
    Path("empty").mkdir()
    monkeypatch.chdir("empty")
    assert "--out . is the current folder" in detect("../a.png", "--out", ".")[2]


def test_an_empty_folder_remains_if_nothing_could_be_read(detect):
    Path("empty").mkdir()
    assert detect("no.png", "--out", "empty")[0] == 2
    assert [*Path("empty").iterdir()] == []
    save("a.png", ("red", 10, 20, 30))
    assert detect("a.png", "--out", "empty")[0] == 0
    assert sorted(file.name for file in Path("empty").iterdir()) == ["a.png", "counts.csv", "objects.csv"]


def test_labels_that_are_names_of_columns(tmp_path):
    labels = ["image", "image (label)", "frame"]
    result = {"input": "a.png", "counts": {"image": 1, "image (label)": 2, "frame": 3}, "objects": []}
    with new_detection_folder(tmp_path / "results") as folder:
        folder.write_tables([result], labels)
    counts = pl.read_csv(tmp_path / "results/counts.csv")
    assert counts.row(0, named=True) == {
        "image": "a.png", "image (label)": 1, "image (label) (label)": 2, "frame": 3,
    }  # fmt: skip


def test_long_names_and_names_that_are_not_utf_8(detect):
    """Names of 255 bytes have no room for a number, and a table has no room for bytes that are no text."""
    long = "ä" * 125 + ".png"
    for name in (f"one/{long}", f"two/{long}", "two/caf.png"):
        save(name, ("red", 10, 20, 30))
    Path("two/caf.png").rename(os.fsdecode(b"two/caf\xe9.png"))
    status, result, messages = detect("one", "two", "--out", "results")
    assert (status, messages) == (0, "")
    assert [each["counts"]["red"] for each in result["results"]] == [1, 1, 1]
    stem = "ä" * 100
    assert [Path(each["annotated"]).name for each in result["results"]] == [
        f"{stem}.png", "caf-xe9.png", f"{stem}-2.png",
    ]  # fmt: skip
    assert all(Path(each["annotated"]).is_file() for each in result["results"])
    counts = pl.read_csv("results/counts.csv")
    assert counts["image"].to_list() == [f"one/{long}", "two/caf\\xe9.png", f"two/{long}"]


def test_large_images_are_cut_into_tiles_of_the_size_of_training_images(detect, bundle):
    assert ImageDetector(bundle).tile == (HEIGHT, WIDTH)
    # Scaled down to the network's image, objects of 6 pixels would be too small for it.
    places = [(left, top) for top in range(20, HEIGHT * 5, 50) for left in range(20, WIDTH * 5, 70)]
    save("large.png", *(("red", left, top, 6) for left, top in places), size=(HEIGHT * 5, WIDTH * 5))
    assert detect("large.png")[1]["results"][0]["counts"] == {"blue": 0, "red": 0}
    [result] = detect("large.png", "--tiles")[1]["results"]
    assert result["counts"] == {"blue": 0, "red": len(places)}
    expected = sorted(("red", [left, top, left + 6, top + 6]) for left, top in places)
    assert sorted(boxes(result["objects"])) == expected


def test_tiles_have_the_scale_of_the_training_images(bundle):
    bundle.codec.image_size = (300, 256)  # the network's image has half the scale of the width, a third of the height
    assert ImageDetector(bundle).tile == (300, 400)


def test_the_least_probability_replaces_the_thresholds(detect):
    save("a.png", ("red", 10, 20, 30), ("blue", 60, 40, 20), ("red", 100, 60, 20, 0.55))
    counts = [
        detect("a.png", "--min-probability", probability)[1]["results"][0]["counts"]
        for probability in (0.4, 0.6, 0.9, 0.99)
    ]
    assert counts == [{"blue": 1, "red": 2}, {"blue": 1, "red": 1}, {"blue": 0, "red": 1}, {"blue": 0, "red": 0}]


def test_scores_of_a_probability_have_this_probability():
    calibration = ScoreCalibration([2.0, 0.5], [0.3, -1.0])
    for probability in (0.001, 0.3, 0.99):
        scores = calibration.scores(probability)
        assert calibration.probability(scores, np.arange(2)) == pytest.approx([probability] * 2, rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.png", "--min-probability", "1"), "--min-probability must be above 0 and below 1, not 1.0"),
        (("a.mp4", "--frame-rate", "0"), "--frame-rate must be above 0, not 0.0"),
        (("a.mp4", "--seconds", "nan"), "--seconds must be above 0, not nan"),
        (("camera:9999",), "camera:9999: there is no such camera"),
    ],
)
def test_wrong_arguments_are_named(detect, arguments, message):
    status, result, messages = detect(*arguments)
    assert (status, result) == (2, None)
    assert message in messages


def test_a_bundle_of_another_task_is_refused(detect, bundle):
    bundle.task = SimpleNamespace(id="vision.classify")
    assert "model is a bundle of vision.classify, expected one of vision.detect" in detect("a.png")[2]


@pytest.mark.slow
def test_drawn_shapes_are_detected_as_predict_detects_them(trial, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = trial("vision.detect") / "run/bundle"
    files = [f"{number}.png" for number in range(4)]
    for number, file in enumerate(files):
        Image.fromarray(draw_image(number, seed=5)[0]).save(file)
    around = cv2.copyMakeBorder(draw_image(9, seed=5)[0], 20, 20, 20, 20, cv2.BORDER_REFLECT)
    save_video("clip.mp4", [np.ascontiguousarray(around[20:148, left : left + 128]) for left in range(0, 40, 2)])
    assert main(["detect", str(model), *files, "clip.mp4", "--out", "results", "--tiles", "--json"]) == 0
    *images, video = json.loads(capsys.readouterr().out)["results"]
    predictions = load(model).predict([Path(file) for file in files])
    for image, prediction in zip(images, predictions, strict=True):
        assert image["counts"] == prediction.counts
        assert image["objects"] == [each.model_dump() for each in prediction.objects]
    tracks = {each["track"] for frame in video["frames"] for each in frame["objects"]} - {None}
    assert len(video["frames"]) == 20
    assert sorted(tracks) == list(range(1, sum(video["counts"].values()) + 1))
