"""Labels that are probably missing: which detections show them, their table and figure, and `plexus data check`."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import polars as pl
import pytest
from PIL import Image

from plexus import Examples, Findings, SupervisedDataset
from plexus.cli import main
from plexus_vision.detection.boxes import iou_matrix
from plexus_vision.detection.calibration import ScoreCalibration
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.decision import Decision
from plexus_vision.detection.drawn_shapes import LABELS, SIZE, draw_image
from plexus_vision.detection.image_boxes import Detections, ImageBoxes
from plexus_vision.detection.missing_labels import find_missing_labels, unlabelled_rows
from plexus_vision.detection.missing_labels_report import write_missing_labels
from plexus_vision.detection.task import Detect

CALIBRATION = ScoreCalibration([1.0] * len(LABELS), [0.0] * len(LABELS))
"""The score is the probability."""


def boxes(*rows, difficult=()):
    count = len(rows)
    flags = np.isin(np.arange(count), difficult)
    return ImageBoxes(np.array(rows, np.float32).reshape(-1, 4), ("circle",) * count, flags)


def detections(*rows, scores=None):
    count = len(rows)
    values = np.full(count, 0.9) if scores is None else np.array(scores)
    return Detections(np.array(rows, np.float32).reshape(-1, 4), values, np.zeros(count, int))


def test_a_probable_detection_without_a_box_at_its_place_lacks_a_label():
    predicted = detections([0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], scores=[0.95, 0.8, 0.79])
    assert unlabelled_rows(predicted, boxes(), predicted.scores).tolist() == [0, 1]
    assert unlabelled_rows(predicted, boxes([0, 0, 10, 10]), predicted.scores).tolist() == [1]
    assert unlabelled_rows(detections(), boxes([0, 0, 10, 10]), np.zeros(0)).tolist() == []


def test_a_detection_that_overlaps_a_box_is_of_its_object():
    """An overlap of 20 of 100 + 20 - 20 pixels is an IoU of 0.2, one of 19 is below it."""
    predicted = detections([0, 0, 10, 10])
    assert unlabelled_rows(predicted, boxes([0, 0, 10, 2]), predicted.scores).tolist() == []
    assert unlabelled_rows(predicted, boxes([0, 0, 10, 1.9]), predicted.scores).tolist() == [0]


def test_detections_in_difficult_boxes_are_ignored():
    predicted = detections([0, 0, 10, 10])
    assert unlabelled_rows(predicted, boxes([5, 0, 100, 100], difficult=[0]), predicted.scores).tolist() == []
    assert unlabelled_rows(predicted, boxes([6, 0, 100, 100], difficult=[0]), predicted.scores).tolist() == [0]
    assert unlabelled_rows(predicted, boxes([5, 0, 100, 100]), predicted.scores).tolist() == [0]


@pytest.fixture(scope="module")
def planted():
    """Drawn shapes, a tenth of which lack their label: the dataset, the complete boxes, and the missing ones."""
    generator = np.random.default_rng(0)
    drawn = [draw_image(number) for number in range(80)]
    complete = [target for _, target in drawn]
    is_missing = [generator.random(len(target)) < 0.1 for target in complete]
    targets = [
        ImageBoxes(each.boxes[~rows], tuple(np.array(each.labels)[~rows].tolist()), each.difficult[~rows])
        for each, rows in zip(complete, is_missing, strict=True)
    ]
    images = np.stack([image for image, _ in drawn])
    parts = {
        "train": Examples(images[:60], targets[:60]),
        "val": Examples(images[60:70], targets[60:70]),
        "test": Examples(images[70:], targets[70:]),
    }
    dataset = SupervisedDataset(parts, 0, Findings(), "drawn")
    return dataset, complete, [each.boxes[rows] for each, rows in zip(complete, is_missing, strict=True)]


@pytest.fixture(scope="module")
def detect(planted):
    """A detector with errors: a tenth of the shapes are improbable, and each image has a wrong detection."""
    dataset, complete, _ = planted
    images = np.concatenate([dataset[split].inputs for split in ("train", "val", "test")])
    rows = {image.tobytes(): row for row, image in enumerate(images)}

    def detect_one(image, least):
        row = rows[image.tobytes()]
        generator, target = np.random.default_rng(row), complete[row]
        places = target.boxes + generator.normal(0, 1.5, target.boxes.shape)
        scores = np.where(generator.random(len(target)) < 0.1, 0.4, generator.uniform(0.82, 0.99, len(target)))
        corner = generator.uniform(0, SIZE - 30, 2)
        # One in twenty of the wrong detections is a probable one.
        wrong = 0.85 if generator.random() < 0.05 else generator.uniform(0.1, 0.7)
        all_boxes = np.concatenate([places, [[*corner, *corner + 30]]]).astype(np.float32)
        all_scores = np.append(scores, wrong)
        classes = np.array([*(LABELS.index(label) for label in target.labels), 0])
        predicted = Detections(all_boxes, all_scores, classes)
        return predicted.take(all_scores >= least[classes])

    return lambda inputs, least: [detect_one(image, least) for image in inputs]


@pytest.fixture(scope="module")
def codec():
    decision = Decision([0.5] * len(LABELS), CALIBRATION)
    return DetectionCodec(LABELS, (SIZE, SIZE, 3), (8,), (SIZE, SIZE), decision)


def test_planted_missing_labels_are_found(planted, detect, codec):
    dataset, _, lacking = planted
    missing = find_missing_labels(detect, dataset, codec, ["train", "val", "test"])
    starts = {"train": 0, "val": 60, "test": 70}
    hits = [
        iou_matrix(each.box[None], lacking[starts[each.split] + each.number]).max(initial=0) >= 0.5 for each in missing
    ]
    count = sum(map(len, lacking))
    assert count == 34
    assert sum(hits) / len(missing) >= 0.85  # precision
    assert sum(hits) / count >= 0.9  # recall
    assert [each.probability for each in missing] == sorted((each.probability for each in missing), reverse=True)
    assert {each.split for each in missing} == {"train", "val", "test"}


def test_of_complete_labels_only_probable_wrong_detections_are_listed(planted, detect, codec):
    dataset, complete, _ = planted
    whole = SupervisedDataset({"test": Examples(dataset["train"].inputs, complete[:60])}, 0, Findings(), "drawn")
    assert len(find_missing_labels(detect, whole, codec, ["test"])) == 2


@pytest.mark.slow
def test_table_and_figure(planted, detect, codec, tmp_path, capsys):
    dataset = planted[0]
    missing = find_missing_labels(detect, dataset, codec, ["train", "val"])
    write_missing_labels(missing, dataset, tmp_path)
    table = pl.read_csv(tmp_path / "missing_labels.csv")
    assert table.columns == ["split", "image", "label", "probability", "xmin", "ymin", "xmax", "ymax"]
    assert len(table) == len(missing)
    first = missing[0]
    assert table["image"][0] == f"image {first.number + 1} of {first.split}"
    assert table.row(0)[4:] == pytest.approx(first.box, abs=0.06)
    assert 'viewBox="0 0 950.4 532.8"' in (tmp_path / "missing_labels.svg").read_text()
    seen = sum(each.split == "train" for each in missing)
    assert (
        f"{len(missing)} labels are probably missing, {seen} in training images, which the model has seen, "
        f"{len(missing) - seen} in validation images: see missing_labels.csv of the report\n"
    ) in capsys.readouterr().err


def test_nothing_is_written_if_no_label_is_missing(planted, tmp_path, capsys):
    write_missing_labels([], planted[0], tmp_path)
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr().err == ""


def find_red(inputs):
    """A network: a score of 0.95 at the box of the red area of an image."""
    images = inputs["image"].astype(int)
    scores, places = np.full((len(images), 1, 1), -20.0, np.float32), np.zeros((len(images), 1, 4), np.float32)
    for number, image in enumerate(images):
        left, top, width, height = cv2.boundingRect((image[..., 0] - image[..., 1] > 60).astype(np.uint8))
        if width:
            scores[number], places[number] = 3, (left, top, left + width, top + height)
    return {"scores": scores, "boxes": places}


@pytest.fixture
def folder(tmp_path, voc_xml):
    """Six images of one red square each; the box of the last one is missing."""
    generator = np.random.default_rng(0)
    for number in range(6):
        image = np.full((64, 96, 3), 120, np.uint8) + generator.integers(0, 40, (64, 96, 1), np.uint8)
        left, top = 10 * number, 5 * number
        image[top : top + 24, left : left + 24] = (230, 20, 20)
        Image.fromarray(image).save(tmp_path / f"{number}.png")
        box = ("red", left + 1, top + 1, left + 24, top + 24)
        (tmp_path / f"{number}.xml").write_text(voc_xml(*([box] if number < 5 else []), size=(96, 64)))
    return tmp_path


@pytest.fixture
def bundle(monkeypatch):
    codec = DetectionCodec(["red"], (64, 96, 3), (8,), (64, 96), Decision([0.5], ScoreCalibration([1.0], [0.0])))
    bundle = SimpleNamespace(task=Detect("vision.detect"), codec=codec, predictor=find_red)
    monkeypatch.setattr("plexus.api.load", lambda _: bundle)
    return bundle


def test_a_model_checks_the_labels_of_a_folder(folder, bundle, capsys):
    arguments = ["data", "check", "vision.detect", "--data", str(folder), "--bundle", "model"]
    assert main([*arguments, "--json"]) == 0
    (missing,) = json.loads(capsys.readouterr().out)["missing_labels"]
    split = missing.pop("split")
    assert split in {"train", "val", "test"}
    assert missing == {
        "image": "5.png",
        "label": "red",
        "box": pytest.approx([50, 25, 74, 49], abs=1),
        "probability": pytest.approx(0.9526, abs=1e-4),
    }
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "labels that are probably missing: 1" in lines
    assert f"  5.png ({split}): red 95% at [50.0, 25.0, 74.0, 49.0]" in lines


def test_complete_labels(folder, bundle, capsys):
    (folder / "5.png").unlink()
    (folder / "5.xml").unlink()
    assert main(["data", "check", "vision.detect", "--data", str(folder), "--bundle", "model"]) == 0
    assert "labels that are probably missing: 0" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "vision.classify"], "--bundle: vision.classify does not look for missing labels"),
        (["check", "vision.detect"], "--bundle model is a bundle of vision.classify: expected one of vision.detect"),
        (
            ["drift", "tables.classify", "--against", "b.csv"],
            "--bundle: data drift compares two tables without a model",
        ),
    ],
)
def test_bundles_that_cannot_check_labels(bundle, arguments, message, capsys):
    bundle.task = SimpleNamespace(id="vision.classify")
    assert main(["data", *arguments, "--bundle", "model"]) == 2
    assert capsys.readouterr().err == f"plexus: {message}\n"
