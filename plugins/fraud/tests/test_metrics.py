"""Metrics compared with other implementations."""

import numpy as np
import pytest
from sklearn import metrics

from plexus.metrics.drift import ReferenceDistribution
from plexus_fraud.calibration import fit_platt_scaling
from plexus_fraud.decision import DecisionPolicy
from plexus_fraud.metrics import (
    average_precision,
    average_precision_interval,
    card_precision,
    cost_saved,
    recall_at,
    roc_auc,
)


@pytest.mark.parametrize("digits", [1, 9])
def test_ranking_metrics_equal_those_of_scikit_learn(digits):
    generator = np.random.default_rng(0)
    fraud = (generator.random(2000) < 0.05).astype(float)
    scores = np.round(generator.normal(size=2000) + fraud, digits)  # with ties, and without
    assert average_precision(scores, fraud) == pytest.approx(metrics.average_precision_score(fraud, scores))
    assert roc_auc(scores, fraud) == pytest.approx(metrics.roc_auc_score(fraud, scores))
    low, high = average_precision_interval(scores, fraud)
    assert low < average_precision(scores, fraud) < high


def test_alerts_cards_and_costs():
    scores, fraud = np.array([0.9, 0.8, 0.7, 0.1]), np.array([1.0, 0, 1, 0])
    assert recall_at(scores, fraud, 0.25) == 0.5
    assert card_precision(scores, fraud, np.zeros(4), np.array(["a", "b", "c", "a"])) == pytest.approx(0.02)
    assert card_precision(scores, fraud, np.array([0, 0, 1, 1]), np.array(["a", "b", "a", "c"])) == pytest.approx(0.005)
    losses = np.array([100.0, 10, 50, 10])
    assert cost_saved(np.array([True, False, False, False]), fraud, losses, 5) == pytest.approx((150 - 55) / 150)
    assert cost_saved(np.ones(4, bool), fraud, losses, 100) < 0


def test_flagged_transactions_cost_less_to_review_than_to_miss():
    probabilities, amounts = np.array([0.5, 0.01, 0.01]), np.array([20.0, 20, 2000])
    assert DecisionPolicy(5, None).flags(probabilities, amounts).tolist() == [True, False, True]
    assert DecisionPolicy(5, 1000).flags(probabilities, amounts).tolist() == [True, True, True]
    assert DecisionPolicy(5, None, threshold=0.3).flags(probabilities, amounts).tolist() == [True, False, False]


def test_threshold_flags_as_many_as_can_be_reviewed():
    policy = DecisionPolicy(5, None, reviews_per_day=2).with_threshold(np.linspace(0, 1, 11), days=1.5)
    assert policy.flags(np.linspace(0, 1, 11), np.zeros(11)).sum() == 3


def test_platt_scaling_recovers_slope_and_offset():
    generator = np.random.default_rng(0)
    logits = generator.normal(-2, 2, 50_000)
    fraud = (generator.random(50_000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))).astype(float)
    slope, offset = fit_platt_scaling(logits, fraud)
    assert slope == pytest.approx(0.5, abs=0.03)
    assert offset == pytest.approx(-1, abs=0.05)


def test_stability_index_is_large_for_shifted_features():
    generator = np.random.default_rng(0)
    before, after = generator.normal(size=(2, 5000, 2))
    distributions = [
        ReferenceDistribution.from_json(ReferenceDistribution.fit(values).to_json()) for values in before.T
    ]
    assert distributions[0].stability_index(before[:, 0]) == pytest.approx(0, abs=1e-9)
    assert distributions[0].stability_index(after[:, 0]) < 0.02
    assert distributions[1].stability_index(after[:, 1] + 1) > 0.5
    assert ReferenceDistribution.fit(np.zeros(50)).stability_index(np.ones(50)) > 5
