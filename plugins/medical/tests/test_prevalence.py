"""Predictions that are corrected to another prevalence."""

import numpy as np
import pytest
from scipy.special import expit, logit

from plexus import InputError
from plexus.metrics.label_shift import LabelShift
from plexus_medical.calibration import choose_threshold
from plexus_medical.codec import MedicalCodec
from plexus_medical.operating_curve import fit_operating_points
from plexus_medical.options import ClassifyOptions

TRAINING = 0.74


def simulate(prevalence, count=20_000, seed=0):
    """Risks that are calibrated at the training prevalence, of images with another one."""
    generator = np.random.default_rng(seed)
    outcomes = (generator.random(count) < prevalence).astype(int)
    # Two normal distributions with equal variances: the log-likelihood ratio is linear.
    evidence = generator.normal(2.0 * outcomes - 1.0, 1.0)
    return expit(2.0 * evidence + logit(TRAINING)), outcomes


@pytest.fixture
def codec():
    risks, outcomes = simulate(TRAINING, count=400)
    points = fit_operating_points(risks, outcomes, 0.5)
    return MedicalCodec(["normal", "opacity"], (8, 8, 1), folds=2, threshold=0.5, operating_points=points)


def test_predictions_state_the_prevalence_that_they_are_corrected_to(codec):
    log_odds = np.array([-1.0, 0.5, 3.0])
    outputs = {"logits": np.repeat(np.stack([0 * log_odds, log_odds], axis=1)[:, None], 2, axis=1)}
    plain, corrected = (each.decode(outputs, [None] * 3) for each in (codec, codec.with_prevalence(0.1)))
    assert codec.prevalence is None
    assert [prediction.prevalence for prediction in plain + corrected] == [None] * 3 + [0.1] * 3
    shift = LabelShift(codec.operating_points.prevalence, 0.1)
    expected = shift.correct(np.array([prediction.risk for prediction in plain]))
    np.testing.assert_allclose([prediction.risk for prediction in corrected], expected, atol=2e-6)
    assert [prediction.positive for prediction in corrected] == [False, True, True]
    assert "for a prevalence of 10.0%" in str(corrected[0])


@pytest.mark.parametrize("prevalence", [0, 1, 10, float("nan")])
def test_a_prevalence_is_a_share(codec, prevalence):
    with pytest.raises(InputError, match=r"prevalence: expected a number between 0 and 1, got"):
        codec.with_prevalence(prevalence)
    assert codec.with_prevalence(0.5).prevalence == 0.5


def test_the_prevalence_of_the_training_has_to_be_known():
    with pytest.raises(InputError, match="the codec is not calibrated"):
        MedicalCodec(["normal", "opacity"], (8, 8, 1), folds=2).with_prevalence(0.1)


@pytest.mark.slow
def test_a_threshold_by_cost_is_that_of_the_stated_prevalence():
    """A missed case counts as nine false alarms, so that the probability of 10 % decides, at any prevalence."""
    risks, outcomes = simulate(TRAINING)
    for prevalence in (None, 0.1):
        options = ClassifyOptions.parse({"data": "x", "miss_cost": 9.0, "prevalence": prevalence})
        threshold = choose_threshold(risks, outcomes, options)
        shift = LabelShift(TRAINING, prevalence or TRAINING)
        assert shift.correct(np.array(threshold)) == pytest.approx(0.1, abs=0.03)
