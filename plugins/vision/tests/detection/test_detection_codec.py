"""Size of the network's images, letterboxing, decoding and the state of the codec."""

import json

import numpy as np
import pytest

from plexus import Examples, InputError
from plexus.inference.codec_reading import read_codec
from plexus_vision.detection.calibration import ScoreCalibration
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.decision import Decision
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.letterbox import PADDING, fitted_size, letterbox, scale_boxes
from plexus_vision.detection.scale import network_size, network_strides


def boxes(*sides, labels=None):
    """Return square boxes at the top left."""
    corners = np.array([[0, 0, side, side] for side in sides], np.float32).reshape(-1, 4)
    return ImageBoxes(corners, tuple(labels or ["cell"] * len(sides)), np.zeros(len(sides), bool))


@pytest.mark.parametrize(
    ("size", "sides", "longer", "expected"),
    [
        ((480, 640), [40, 100], None, (256, 320)),  # the smallest label becomes 20 pixels
        ((480, 640), [10], None, (480, 640)),  # not larger than the images
        ((3000, 4000), [8], None, (480, 640)),  # at most 640
        ((3000, 4000), [4000], None, (96, 128)),  # at least 128
        ((480, 640), [40], 256, (192, 256)),
        ((640, 480), [40], 256, (256, 192)),
    ],
)
def test_size_of_the_networks_images(size, sides, longer, expected):
    assert network_size([size], [np.array([side / max(size)]) for side in sides], longer) == expected


@pytest.mark.parametrize(
    ("sides", "strides"),
    [((20, 50, 100), (8,)), ((5,), (4,)), ((20, 200), (8, 16)), ((300, 400), (32,)), ((8, 500), (4, 8, 16, 32))],
)
def test_strides_by_the_sizes_of_the_objects(sides, strides):
    assert network_strides([np.array([side]) for side in sides]) == strides


def test_the_codec_is_fitted_on_the_training_images():
    images = [np.zeros((480, 640, 3), np.uint8)] * 12
    codec = DetectionCodec.fit(Examples(images, [boxes(40, 80, labels=("b", "a"))] * 12))
    assert codec.labels == ["a", "b"]
    assert codec.shape == (256, 320, 3)
    assert codec.strides == (8,)
    assert DetectionCodec.fit(Examples(images, [boxes(40)] * 12), size=128).shape == (96, 128, 3)


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (10, 999), (31, 32)])
def test_images_keep_their_aspect_ratio(size):
    shape = (256, 320, 3)
    fitted = fitted_size(size, shape)
    image = letterbox(np.full((*size, 1), 200, np.uint8), shape)
    assert image.shape == shape
    assert (image[: fitted[0], : fitted[1]] == 200).all()
    assert (image[fitted[0] :] == PADDING).all()
    assert (image[:, fitted[1] :] == PADDING).all()
    whole = np.array([[0, 0, size[1], size[0]]], np.float32)
    np.testing.assert_allclose(scale_boxes(whole, size, fitted), [[0, 0, fitted[1], fitted[0]]], rtol=1e-5)


@pytest.fixture
def codec():
    """A codec of two labels with thresholds, for images of 64 x 64."""
    decision = Decision([0.5, 0.8], ScoreCalibration([1.0, 2.0], [0.0, 0.5]))
    return DetectionCodec(["a", "b"], (64, 64, 3), (8,), (64, 64), decision)


def outputs(*rows):
    """Return outputs of the network: two scores and a box of each point."""
    scores = np.array([row[:2] for row in rows], np.float32)
    logits = np.log(scores / (1 - scores))
    return {"scores": logits[None], "boxes": np.array([[row[2:] for row in rows]], np.float32)}


def test_objects_from_the_threshold_of_their_label_on(codec):
    image = np.zeros((128, 128, 3), np.uint8)
    rows = outputs(
        (0.6, 0.7, 0, 0, 10, 10), (0.4, 0.9, 20, 20, 40, 40), (0.55, 0.1, 0, 0, 10, 9), (0.9, 0.1, 60, 60, 70, 90)
    )
    prediction = codec.decode(rows, [image])[0]
    assert [(each.label, each.box) for each in prediction.objects] == [
        ("b", [40.0, 40.0, 80.0, 80.0]),  # pixels of the image, which is twice as large
        ("a", [120.0, 120.0, 128.0, 128.0]),  # clipped
        ("a", [0.0, 0.0, 20.0, 20.0]),  # the third row overlaps it
    ]
    assert prediction.counts == {"a": 2, "b": 1}
    assert str(prediction) == "2 a, 1 b"
    odds = (0.9 / 0.1) ** 2 * np.exp(0.5)
    assert prediction.objects[0].probability == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert prediction.objects[2].probability == pytest.approx(0.6, abs=1e-6)


def test_an_object_has_one_label(codec):
    rows = outputs((0.6, 0.9, 0, 0, 10, 10), (0.7, 0.1, 0, 0, 10, 8.5), (0.7, 0.1, 0, 0, 5, 10))
    prediction = codec.decode(rows, [np.zeros((64, 64, 3), np.uint8)])[0]
    assert [(each.label, each.box) for each in prediction.objects] == [
        ("b", [0.0, 0.0, 10.0, 10.0]),
        ("a", [0.0, 0.0, 5.0, 10.0]),  # another object: it overlaps by half
    ]


def test_an_image_without_objects(codec):
    prediction = codec.decode(outputs((0.1, 0.1, 0, 0, 10, 10)), [np.zeros((64, 64, 3), np.uint8)])[0]
    assert prediction.counts == {"a": 0, "b": 0}
    assert str(prediction) == "no object"


def test_predictions_before_the_calibration_are_refused():
    codec = DetectionCodec(["a"], (64, 64, 3), (8,), (64, 64))
    with pytest.raises(ValueError, match="not calibrated"):
        codec.decode(outputs((0.1, 0.1, 0, 0, 10, 10)), [np.zeros((64, 64, 3), np.uint8)])


def test_the_state_survives_json(codec, tmp_path):
    state = json.loads(json.dumps(codec.to_json()))
    assert read_codec(DetectionCodec, state, tmp_path / "bundle.json").to_json() == codec.to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"strides": [3]},
        {"strides": []},
        {"shape": [64, 64]},
        {"decision": {"thresholds": [0.5], "slopes": [1.0, 1.0], "intercepts": [0.0, 0.0]}},
        {"decision": {"thresholds": [0.5, 2.0], "slopes": [1.0, 1.0], "intercepts": [0.0, 0.0]}},
    ],
)
def test_a_state_that_cannot_be_is_refused(codec, change, tmp_path):
    with pytest.raises(InputError, match=r"bundle\.json"):
        read_codec(DetectionCodec, codec.to_json() | change, tmp_path / "bundle.json")
