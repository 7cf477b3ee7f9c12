"""Correction of probabilities for another prevalence."""

import numpy as np
import pytest
from scipy.special import expit, logit

from plexus import InputError
from plexus_medical.codec import MedicalCodec
from plexus_medical.label_shift import LabelShift, estimate_prevalence, label_shift_metrics, with_prevalence
from plexus_medical.operating_curve import fit_operating_points

TRAINING = 0.74


def simulate(prevalence, count=20_000, seed=0):
    """Risks that are calibrated at the training prevalence, of images with another one."""
    generator = np.random.default_rng(seed)
    outcomes = (generator.random(count) < prevalence).astype(int)
    # Two normal distributions with equal variances: the log-likelihood ratio is linear.
    evidence = generator.normal(2.0 * outcomes - 1.0, 1.0)
    return expit(2.0 * evidence + logit(TRAINING)), outcomes


def log_loss(risks, outcomes):
    return -np.mean(np.log(np.where(outcomes == 1, risks, 1 - risks)))


def test_the_correction_changes_the_odds_by_a_constant():
    shift = LabelShift(TRAINING, 0.1)
    risks = np.array([0.1, 0.74, 0.95])
    np.testing.assert_allclose(logit(shift.correct(risks)) - logit(risks), logit(0.1) - logit(TRAINING))
    assert shift.correct(np.array([TRAINING]))[0] == pytest.approx(0.1)
    np.testing.assert_array_equal(shift.correct(np.array([0.0, 1.0])), [0, 1])
    np.testing.assert_allclose(LabelShift(0.1, TRAINING).correct(shift.correct(risks)), risks)


def test_the_same_images_reach_the_corrected_threshold():
    risks, _ = simulate(0.3, count=500)
    shift = LabelShift(TRAINING, 0.3)
    corrected = shift.correct(risks) >= shift.correct(np.array(0.6))
    np.testing.assert_array_equal(corrected, risks >= 0.6)


@pytest.mark.parametrize("prevalence", [0.3, 0.05, 0.9])
def test_the_prevalence_is_recovered_without_labels(prevalence):
    risks, outcomes = simulate(prevalence)
    estimate, error = estimate_prevalence(risks, TRAINING)
    assert estimate == pytest.approx(outcomes.mean(), abs=0.02)
    assert abs(estimate - outcomes.mean()) < 4 * error < 0.05


def test_the_correction_improves_the_log_loss_after_a_shift():
    risks, outcomes = simulate(0.3)
    metrics = label_shift_metrics(risks, outcomes, TRAINING)
    assert metrics["estimated_prevalence"] == pytest.approx(0.3, abs=0.02)
    assert metrics["estimated_prevalence_low"] < outcomes.mean() < metrics["estimated_prevalence_high"]
    assert metrics["corrected_log_loss"] < 0.8 * log_loss(risks, outcomes)
    best = log_loss(LabelShift(TRAINING, 0.3).correct(risks), outcomes)
    assert metrics["corrected_log_loss"] == pytest.approx(best, abs=0.001)
    assert metrics["corrected_brier"] < np.mean((risks - outcomes) ** 2)


def test_without_a_shift_little_changes():
    risks, outcomes = simulate(TRAINING)
    assert label_shift_metrics(risks, outcomes, TRAINING)["corrected_log_loss"] == pytest.approx(
        log_loss(risks, outcomes), abs=0.001
    )


def test_images_without_information_say_so():
    estimate, error = estimate_prevalence(np.full(10, TRAINING), TRAINING)
    assert (estimate, error) == (pytest.approx(TRAINING), np.inf)
    assert estimate_prevalence(np.ones(10), TRAINING)[0] == pytest.approx(1)
    assert estimate_prevalence(np.zeros(10), TRAINING)[0] == pytest.approx(0)


@pytest.fixture
def codec():
    risks, outcomes = simulate(TRAINING, count=400)
    points = fit_operating_points(risks, outcomes, 0.5)
    return MedicalCodec(["normal", "opacity"], (8, 8, 1), folds=2, threshold=0.5, operating_points=points)


def test_predictions_state_the_prevalence_that_they_are_corrected_to(codec):
    log_odds = np.array([-1.0, 0.5, 3.0])
    outputs = {"logits": np.repeat(np.stack([0 * log_odds, log_odds], axis=1)[:, None], 2, axis=1)}
    plain, corrected = (each.decode(outputs, [None] * 3) for each in (codec, with_prevalence(codec, 0.1)))
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
        with_prevalence(codec, prevalence)
    assert with_prevalence(codec, 0.5).prevalence == 0.5


def test_the_prevalence_of_the_training_has_to_be_known():
    with pytest.raises(InputError, match="the codec is not calibrated"):
        with_prevalence(MedicalCodec(["normal", "opacity"], (8, 8, 1), folds=2), 0.1)
