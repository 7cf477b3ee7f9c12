"""The explanation of a detection: which object is explained, and by what its score is lowered."""

import numpy as np
import pytest

from plexus_vision.detection import explain
from plexus_vision.detection.calibration import ScoreCalibration
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.decision import Decision
from plexus_vision.detection.explain import draw_explanation, occlusion_attribution
from plexus_vision.detection.image_boxes import Detections

SHAPE = (64, 64, 3)
BLUE, RED = [4, 4, 24, 24], [36, 36, 60, 60]


def find_areas(inputs):
    """The network: a blue and a red box; a logit is the bright share of its channel, and twice that for red."""
    images = inputs["image"].astype(float)
    scores, boxes = np.full((len(images), 2, 2), -20.0), np.zeros((len(images), 2, 4), np.float32)
    for number, image in enumerate(images):
        for point, ((left, top, right, bottom), channel, largest) in enumerate(((BLUE, 2, 1.0), (RED, 0, 2.0))):
            bright = (image[top:bottom, left:right, channel] > 200).mean()
            scores[number, point, point], boxes[number, point] = largest * bright, (left, top, right, bottom)
    return {"scores": scores, "boxes": boxes}


@pytest.fixture
def image():
    image = np.zeros(SHAPE, np.uint8)
    for (left, top, right, bottom), channel in ((BLUE, 2), (RED, 0)):
        image[top:bottom, left:right, channel] = 255
    return image


def test_the_most_probable_object_is_explained(image, tmp_path, monkeypatch):
    # Of both labels, red has the higher score and blue the higher probability.
    decision = Decision([0.5, 0.5], ScoreCalibration([1.0, 1.0], [2.0, -2.0]))
    codec = DetectionCodec(["blue", "red"], SHAPE, (8,), SHAPE[:2], decision)
    shown = []

    def record(predictor, image, detection):
        shown.append((int(detection.classes[0]), detection.boxes[0].tolist()))
        return np.zeros(SHAPE[:2])

    monkeypatch.setattr(explain, "occlusion_attribution", record)
    assert draw_explanation(find_areas, codec, image, tmp_path / "a.png").is_file()
    assert shown == [(0, BLUE)]


def test_occlusion_of_the_object_lowers_its_score(image):
    detection = Detections(np.array([RED], np.float32), np.array([0.9]), np.array([1]))
    attribution = occlusion_attribution(find_areas, image, detection)
    assert attribution.shape == SHAPE[:2]
    assert attribution[48, 48] > 0.03
    assert abs(attribution[14, 14]) < 1e-6, "the other object does not matter"
