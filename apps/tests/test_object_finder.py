"""The app object-finder without a browser: boxes, counts, thresholds, videos, figures and events of the page."""

import base64
import re
import shutil
import zipfile
from types import SimpleNamespace

import cv2
import gradio as gr
import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure

from plexus import Bundle, InputError
from plexus.data.video_file import VideoFile
from plexus.data.videos import read_frames
from plexus.plugins.registry import registry
from plexus.report.figure import save_figure
from plexus_apps.object_finder import model_data
from plexus_apps.object_finder.detection_model import DetectionModel
from plexus_apps.object_finder.drawing import COLORS, draw_boxes, fit_image, label_color
from plexus_apps.object_finder.examples import write_example_video, write_image
from plexus_apps.object_finder.model_data import example_images, mistakes_html
from plexus_apps.object_finder.page import make_page
from plexus_apps.object_finder.results import (
    counts_html,
    download_html,
    image_html,
    objects_html,
    thresholds_html,
)
from plexus_apps.object_finder.video_result import WIDTH, track_video
from plexus_apps.results import error_html

LABELS = ["blue", "green", "red"]
SHAPE = (128, 128, 3)
THRESHOLDS = [0.5, 0.6, 0.7]
POINTS = 8


class RectangleNetwork:
    """A network that detects rectangles on black; a score is the brightness in the channel of the label."""

    def __call__(self, inputs):
        images = inputs["image"]
        scores, boxes = np.full((len(images), POINTS, 3), -20.0), np.zeros((len(images), POINTS, 4), np.float32)
        for number, image in enumerate(images):
            _, parts, places, _ = cv2.connectedComponentsWithStats((image.max(axis=2) > 60).astype(np.uint8))
            for row, (left, top, width, height, _) in enumerate(places[1:]):
                color = image[parts == row + 1].mean(axis=0) / 256
                label = 2 - int(color.argmax())
                boxes[number, row] = left, top, left + width, top + height
                scores[number, row, label] = np.log(color.max() / (1 - color.max()))
        return {"scores": scores, "boxes": boxes}


def draw(*rectangles, side=128):
    """Draw rectangles: left, top, width, height, label, score."""
    image = np.zeros((side, side, 3), np.uint8)
    for left, top, width, height, label, score in rectangles:
        image[top : top + height, left : left + width, 2 - LABELS.index(label)] = round(256 * score)
    return image


IMAGE = draw(
    (10, 20, 30, 20, "red", 0.9),
    (60, 10, 20, 40, "blue", 0.75),
    (90, 90, 30, 30, "red", 0.65),  # below the threshold of its label
    (10, 90, 20, 20, "green", 0.8),
)


def make_bundle(folder, data="drawn_shapes"):
    """Return a bundle of `vision.detect` whose network is a `RectangleNetwork`."""
    task = registry().task("vision.detect")
    decision = {"thresholds": THRESHOLDS, "slopes": [1.0] * 3, "intercepts": [0.0] * 3}
    sizes = {"shape": list(SHAPE), "image_size": list(SHAPE[:2]), "strides": [8]}
    state = {"labels": LABELS, **sizes, "decision": decision, "pixel_range": None}
    manifest = {
        "task": "vision.detect",
        "options": {"data": data},
        "data": {"name": data, "examples": {"train": 240, "test": 60}, "licence": "Apache-2.0", "fingerprint": "0"},
        "score": "map50",
        "scores": {"map50": 0.9},
        "baseline": None,
    }
    bundle = Bundle(folder, manifest, task)
    bundle.__dict__ |= {"codec": task.codec.from_json(state), "predictor": RectangleNetwork()}
    return bundle


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return DetectionModel(make_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture(scope="module")
def events(model):
    return {function.name: function.fn for function in make_page({"model": model.bundle}).fns.values()}


@pytest.fixture
def file(tmp_path):
    return str(write_image(IMAGE, tmp_path / "=cells.png"))


def as_rows(objects):
    return [(item.label, round(item.probability, 2), list(item.box)) for item in objects]


RED, GREEN, BLUE, FAINT = (
    ("red", 0.9, [10, 20, 40, 40]),
    ("green", 0.8, [10, 90, 30, 110]),
    ("blue", 0.75, [60, 10, 80, 50]),
    ("red", 0.65, [90, 90, 120, 120]),
)


def test_thresholds_of_the_model_and_a_probability_decide_what_counts(model):
    assert as_rows(model.find(IMAGE)) == [RED, GREEN, BLUE]
    assert as_rows(model.find(IMAGE, 0.5)) == [RED, GREEN, BLUE, FAINT]
    assert as_rows(model.find(IMAGE, 0.78)) == [RED, GREEN]
    assert model.thresholds() == pytest.approx({"blue": 0.5, "green": 0.6, "red": 0.7})


def test_labels_have_colors_of_their_own_on_which_white_is_readable():
    assert len({label_color(LABELS, label) for label in LABELS}) == 3
    assert label_color(list("abcdefghi"), "i") == label_color(list("abcdefghi"), "a")
    for color in COLORS:
        channels = np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ (0.2126, 0.7152, 0.0722) + 0.05) >= 4.5


def test_boxes_are_drawn_at_their_place():
    image = draw_boxes(np.full((100, 201, 3), 128, np.uint8), [[50, 40, 150, 90]], ["red 90%"], ["#c02a4a"], 402)
    assert image.shape == (200, 402, 3)
    assert tuple(image[120, 100]) == tuple(image[180, 200]) == (0xC0, 0x2A, 0x4A)
    assert tuple(image[120, 200]) == (128, 128, 128)


def test_large_images_are_scaled_down():
    assert fit_image(np.zeros((100, 2560, 3), np.uint8)).shape == (50, 1280, 3)
    assert fit_image(IMAGE) is IMAGE


def test_the_image_has_each_box_with_label_and_probability(model):
    html = image_html(IMAGE, model.find(IMAGE), LABELS)
    assert html.count("data:image/jpeg;base64,") == 1
    assert 'alt="the image with 3 objects"' in html
    assert "max-width:512px" in html, "a small image is enlarged at most four times"
    places = re.findall(r"left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%", html)
    boxes = np.array(places, float) * 1.28  # of the boxes, then of their names
    assert boxes == pytest.approx(np.array([[60, 10, 20, 40], [10, 90, 20, 20], [10, 20, 30, 20]] * 2), abs=0.01)
    assert re.findall(r"<span><i>(\w+) </i>(\d+%)</span>", html) == [("blue", "75%"), ("green", "80%"), ("red", "90%")]
    assert 'title="red 90%, 30 x 20 at (10, 20)"' in html
    assert f"--color:{label_color(LABELS, 'red')}" in html


def test_texts_stay_in_the_image(model):
    corners = draw((2, 0, 20, 20, "red", 0.9), (108, 60, 20, 20, "red", 0.9))
    html = image_html(corners, model.find(corners), LABELS)
    assert sorted(re.findall(r'class="finder-name([^"]*)"', html)) == [" at-right", " inside"]


def test_labels_are_escaped():
    item = SimpleNamespace(label="<b>", box=[0, 0, 5, 5], probability=0.9)
    for html in (image_html(IMAGE, [item], ["<b>"]), objects_html([item], ["<b>"]), thresholds_html({"<b>": 0.5})):
        assert "&lt;b&gt;" in html
        assert "<b> " not in html


def test_objects_are_counted(model):
    html = objects_html(model.find(IMAGE), LABELS)
    assert "<b>3 objects</b>" in html
    assert re.findall(r">(\w+) <b>(\d+)</b>", html) == [("blue", "1"), ("green", "1"), ("red", "1")]
    assert "<b>no objects</b>" in objects_html([], LABELS)
    assert re.findall(r">(\w+) <b>(\d+)</b>", counts_html({"c": 2}, list("abcdefghijklm"), "")) == [("c", "2")]


def test_the_table_to_download_holds_no_formula(model):
    html = download_html(model.find(IMAGE), "=cells.png")
    assert 'download="=cells.boxes.csv"' in html
    table = pl.read_csv(base64.b64decode(re.search('base64,([^"]+)', html)[1]))
    assert table.columns == ["image", "label", "probability", "left", "top", "right", "bottom"]
    assert table.rows()[0] == ("'=cells.png", "red", 0.8984, 10.0, 20.0, 40.0, 40.0)
    assert len(table) == 3


def test_the_table_to_download_is_data_of_the_task(model, tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        write_image(draw((10, 20, 30, 20, "red", 0.9), side=128 + ord(name[0])), tmp_path / name)
    contents = [download_html(model.find(IMAGE), name) for name in ("a.png", "b.png", "c.png")]
    lines = [base64.b64decode(re.search('base64,([^"]+)', html)[1]).decode().splitlines() for html in contents]
    (tmp_path / "boxes.csv").write_text("\n".join([*lines[0], *lines[1][1:], *lines[2][1:]]))
    task = model.bundle.task
    dataset = task.load_dataset(task.options.parse({"data": str(tmp_path)}))
    targets = [target for split in ("train", "val", "test") for target in dataset[split].targets]
    assert [target.labels for target in targets] == [("red", "green", "blue")] * 3
    assert targets[0].boxes.tolist() == [[10, 20, 40, 40], [10, 90, 30, 110], [60, 10, 80, 50]]


def test_objects_of_a_video_are_counted_once(model, tmp_path):
    with VideoFile(tmp_path / "clip.webm", rate=10) as video:
        for step in range(12):
            video.write(draw((10 + 4 * step, 20, 30, 20, "red", 0.9), (60, 80, 20, 30, "blue", 0.9), side=160))
    results = [vars(result).copy() for result in track_video(model, tmp_path / "clip.webm", tmp_path / "tracked.webm")]
    assert results[-1] == {
        "counts": {"blue": 1, "green": 0, "red": 1},
        "frames": 12,
        "seconds": pytest.approx(1.1),
        "finished": True,
    }
    assert [result["frames"] for result in results] == [*range(1, 13), 12]
    frames = [frame.image for frame in read_frames(tmp_path / "tracked.webm")]
    assert len(frames) == 12
    assert frames[0].shape == (WIDTH, WIDTH, 3)
    color = np.array([int(label_color(LABELS, "blue")[start : start + 2], 16) for start in (1, 3, 5)])
    left, middle = round(60 * WIDTH / 160), round(95 * WIDTH / 160)
    assert np.abs(frames[5][middle, left + 1].astype(int) - color).max() < 60


def test_the_example_video_moves_over_the_image(tmp_path):
    frames = [frame.image for frame in read_frames(write_example_video(IMAGE, tmp_path / "clip.webm"))]
    assert len(frames) == 40
    assert frames[0].shape == (480, 480, 3)
    assert np.abs(frames[0].astype(int) - frames[20].astype(int)).mean() > 10


@pytest.mark.slow
def test_images_of_the_test_split_are_examples(tmp_path):
    bundle = make_bundle(tmp_path)
    task = bundle.task
    dataset = task.load_dataset(task.options.parse({"data": "drawn_shapes"}))
    bundle.manifest["data"]["fingerprint"] = dataset.fingerprint
    images = example_images(bundle)
    assert len(images) == model_data.EXAMPLES
    assert (images[0] == dataset["test"].inputs[0]).all()


def test_other_data_has_no_examples_and_no_figures(tmp_path):
    assert example_images(make_bundle(tmp_path)) == [], "the fingerprint is another one"
    with pytest.raises(InputError, match="drawn_shapes is not the data of the model's training"):
        mistakes_html(make_bundle(tmp_path))
    with pytest.raises(InputError, match="'/etc' is no named data set: open the bundle in the folder of its run"):
        mistakes_html(make_bundle(tmp_path, data="/etc"))


def test_figures_of_the_run_are_shown(tmp_path):
    folder = tmp_path / "report"
    folder.mkdir()
    save_figure(Figure(figsize=(12, 3)), folder / "mistakes.svg")
    save_figure(Figure(figsize=(8, 3)), folder / "counts.svg")
    html = mistakes_html(make_bundle(tmp_path / "bundle"))
    assert html.count('<figure class="wide">') == html.count("<figure>") == 1
    assert html.count('<div style="min-width:0px;max-width:1152px"><svg') == 1
    assert html.count('<div style="min-width:0px;max-width:768px"><svg') == 1
    assert 'aria-label="The images of the test split with the most errors' in html


@pytest.mark.slow
def test_figures_of_a_bundle_without_its_run_are_computed(tmp_path, monkeypatch):
    bundle = make_bundle(tmp_path)
    images = [IMAGE] * 2
    boxes = [item.box for item in DetectionModel(bundle).find(IMAGE)]
    truth = type(bundle.task.load_dataset(bundle.task.options.parse({"data": "drawn_shapes"}))["test"].targets[0])
    targets = [truth(np.array(boxes, np.float32), ("red", "green", "red"), np.zeros(3, bool))] * 2
    dataset = {split: SimpleNamespace(inputs=images, targets=targets) for split in ("train", "val", "test")}
    monkeypatch.setattr(model_data, "load_model_dataset", lambda _: dataset)
    captions = re.findall("<figcaption>(.*?)</figcaption>", mistakes_html(bundle))
    assert captions == [bundle.task.figure_captions[name] for name in model_data.FIGURES]


def test_events_of_the_image(events, file, tmp_path):
    annotated, counts, table, download = events["find"]("model", file, True, 50)
    assert annotated.count('class="finder-box"') == 3
    assert "3 objects" in counts
    assert table.value["data"][0] == ["red", 0.8984, 10.0, 20.0, 40.0, 40.0]
    assert "Download as CSV" in download
    assert "4 objects" in events["find"]("model", file, False, 50)[1]
    assert "The boxes and their counts appear here" in events["find"]("model", None, True, 50)[0]
    write_image(np.zeros(SHAPE, np.uint8), tmp_path / "black.png")
    annotated, counts, table, download = events["find"]("model", str(tmp_path / "black.png"), True, 50)
    assert 'alt="the image with no objects"' in annotated
    assert "no objects" in counts
    assert download == "", "no table without rows"
    (tmp_path / "bad.png").write_text("no image")
    annotated, counts, table, download = events["find"]("model", str(tmp_path / "bad.png"), True, 50)
    assert "bad.png" in annotated
    assert table.visible is False
    assert counts == download == ""


@pytest.mark.slow
def test_events_of_the_video(events, tmp_path):
    clip = write_example_video(IMAGE, tmp_path / "clip.webm")
    *statuses, result = events["track"]("model", str(clip))
    assert len(statuses) == 8
    assert all("<video" not in status for status in statuses)
    assert "1 frame, 0.0 s" in statuses[0]
    assert "data:video/webm;base64," in result
    assert "3 objects, each counted once" in result
    assert "40 frames, 3.9 s" in result
    assert list(events["track"]("model", None)) == [error_html(InputError("no video: choose one first"))]
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    (error,) = events["track"]("model", str(tmp_path / "bad.mp4"))
    assert "bad.mp4" in error
    assert str(tmp_path) not in error
    *_, (video, result) = events["track_example"]("model")
    assert video == gr.skip()
    assert "choose a video of your own" in result


@pytest.mark.slow
def test_the_example_video_is_tracked_at_once(events, monkeypatch):
    monkeypatch.setattr("plexus_apps.object_finder.page.example_images", lambda bundle: [IMAGE])
    (video, note), *_, (_, result) = events["track_example"]("model")
    assert video.endswith(".webm")
    assert "appears here" in note
    assert "3 objects, each counted once" in result


def test_thresholds_are_named(events):
    caption, gallery, note = events["show_model"]("model")
    assert caption.visible is gallery.visible is False
    assert "blue 50%, green 60%, red 70%" in note


def test_a_training_without_a_file_is_an_error(events):
    *_, (message, column, lines, metrics, report, _) = events["train"](None, 0)
    assert message == error_html(InputError("no data: select a zip file first"))
    assert not column.visible
    assert lines == metrics == report == gr.skip()


@pytest.mark.slow
def test_data_without_boxes_is_an_error(events, tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.write(write_image(IMAGE, tmp_path / "a.png"), "cells/a.png")
    *_, (message, column, *_) = events["train"](str(tmp_path / "mine.zip"), 1)
    assert "<b>Error:</b> cells has no annotations of boxes" in message
    assert not column.visible


@pytest.mark.slow
def test_a_model_is_trained_on_a_zip(events, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "images"
    folder.mkdir()
    rows = ["image,label,left,top,right,bottom"]
    for number in range(12):
        write_image(draw((10 + number, 20, 30, 20, "red", 0.9), side=64 + number), folder / f"{number}.png")
        rows.append(f"{number}.png,red,{10 + number},20,{40 + number},40")
    (folder / "boxes.csv").write_text("\n".join(rows))
    archive = shutil.make_archive(str(tmp_path / "mine"), "zip", folder)
    *_, (message, column, lines, metrics, report, models) = events["train"](archive, 1)
    assert message == ""
    assert column.visible
    assert models.choices[-1][1].startswith("vision.detect.2")
    assert "epoch 1/1" in lines
    assert "Mean average precision at IoU 0.5" in metrics
    assert "The images of the test split with the most errors" in report
    assert "Learning curves" in report
    value = r"(?:0|1|0\.\d{4})"
    cells = rf"<td[^>]*>Mean average precision at IoU 0.5</td><td>{value} \({value} to {value}\)</td><td>higher</td>"
    assert re.search(cells, metrics)
    assert "Map50 low" not in metrics
