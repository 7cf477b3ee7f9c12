"""Saliency maps and their deletion curves, with a planted model that looks at one patch only."""

import numpy as np
import pytest

from plexus_medical.codec import MedicalCodec
from plexus_medical.deletion import DeletionCurve
from plexus_medical.explain import blur, draw_explanation, masked_score, saliency_map

SIDE = 32
PATCH = slice(4, 12), slice(20, 28)


@pytest.fixture
def image():
    """Weak noise with a bright patch."""
    pixels = np.random.default_rng(0).integers(90, 110, (SIDE, SIDE, 1), np.uint8)
    pixels[PATCH] = 220
    return pixels


def brightness(images):
    """The planted model: the mean of one patch, in parts of white."""
    return images[:, PATCH[0], PATCH[1], 0].mean(axis=(1, 2)) / 255


def predictor(arrays, network="network"):
    log_odds = 20 * brightness(arrays["image"]) - 10
    logits = np.repeat(np.stack([0 * log_odds, log_odds], axis=1)[:, None], 2, axis=1)
    return {"logits": logits, "features": np.zeros((len(log_odds), 2, 1), np.float32)}


def test_the_map_of_a_model_that_sees_one_patch_is_this_patch(image):
    saliency = saliency_map(masked_score(brightness, image), (SIDE, SIDE))
    assert saliency.shape == (SIDE, SIDE)
    assert saliency[PATCH].mean() > 5 * np.delete(saliency, np.s_[16:], axis=1).mean()
    assert saliency[PATCH].min() > 0
    assert saliency[24:].max() == pytest.approx(0, abs=1e-9)  # no window over the lower rows reaches the patch


def test_a_right_map_has_a_smaller_area_than_all_random_orders(image):
    score = masked_score(brightness, image)
    curve = DeletionCurve.compute(score, saliency_map(score, (SIDE, SIDE)))
    assert curve.is_reliable
    assert curve.area < curve.random_area - 3 * curve.random_spread
    assert curve.random_scores.shape == (20, len(curve.shares))
    np.testing.assert_allclose([curve.shares[0], curve.shares[-1]], [0, 1])
    assert curve.scores[0] == pytest.approx(220 / 255)
    # After the patch's four cells of 64 are deleted, the rest changes nothing.
    assert curve.scores[1] == pytest.approx(curve.scores[-1], abs=1e-6)


@pytest.mark.parametrize("wrong", [lambda right: -right, lambda right: np.zeros_like(right)])
def test_a_wrong_map_is_not_reliable(image, wrong):
    score = masked_score(brightness, image)
    curve = DeletionCurve.compute(score, wrong(saliency_map(score, (SIDE, SIDE))))
    assert not curve.is_reliable
    assert curve.area > curve.random_areas.min()


def test_random_maps_are_rarely_reliable(image):
    """Noise passes as often as one of 21 orders is the best: about 5 %."""
    score, generator = masked_score(brightness, image), np.random.default_rng(1)
    curves = [DeletionCurve.compute(score, generator.random((SIDE, SIDE)), seed=seed) for seed in range(40)]
    assert sum(curve.is_reliable for curve in curves) <= 6


def test_the_curve_is_the_same_for_the_same_seed_and_any_shape():
    score = masked_score(
        lambda images: images[:, 2:4, 3:6, 0].mean(axis=(1, 2)), np.arange(70, dtype=np.uint8).reshape(10, 7, 1)
    )
    saliency = saliency_map(score, (10, 7))
    first, second = (DeletionCurve.compute(score, saliency, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.random_scores, second.random_scores)
    assert first.scores[-1] == second.scores[-1] == pytest.approx(float(first.random_scores[0, -1]))


def test_the_blur_leaves_a_constant_and_averages_the_rest():
    np.testing.assert_allclose(blur(np.full((9, 5, 3), 7, np.uint8), 2.0), 7)
    point = np.zeros((21, 21, 1))
    point[10, 10] = 1
    blurred = blur(point, 1.0)
    assert blurred.sum() == pytest.approx(1, abs=1e-6)
    assert blurred[10, 10, 0] == pytest.approx(1 / (2 * np.pi), rel=0.02)
    assert blurred[10, 11, 0] == pytest.approx(blurred[11, 10, 0])


@pytest.mark.slow
def test_the_explanation_says_whether_the_map_is_reliable(image, tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    titles = []
    original = Figure.suptitle
    monkeypatch.setattr(
        Figure, "suptitle", lambda self, text, **style: titles.append(text) or original(self, text, **style)
    )
    codec = MedicalCodec(["normal", "opacity"], (SIDE, SIDE, 1), folds=2)
    file = draw_explanation(predictor, codec, image, tmp_path / "planted.png")
    assert file.read_bytes().startswith(b"\x89PNG")
    draw_explanation(lambda arrays, network="network": predictor({"image": 0 * arrays["image"]}), codec, image, file)
    assert titles[0].startswith("probability of opacity: 99.93%")
    assert "NOT RELIABLE" not in titles[0]
    assert "MAP NOT RELIABLE" in titles[1]  # this model does not look at the image
