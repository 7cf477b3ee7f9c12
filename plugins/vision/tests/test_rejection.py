"""Rejection of images that show none of the labels."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from plexus import InputError, load
from plexus.inference.codec_reading import read_codec
from plexus_vision.codec import ImageCodec
from plexus_vision.out_of_distribution import OutOfDistribution
from plexus_vision.unrelated_images import unrelated_images

MODELS = Path(__file__).parents[3] / "models/vision.classify"
NAMES = ("digits", "mnist", "fashion_mnist")


@pytest.fixture(scope="module")
def detector():
    """A detector of three labels whose features are normally distributed."""
    generator = np.random.default_rng(0)
    means = generator.normal(0, 5, (3, 12))
    classes, validation_classes = np.arange(900) % 3, np.arange(600) % 3
    features = means[classes] + generator.normal(0, 1, (900, 12))
    return OutOfDistribution.fit(features, classes, means[validation_classes] + generator.normal(0, 1, (600, 12)))


def test_the_limit_is_a_quantile_of_the_validation_images(detector):
    generator = np.random.default_rng(1)
    centers = detector.means * detector.scale + detector.center
    similar = centers[np.arange(3000) % 3] + generator.normal(0, 1, (3000, 12))
    assert 0.002 <= np.mean(detector.scores(similar) > 1) <= 0.03
    assert (detector.scores(similar + 12) > 1).all()


def test_the_detector_survives_json(detector):
    again = OutOfDistribution.from_json(json.loads(json.dumps(detector.to_json())))
    features = np.random.default_rng(2).normal(0, 5, (20, 12))
    np.testing.assert_array_equal(again.scores(features), detector.scores(features))


@pytest.mark.parametrize(
    ("field", "value"), [("limit", 0.0), ("scale", "AAAA"), ("means", ""), ("center", "AADAfw=="), ("variances", [])]
)
def test_a_state_that_is_not_valid_is_refused(detector, field, value, tmp_path):
    codec = ImageCodec(["a", "b", "c"], (4, 4, 1)).with_out_of_distribution(detector)
    state = json.loads(json.dumps(codec.to_json()))
    state["out_of_distribution"][field] = value
    with pytest.raises(InputError, match="codec"):
        read_codec(ImageCodec, state, tmp_path / "bundle.json")


def test_few_equal_images_have_a_limit():
    features = np.ones((8, 40))
    detector = OutOfDistribution.fit(features, np.arange(8) % 2, features[:2])
    assert detector.scores(features).max() <= 1
    assert detector.scores(features + 1).min() > 1


def test_a_bundle_without_a_limit_says_nothing():
    (prediction,) = ImageCodec(["a", "b"], (4, 4, 1)).decode({"logits": np.array([[0.0, 4.0]])}, [None])
    assert (prediction.none_of_these, prediction.distance) == (None, None)
    assert str(prediction).startswith("b  98")


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_disc_and_a_triangle_are_none_of_the_labels(name):
    disc, triangle = np.full((2, 300, 300, 3), 240, np.uint8)
    cv2.circle(disc, (150, 150), 80, (40, 40, 40), -1)
    cv2.fillPoly(triangle, [np.array([[150, 60], [60, 240], [240, 240]])], (40, 40, 40))
    bundle = load(MODELS / name)
    for prediction in bundle.predict([disc, triangle]):
        assert prediction.none_of_these
        assert prediction.distance > 1
        assert prediction.label in bundle.codec.labels
        assert str(prediction).startswith("none of these  (distance ")


@pytest.mark.parametrize("name", NAMES)
def test_unrelated_images_are_separated(name):
    bundle = load(MODELS / name)
    assert bundle.metrics["unrelated_auroc"] >= 0.95
    assert bundle.metrics["rejection_rate"] <= 0.03
    rejected = [prediction.none_of_these for prediction in bundle.predict(unrelated_images(1, 28, 12, seed=1))]
    assert np.mean(rejected) >= 0.7
