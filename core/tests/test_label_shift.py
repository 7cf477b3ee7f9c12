"""Correction of probabilities for another prevalence."""

import numpy as np
import pytest
from scipy.special import expit, logit

from plexus import InputError
from plexus.metrics.label_shift import LabelShift, estimate_prevalence, label_shift_metrics

TRAINING = 0.74


def simulate(prevalence, count=20_000, seed=0):
    """Risks that are calibrated at the training prevalence, of rows with another one."""
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


def test_the_same_rows_reach_the_corrected_threshold():
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


def test_rows_without_information_say_so():
    estimate, error = estimate_prevalence(np.full(10, TRAINING), TRAINING)
    assert (estimate, error) == (pytest.approx(TRAINING), np.inf)
    assert estimate_prevalence(np.ones(10), TRAINING)[0] == pytest.approx(1)
    assert estimate_prevalence(np.zeros(10), TRAINING)[0] == pytest.approx(0)


@pytest.mark.parametrize(("risks", "value"), [([], "none"), ([0.2, np.nan], "nan"), ([0.2, 1.2], "1.2")])
def test_probabilities_that_are_none_are_refused(risks, value):
    with pytest.raises(InputError, match=f"expected one or more probabilities from 0 to 1, got {value}"):
        estimate_prevalence(np.array(risks), TRAINING)


def test_one_row_says_little_about_the_prevalence():
    prevalence, error = estimate_prevalence(np.array([0.3]), TRAINING)
    assert 0 <= prevalence <= 1
    assert error >= 1
