"""Metrics, calibration and confidence intervals, compared with scikit-learn and with manual calculations."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from plexus.metrics.calibration import expected_calibration_error, fit_temperature, softmax
from plexus.metrics.classification import classification_metrics
from plexus.metrics.intervals import mean_interval, wilson_interval


@pytest.fixture
def predictions():
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 4, 500)
    logits = generator.normal(size=(500, 4)) + 2 * np.eye(4)[targets]
    return logits, targets


def test_classification_metrics_equal_those_of_scikit_learn(predictions):
    logits, targets = predictions
    metrics = classification_metrics(softmax(logits), targets)
    assert metrics["accuracy"] == np.mean(logits.argmax(1) == targets)
    assert metrics["macro_f1"] == pytest.approx(f1_score(targets, logits.argmax(1), average="macro"))
    assert metrics["log_loss"] == pytest.approx(log_loss(targets, softmax(logits)))
    assert metrics["majority_accuracy"] == np.bincount(targets).max() / 500


def test_calibration_error_equals_a_manual_calculation():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    # In the bin of 0.9 one of two is correct, in that of 0.6 both are: gaps of 0.4 and 0.4.
    assert expected_calibration_error(probabilities, np.array([0, 1, 1, 1])) == pytest.approx(0.4)


def test_temperature_corrects_overconfidence(predictions):
    logits, targets = predictions
    fitted = fit_temperature(logits, targets)
    assert fit_temperature(logits * 5, targets) == pytest.approx(5 * fitted, rel=1e-3)
    overconfident = expected_calibration_error(softmax(logits * 5), targets)
    assert expected_calibration_error(softmax(logits * 5, 5 * fitted), targets) < overconfident / 2


def test_few_correct_examples_limit_the_confidence():
    targets = np.arange(100) % 4
    temperature = fit_temperature(3.0 * np.eye(4)[targets], targets)
    confidence = softmax(3.0 * np.eye(4)[targets], temperature).max()
    assert confidence == pytest.approx(1 - 1 / 102, abs=1e-3)


def test_wilson_interval_equals_a_manual_calculation():
    low, high = wilson_interval(0.5, 100)
    assert (low, high) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert wilson_interval(1.0, 10)[1] == 1.0


def test_mean_interval_equals_a_manual_calculation():
    values = np.array([1.0, 2.0, 3.0, 6.0])  # variance 14 / 3
    half_width = 1.96 * np.sqrt(14 / 3 / 4)
    assert mean_interval(values) == (pytest.approx(3 - half_width), pytest.approx(3 + half_width))
    assert mean_interval(values[:1]) == (1, 1)
