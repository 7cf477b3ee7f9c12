"""Figures and model card of detections."""

from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from plexus_vision.detection.evaluation import evaluate_coco, match_detections
from plexus_vision.detection.image_boxes import Detections, ImageBoxes
from plexus_vision.detection.mistakes import worst_images
from plexus_vision.detection.report import card_lines, draw_report
from plexus_vision.detection.task import Detect

LABELS = ["cell", "dot", "rod"]
THRESHOLDS = np.array([0.5, 0.5, 0.5])


@pytest.fixture
def matches():
    box = np.array([[5, 5, 25, 25], [30, 30, 50, 60]], np.float32)
    truth = [ImageBoxes(box, ("cell", "dot"), np.zeros(2, bool)), ImageBoxes(box[:1], ("cell",), np.zeros(1, bool))]
    detections = [
        Detections(box[:1], np.array([0.9]), np.array([0])),
        Detections(np.concatenate([box, box + 2]), np.array([0.8, 0.7, 0.6, 0.2]), np.array([0, 1, 0, 1])),
    ]
    evaluation = evaluate_coco(detections, truth, LABELS, sizes=False)
    return match_detections(evaluation, detections, truth, LABELS)


@pytest.mark.slow
def test_all_figures_are_drawn(matches, tmp_path):
    files = [tmp_path / "a.png", tmp_path / "b.png"]
    for file in files:
        Image.new("RGB", (64, 64), (200, 180, 160)).save(file)
    folder = tmp_path / "report"
    folder.mkdir()
    draw_report(matches, THRESHOLDS, files, matches.truth, folder)
    assert {file.name for file in folder.iterdir()} == Detect.figure_captions.keys() - {"missing_labels.svg"}
    for file in folder.glob("*.png"):
        with Image.open(file) as image:
            assert min(image.size) > 200
    for file in folder.glob("*.svg"):
        root = ElementTree.parse(file).getroot()
        assert min(float(root.get(side).removesuffix("pt")) for side in ("width", "height")) > 200


def test_the_image_with_the_most_errors_comes_first(matches):
    assert worst_images(matches, THRESHOLDS).tolist() == [1, 0]


@pytest.mark.slow
def test_the_card_has_a_row_for_each_label(matches):
    cell, dot, rod = card_lines(matches, THRESHOLDS)[-3:]
    assert cell.startswith("| cell | 2 | 1.000 (1.000 to 1.000) | 1.000 | 0.500 | 0.667 | 1.000 | 0.50 (")
    assert dot.startswith("| dot | 1 | 0.000 (")
    assert rod.startswith("| rod | 0 | - | - | 0.500 | - | - | 0.00 (")
