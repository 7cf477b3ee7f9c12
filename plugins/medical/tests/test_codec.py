"""Codec: images to arrays, logits to probabilities and decisions."""

import json

import numpy as np
import pytest
from PIL import Image

from plexus import InputError
from plexus.metrics.operating_points import OperatingPoints
from plexus_medical.calibration import choose_threshold, fit_calibration
from plexus_medical.codec import MedicalCodec
from plexus_medical.options import ClassifyOptions
from plexus_medical.prediction import NOT_ANSWERED

LABELS = ["normal", "ill"]


@pytest.fixture(scope="module")
def scored():
    """Out-of-fold logits of 300 images, and outcomes."""
    generator = np.random.default_rng(0)
    outcomes = np.arange(300) % 3 == 0
    scores = generator.normal(size=300) + 3 * outcomes - 1
    return {"logits": np.stack([-scores, scores], axis=1)[:, None]}, outcomes.astype(int)


@pytest.fixture
def dataset(read):
    return read("drawn_xrays")


def test_the_size_is_the_median_and_color_is_that_of_the_pixels(tmp_path):
    for number, size in enumerate([(60, 40), (120, 80), (300, 200)]):
        Image.new("RGB", size, (90, 90, 90)).save(tmp_path / f"{number}.png")
    files = sorted(tmp_path.iterdir())
    assert MedicalCodec.fit(files, LABELS, 5).shape == (80, 120, 1)
    assert MedicalCodec.fit(files, LABELS, 5, size=48).shape == (32, 48, 1)
    Image.new("RGB", (3000, 1500), (200, 10, 10)).save(tmp_path / "2.png")
    codec = MedicalCodec.fit(files[2:], LABELS, 5)
    assert codec.shape == (64, 128, 3)
    assert codec.encode(files)["image"].shape == (3, 64, 128, 3)


def test_dicom_and_png_are_encoded_alike(tmp_path, write_dicom, grey):
    pixels = grey(1)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    write_dicom(tmp_path / "a.dcm", pixels)
    write_dicom(tmp_path / "deep.dcm", pixels.astype(np.uint16) << 8, RescaleSlope=1, RescaleIntercept=0)
    codec = MedicalCodec(LABELS, (16, 16, 1), 5)
    images = codec.encode([tmp_path / "a.png", tmp_path / "a.dcm", (tmp_path / "a.dcm").read_bytes()])["image"]
    assert all(np.array_equal(image[..., 0], pixels) for image in images)
    assert np.array_equal(codec.encode(pixels[None])["image"][0, ..., 0], pixels)
    deep = codec.encode([tmp_path / "deep.dcm"])["image"]
    assert deep.dtype == np.uint8
    assert np.corrcoef(deep.ravel(), pixels.ravel())[0, 1] > 0.99
    with pytest.raises(InputError, match=r"b\.dcm"):
        codec.encode([tmp_path / "b.dcm"])


def test_the_risk_is_that_of_the_mean_log_odds():
    codec = MedicalCodec(LABELS, (16, 16, 1), 2).with_temperature(2.0)
    outputs = {"logits": np.array([[[5.0, 7.0], [1.0, 5.0]]], np.float32)}
    assert codec.log_odds(outputs) == pytest.approx([1.5])
    assert codec.risks(outputs) == pytest.approx([1 / (1 + np.exp(-1.5))])
    assert codec.probabilities(outputs).sum() == pytest.approx(1)
    assert codec.outcomes(["ill", "normal"]).tolist() == [1, 0]


def test_the_threshold_reaches_the_stated_rule(scored):
    codec = MedicalCodec(LABELS, (16, 16, 1), 2)
    outputs, outcomes = scored
    risks = codec.risks(outputs)

    def shares(**options):
        positive = risks >= choose_threshold(risks, outcomes, ClassifyOptions.parse({"data": "x", **options}))
        return positive[outcomes == 1].mean(), 1 - positive[outcomes == 0].mean()

    assert 0.9 <= shares()[0] < 0.92
    assert 0.95 <= shares(sensitivity=0.95)[0] < 0.97
    sensitivity, specificity = shares(specificity=0.8)
    assert 0.8 <= specificity < 0.82
    assert sensitivity == OperatingPoints.compute(risks, outcomes).at_specificity(0.8)[0]
    assert shares(miss_cost=0.1)[0] < 0.9 < 0.97 < shares(miss_cost=100.0)[0]


def test_one_rule_chooses_the_threshold():
    rule = "^--sensitivity, --specificity: exactly one rule chooses the threshold, pass one of them$"
    with pytest.raises(InputError, match=rule):
        ClassifyOptions.parse({"data": "x", "specificity": 0.9, "sensitivity": 0.9})
    options = ClassifyOptions.parse({"data": "x"})
    assert options.stated_sensitivity == 0.9
    assert ClassifyOptions.parse({"data": "x", "miss_cost": 3.0}).stated_sensitivity is None


def test_calibration_and_json(dataset, scored):
    outputs, outcomes = scored
    train = dataset["train"]
    rows = np.concatenate(
        [
            np.flatnonzero(np.array(train.targets) == label)[:count]
            for label, count in zip(dataset.labels, (200, 100), strict=True)
        ]
    )
    options = dataset.options.model_copy(update={"prevalence": 0.05, "abstain": 0.1})
    dataset.options = options
    codec = MedicalCodec(LABELS, (32, 32, 1), 2)
    calibrated = fit_calibration(codec, dataset, outputs, outcomes)
    assert codec.threshold == 0.5
    assert codec.venn_abers is None
    risks = calibrated.risks(outputs)
    assert np.mean(risks[outcomes == 1] >= calibrated.threshold) >= 0.9
    state = json.loads(json.dumps(calibrated.to_json()))
    MedicalCodec.state.model_validate(state)
    again = MedicalCodec.from_json(state)
    assert again.to_json() == calibrated.to_json()

    images = train.inputs[rows][:, :, :, None]
    predictions = again.decode({**outputs, "image": images}, [None] * 300)
    answered = [prediction for prediction in predictions if not prediction.abstained]
    assert 200 < len(answered) < 290
    assert np.array_equal(
        [p.risk for p in answered],
        [q.risk for q in calibrated.decode({**outputs, "image": images}, []) if not q.abstained],
    )
    # Corrected for a prevalence of 5 %, the decisions stay the same.
    for prediction, risk in zip(predictions, risks, strict=True):
        if not prediction.abstained:
            assert prediction.prevalence == 0.05
            assert prediction.positive == (risk >= calibrated.threshold)
            assert prediction.risk <= risk + 1e-6
            assert prediction.low <= prediction.risk <= prediction.high
    noise = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 1), np.uint8)
    (refusal,) = again.decode({"logits": outputs["logits"][:1], "image": noise}, [None])
    assert refusal.label == NOT_ANSWERED
    assert refusal.risk is None
    assert "out of distribution" in refusal.warnings[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": ["a", "b", "c"]}, "expected the negative and the positive one, found 3"),
        ({"shape": [16, 16, 2]}, "expected 1 or 3 channels, found 2"),
        ({"threshold": 1.5}, "less than or equal to 1"),
        ({"folds": 1}, "greater than or equal to 2"),
        ({"prevalence": 0.0}, "greater than 0"),
        ({"venn_abers": {"lower": [0.0], "upper": [1.0], "p0": [0.2], "p1": [7.0]}}, "less than or equal to 1"),
    ],
)
def test_states_out_of_bounds(change, message):
    state = MedicalCodec(LABELS, (16, 16, 1), 2).to_json()
    MedicalCodec.state.model_validate(state)
    with pytest.raises(ValueError, match=message):
        MedicalCodec.state.model_validate(state | change)
