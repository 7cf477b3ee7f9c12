"""Metrics of a binary outcome of patients, compared with scikit-learn, SciPy, manual calculations and simulations."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

from plexus.errors import InputError
from plexus.metrics.abstention import abstention_table, abstention_threshold, decision_uncertainty
from plexus.metrics.binary import (
    predictive_values,
    roc_auc,
    roc_auc_interval,
    sensitivity_and_specificity,
)
from plexus.metrics.clinical import CLINICAL_METRICS, clinical_metrics
from plexus.metrics.decision_curve import decision_curve, net_benefit
from plexus.metrics.intervals import (
    group_bootstrap_interval,
    group_proportion_interval,
    group_resamples,
    wilson_interval,
)
from plexus.metrics.operating_points import OperatingPoints
from plexus.metrics.recalibration import (
    calibration_intercept,
    calibration_table,
    log_odds,
    logistic_recalibration,
    observed_expected_ratio,
)
from plexus.metrics.subgroups import MIN_CASES, subgroup_table
from plexus.metrics.thresholds import (
    choose_cost_threshold,
    row_costs,
    threshold_for_cost,
    threshold_for_sensitivity,
)
from plexus.report.intervals import metric_names

SMALL = np.array([0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2, 0.1])
SMALL_OUTCOMES = np.array([1, 1, 0, 1, 0, 1, 0, 0, 0, 0])


def patients(generator, count, rows=1, effect=1.0):
    """Return probabilities, outcomes and patients; rows of a patient share an effect that the model does not see."""
    group = np.repeat(np.arange(count), rows)
    x = generator.normal(size=count)[group] + generator.normal(0, 0.3, len(group))
    outcomes = generator.random(len(group)) < expit(x - 0.5 + effect * generator.normal(size=count)[group])
    return expit(x - 0.5), outcomes.astype(int), group


@pytest.fixture
def predictions():
    probabilities, outcomes, _ = patients(np.random.default_rng(0), 400)
    return probabilities.round(2), outcomes  # rounded: many are equal


@pytest.fixture(scope="module")
def metrics():
    probabilities, outcomes, group = patients(np.random.default_rng(1), 200, rows=2)
    return clinical_metrics(probabilities, outcomes, group, threshold=0.4, prevalence=0.1)


def test_discrimination_equals_that_of_scikit_learn(predictions):
    probabilities, outcomes = predictions
    false_positive_rates, true_positive_rates, limits = roc_curve(outcomes, probabilities, drop_intermediate=False)
    points = OperatingPoints.compute(probabilities, outcomes)
    np.testing.assert_allclose(points.sensitivities, true_positive_rates)
    np.testing.assert_allclose(points.specificities, 1 - false_positive_rates, atol=1e-12)
    np.testing.assert_array_equal(points.thresholds, limits)
    assert roc_auc(probabilities, outcomes) == pytest.approx(roc_auc_score(outcomes, probabilities))
    assert points.average_precision == pytest.approx(average_precision_score(outcomes, probabilities))
    assert np.isnan(roc_auc(probabilities, np.ones(400)))


@pytest.mark.slow
def test_threshold_free_metrics_equal_those_of_scikit_learn(predictions):
    probabilities, outcomes = predictions
    computed = clinical_metrics(probabilities, outcomes, threshold=0.5)
    assert computed["roc_auc"] == pytest.approx(roc_auc_score(outcomes, probabilities))
    assert computed["average_precision"] == pytest.approx(average_precision_score(outcomes, probabilities))
    assert computed["brier"] == pytest.approx(brier_score_loss(outcomes, probabilities))
    assert computed["log_loss"] == pytest.approx(log_loss(outcomes, probabilities))
    assert computed["prevalence"] == computed["ppv_prevalence"] == outcomes.mean()


def test_sensitivity_and_specificity_equal_a_manual_calculation():
    # From 0.5 on, six rows are positive: all four cases and two of the six others.
    assert sensitivity_and_specificity(SMALL, SMALL_OUTCOMES, 0.5) == (1.0, pytest.approx(4 / 6))
    assert sensitivity_and_specificity(SMALL, SMALL_OUTCOMES, 0.75) == (0.5, 1.0)
    points = OperatingPoints.compute(SMALL, SMALL_OUTCOMES)
    assert points.at_specificity(5 / 6) == (0.75, 0.6)
    assert points.at_specificity(0.9) == (0.5, 0.8)
    assert points.at_sensitivity(0.75) == (pytest.approx(5 / 6), 0.6)
    assert points.at_sensitivity(0.9) == (pytest.approx(4 / 6), 0.5)


def test_a_specificity_that_rounding_misses_is_reached():
    outcomes = np.array([1] + [0] * 10)
    probabilities = np.array([0.5, 0.6, *np.linspace(0.1, 0.4, 9)])  # one false positive of ten: 1 - 0.1
    assert OperatingPoints.compute(probabilities, outcomes).at_specificity(0.9) == (1.0, 0.5)


def test_predictive_values_equal_a_published_example():
    """Screening mammography in Gigerenzer & Hoffrage 1995: prevalence 1 %, sensitivity 80 %, specificity 90.4 %."""
    ppv, npv = predictive_values(0.8, 0.904, 0.01)
    assert ppv == pytest.approx(0.078, abs=5e-4)
    assert npv == pytest.approx(0.99 * 0.904 / (0.99 * 0.904 + 0.01 * 0.2))
    assert np.isnan(predictive_values(0.0, 1.0, 0.1)[0])


def test_recalibration_equals_logistic_regression(predictions):
    probabilities, outcomes = predictions
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds(probabilities)[:, None], outcomes)
    slope, intercept = logistic_recalibration(probabilities, outcomes)
    assert slope == pytest.approx(model.coef_[0, 0], rel=1e-4)
    assert intercept == pytest.approx(model.intercept_[0], abs=1e-4)


def test_calibration_intercept_maximizes_the_likelihood_with_an_offset(predictions):
    probabilities, outcomes = predictions
    logits = log_odds(probabilities)
    best = minimize(lambda a: log_loss(outcomes, expit(logits + a[0])), [0.0], tol=1e-10).x[0]
    assert calibration_intercept(probabilities, outcomes) == pytest.approx(best, abs=1e-4)


def test_recalibration_finds_a_known_distortion():
    generator = np.random.default_rng(0)
    logits = generator.normal(-1, 1.5, 50_000)
    outcomes = (generator.random(50_000) < expit(logits)).astype(int)
    assert logistic_recalibration(expit(logits), outcomes) == (pytest.approx(1, abs=0.05), pytest.approx(0, abs=0.05))
    slope, intercept = logistic_recalibration(expit(2 * logits + 1), outcomes)
    assert (slope, intercept) == (pytest.approx(0.5, abs=0.03), pytest.approx(-0.5, abs=0.05))
    assert calibration_intercept(expit(logits + 1), outcomes) == pytest.approx(-1, abs=0.05)
    assert observed_expected_ratio(expit(logits), outcomes) == pytest.approx(1, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("probabilities", [[0.1, 0.2, 0.8, 0.9], [0.9, 0.8, 0.2, 0.1], [0.5] * 4])
def test_a_separated_outcome_has_no_calibration_slope(probabilities):
    assert np.isnan(logistic_recalibration(np.array(probabilities), np.array([0, 0, 1, 1]))[0])
    metrics = clinical_metrics(np.array(probabilities), np.array([0, 0, 1, 1]), threshold=0.5)
    assert not [name for name in metrics if name.startswith("calibration_slope")]
    assert all(np.isfinite(list(metrics.values())))


@pytest.mark.slow
@pytest.mark.parametrize(("spread", "rows"), [(0.0, 200), (1e-9, 200), (1e-6, 5000), (1e-3, 500), (0.01, 500)])
def test_probabilities_that_hardly_differ_have_no_calibration_slope(spread, rows):
    generator = np.random.default_rng(0)
    probabilities = expit(-0.8 + spread * generator.normal(size=rows))
    outcomes = (generator.random(rows) < probabilities).astype(int)
    assert np.isnan(logistic_recalibration(probabilities, outcomes)).all()
    metrics = clinical_metrics(probabilities, outcomes, threshold=0.5)
    assert not [name for name in metrics if name.startswith("calibration_slope")]
    assert abs(metrics["calibration_intercept"]) < 0.3


def test_many_rows_have_a_calibration_slope_although_probabilities_differ_little():
    """The standard error is 1 / (0.05 √(20,000 · 0.21)) = 0.31: what matters is not the spread alone."""
    generator = np.random.default_rng(0)
    probabilities = expit(-0.8 + 0.05 * generator.normal(size=20_000))
    outcomes = (generator.random(20_000) < probabilities).astype(int)
    assert logistic_recalibration(probabilities, outcomes)[0] == pytest.approx(1, abs=1)


def test_calibration_table_equals_a_manual_calculation():
    probabilities = np.repeat([0.1, 0.3, 0.8], [50, 30, 20])
    outcomes = np.concatenate([np.arange(50) < 5, np.arange(30) < 9, np.arange(20) < 16]).astype(int)
    table = calibration_table(probabilities, outcomes, np.arange(100))
    assert table["rows"].to_list() == [50, 30, 20]
    assert table["cases"].to_list() == [5, 9, 16]
    assert table["mean_probability"].to_list() == pytest.approx([0.1, 0.3, 0.8])
    assert table["observed"].to_list() == pytest.approx([0.1, 0.3, 0.8])
    assert (table["observed_low"][2], table["observed_high"][2]) == pytest.approx(wilson_interval(0.8, 20))


def test_net_benefit_equals_a_manual_calculation():
    # From 0.5 on: 4 true and 2 false positives of 10; the odds of 0.5 are 1. From 0.2 on: 4 and 5, odds 1 / 4.
    benefits = net_benefit(SMALL, SMALL_OUTCOMES, np.array([0.5, 0.2, 0.75]))
    np.testing.assert_allclose(benefits, [0.2, (4 - 5 / 4) / 10, 0.2])
    curve = decision_curve(SMALL, SMALL_OUTCOMES, np.arange(10))
    row = curve.row(49, named=True)
    assert (row["threshold"], row["model"], row["treat_none"]) == (0.5, pytest.approx(0.2), 0)
    assert row["treat_all"] == pytest.approx(0.4 - 0.6)
    assert row["model_low"] <= 0.2 <= row["model_high"]


def test_groups_are_resampled_whole():
    groups = np.array(["b", "a", "b", "c", "c", "c"])
    for rows in group_resamples(groups):
        counts = np.bincount(rows, minlength=6)
        assert counts[0] == counts[2]
        assert counts[3] == counts[4] == counts[5]
        assert counts[0] + counts[1] + counts[3] == 3  # as many groups as there are


def test_the_bootstrap_interval_equals_that_of_normal_theory():
    generator = np.random.default_rng(0)
    values = np.repeat(generator.normal(size=200), 4)  # four equal rows per patient
    low, high = group_bootstrap_interval(lambda rows: values[rows].mean(), np.repeat(np.arange(200), 4))
    half = 1.96 * values.std() / np.sqrt(200)
    assert (low, high) == (pytest.approx(values.mean() - half, abs=0.03), pytest.approx(values.mean() + half, abs=0.03))
    assert np.isnan(group_bootstrap_interval(lambda rows: np.nan, np.arange(3))).all()


def test_the_interval_of_a_proportion_without_groups_is_wilsons():
    successes = np.arange(40) < 33
    expected = binomtest(33, 40).proportion_ci(0.95, method="wilson")
    assert group_proportion_interval(successes, np.arange(40)) == pytest.approx((expected.low, expected.high))
    assert group_proportion_interval(successes[:0], np.arange(0)) == (0.0, 1.0)
    # Rows of a patient that are always alike count once.
    twice = group_proportion_interval(np.repeat(successes, 2), np.repeat(np.arange(40), 2))
    assert twice == pytest.approx((expected.low, expected.high), abs=0.01)
    assert group_proportion_interval(np.ones(40), np.arange(40) // 4)[0] == pytest.approx(wilson_interval(1, 10)[0])


def test_intervals_by_patient_cover_a_sensitivity_and_intervals_by_row_do_not():
    generator = np.random.default_rng(0)
    truth = sensitivity_and_specificity(*patients(generator, 100_000, rows=3)[:2], 0.4)[0]
    by_patient, by_row = [], []
    for _ in range(500):
        probabilities, outcomes, group = patients(generator, 100, rows=3)
        positive, cases = probabilities >= 0.4, outcomes == 1
        for hits, ids in ((by_patient, group[cases]), (by_row, np.arange(cases.sum()))):
            low, high = group_proportion_interval(positive[cases], ids)
            hits.append(low <= truth <= high)
    assert np.mean(by_patient) == pytest.approx(0.95, abs=0.025)
    assert np.mean(by_row) < 0.9


@pytest.mark.slow
def test_coverage_of_the_intervals_of_auc_and_cost():
    generator = np.random.default_rng(1)
    many, their_outcomes, _ = patients(generator, 100_000)
    truth = roc_auc(many, their_outcomes)
    of_auc, of_cost = [], []
    for _ in range(60):
        probabilities, outcomes, group = patients(generator, 100, rows=3)
        low, high = roc_auc_interval(probabilities, outcomes, group)
        of_auc.append(low <= truth <= high)
        choice = choose_cost_threshold(probabilities, outcomes, group, false_positive=1, false_negative=5)
        cost = row_costs(many, their_outcomes, choice.threshold, 1, 5).mean()
        of_cost.append(choice.cost_low <= cost <= choice.cost_high)
    # The standard error of a coverage of 0.95 is 0.03.
    assert np.mean(of_auc) > 0.87
    assert np.mean(of_cost) > 0.87


def test_a_perfect_ranking_has_a_lower_bound_below_one():
    outcomes = np.arange(40) >= 30
    low, high = roc_auc_interval(np.arange(40) / 40, outcomes, np.arange(40))
    # Ten comparisons of separate pairs, all right: the bound of Clopper & Pearson.
    assert (low, high) == (pytest.approx(binomtest(10, 10).proportion_ci(0.95).low), 1.0)


def test_the_threshold_for_a_sensitivity_reaches_it_on_new_cases():
    generator = np.random.default_rng(0)
    reached = []
    for _ in range(400):
        probabilities, outcomes, _ = patients(generator, 80)
        threshold = threshold_for_sensitivity(probabilities, outcomes, 0.9)
        assert sensitivity_and_specificity(probabilities, outcomes, threshold)[0] >= 0.9
        reached.append(sensitivity_and_specificity(*patients(generator, 500)[:2], threshold)[0])
    assert np.mean(reached) > 0.9
    # Four cases allow no more than an expected sensitivity of 4 / 5.
    assert threshold_for_sensitivity(SMALL, SMALL_OUTCOMES, 0.95) == 0.5
    assert threshold_for_sensitivity(SMALL, SMALL_OUTCOMES, 0.6) == 0.6


def test_the_threshold_with_the_smallest_cost_equals_a_search():
    generator = np.random.default_rng(0)
    for _ in range(20):
        probabilities, outcomes, _ = patients(generator, 60)
        probabilities = probabilities.round(1).astype(np.float32)
        costs = generator.integers(1, 8, 2).tolist()
        candidates = [*np.unique(probabilities), 2.0]
        best = min(row_costs(probabilities, outcomes, limit, *costs).mean() for limit in candidates)
        threshold = threshold_for_cost(probabilities, outcomes, *costs)
        assert row_costs(probabilities, outcomes, threshold, *costs).mean() == pytest.approx(best)


def test_among_equal_costs_the_threshold_of_calibrated_probabilities_is_chosen():
    probabilities, outcomes = np.array([0.05, 0.1, 0.8, 0.9]), np.array([0, 0, 1, 1])
    assert threshold_for_cost(probabilities, outcomes, 1, 4) == pytest.approx(0.2)
    choice = choose_cost_threshold(
        np.repeat(probabilities, 20), np.repeat(outcomes, 20), false_positive=1, false_negative=4
    )
    assert (choice.threshold, choice.cost, choice.cost_low, choice.cost_high) == (pytest.approx(0.2), 0, 0, 0)


@pytest.mark.slow
def test_the_cost_of_the_chosen_threshold_is_not_optimistic():
    generator = np.random.default_rng(0)
    many, their_outcomes, _ = patients(generator, 50_000)
    apparent, estimated = [], []
    for _ in range(20):
        probabilities, outcomes, _ = patients(generator, 100)
        choice = choose_cost_threshold(probabilities, outcomes, false_positive=1, false_negative=5)
        best = threshold_for_cost(probabilities, outcomes, 1, 5)
        apparent.append(
            row_costs(probabilities, outcomes, best, 1, 5).mean() - row_costs(many, their_outcomes, best, 1, 5).mean()
        )
        estimated.append(choice.cost - row_costs(many, their_outcomes, choice.threshold, 1, 5).mean())
        assert choice.threshold_low <= choice.threshold <= choice.threshold_high
        assert choice.cost_low <= choice.cost <= choice.cost_high
    assert np.mean(apparent) < -0.05
    assert abs(np.mean(estimated)) < 0.04


@pytest.mark.slow
def test_subgroups_with_few_cases_say_so():
    generator = np.random.default_rng(0)
    probabilities, outcomes, group = patients(generator, 300)
    bands = np.where(np.arange(300) < 280, np.where(np.arange(300) % 2, "young", "old"), "").astype(object)
    bands[290:] = None
    table = subgroup_table(probabilities, outcomes, {"age": bands}, group, 0.4)
    assert table["value"].to_list() == ["all", "old", "young", "missing"]
    assert table["rows"].to_list() == [300, 140, 140, 20]
    young = bands == "young"
    row = table.row(2, named=True)
    assert row["roc_auc"] == pytest.approx(roc_auc_score(outcomes[young], probabilities[young]))
    assert (row["sensitivity"], row["specificity"]) == sensitivity_and_specificity(
        probabilities[young], outcomes[young], 0.4
    )
    assert row["observed_expected"] == pytest.approx(outcomes[young].sum() / probabilities[young].sum())
    assert row["observed_expected_low"] < row["observed_expected"] < row["observed_expected_high"]
    few = table.row(3, named=True)
    assert few["cases"] < MIN_CASES
    assert few["roc_auc"] is few["sensitivity"] is few["observed_expected"] is None
    assert few["specificity"] is not None
    assert few["note"] == f"too few: below {MIN_CASES} with the outcome"


def test_cases_of_subgroups_are_counted_by_patient():
    probabilities, outcomes = np.linspace(0, 1, 60), np.arange(60) % 2
    table = subgroup_table(probabilities, outcomes, {}, np.arange(60) // 12, 0.5)  # five patients
    assert table["note"].to_list() == ["too few: below 10 with the outcome and without the outcome"]


def test_uncertainty_is_largest_at_the_threshold():
    np.testing.assert_allclose(decision_uncertainty(np.array([0, 0.1, 0.2, 0.6, 1]), 0.2), [0, 0.5, 1, 0.5, 0])
    assert np.isfinite(decision_uncertainty(np.array([0.0, 1.0]), 1.5)).all()


def test_the_least_uncertain_share_is_answered():
    uncertainty = np.array([0.1, 0.2, 0.3, 0.3, 0.5])
    assert abstention_threshold(uncertainty, 0.4) == 0.2
    assert abstention_threshold(uncertainty, 0.5) == 0.3  # equal uncertainties are answered together
    probabilities = np.array([0.98, 0.9, 0.74, 0.66, 0.55, 0.5, 0.4, 0.3, 0.2, 0.05])
    table = abstention_table(probabilities, SMALL_OUTCOMES, 0.5)
    assert table["answered"].to_list() == [1, 1, 0.9, 0.8, 0.7, 0.6, 0.5]
    assert table["error"][0] == pytest.approx(0.2)
    half = table.row(6, named=True)  # 0.98, 0.9, 0.74, 0.2 and 0.05 are answered, 0.74 wrongly
    assert (half["rows"], half["cases"], half["max_uncertainty"]) == (5, 2, pytest.approx(0.52))
    assert (half["error"], half["sensitivity"], half["roc_auc"]) == (pytest.approx(0.2), 1, 1)
    assert half["specificity"] == pytest.approx(2 / 3)
    highest = abstention_table(SMALL, SMALL_OUTCOMES, 0.5, uncertainty=1 - SMALL)
    assert highest["specificity"][6] == 0  # of the five highest two are no cases, both positive
    without_cases = abstention_table(SMALL, SMALL_OUTCOMES, 0.5, uncertainty=SMALL_OUTCOMES).row(6, named=True)
    assert (without_cases["rows"], without_cases["sensitivity"], without_cases["roc_auc"]) == (6, None, None)


def test_clinical_metrics_are_floats_with_intervals_and_descriptions(metrics):
    assert all(type(value) is float for value in metrics.values())
    assert set(metric_names(metrics)) == {metric.name for metric in CLINICAL_METRICS}
    bounded = [name for name in metric_names(metrics) if f"{name}_low" in metrics]
    assert len(bounded) == 14
    assert all(metrics[f"{name}_low"] <= metrics[name] <= metrics[f"{name}_high"] for name in bounded)


@pytest.mark.slow
def test_predictive_values_follow_the_stated_prevalence(metrics):
    expected = predictive_values(metrics["sensitivity"], metrics["specificity"], 0.1)
    assert (metrics["ppv"], metrics["npv"]) == expected
    assert metrics["ppv_prevalence"] == 0.1
    of_data = clinical_metrics(SMALL, SMALL_OUTCOMES, threshold=0.5)
    assert (of_data["ppv"], of_data["npv"]) == (pytest.approx(4 / 6), 1.0)
    assert of_data["npv_low"] == pytest.approx(wilson_interval(1, 4)[0])


@pytest.mark.slow
def test_keys_name_the_stated_values():
    metrics = clinical_metrics(SMALL, SMALL_OUTCOMES, threshold=0.5, specificity=0.975, sensitivity=0.5)
    assert metrics["sensitivity_at_specificity_97.5"] == 0.5
    assert metrics["specificity_at_sensitivity_50"] == 1.0
    assert "sensitivity_at_specificity_90" not in metrics
    # All resamples of a specificity of 1 have it; the interval of the proportion does not end there.
    assert metrics["specificity_at_sensitivity_50_low"] <= wilson_interval(1, 6)[0] + 1e-9


@pytest.mark.slow
def test_sensitivity_is_computed_at_several_specificities():
    probabilities, outcomes = np.arange(40) / 40, np.repeat([0, 1], 20)
    probabilities[[18, 19]] = 0.99, 0.7  # one of 20 rows without the outcome is above all cases, one above nine
    metrics = clinical_metrics(probabilities, outcomes, threshold=0.5)
    assert metrics["sensitivity_at_specificity_90"] == 1.0
    assert metrics["sensitivity_at_specificity_95"] == pytest.approx(11 / 20)
    assert metrics["sensitivity_at_specificity_95_low"] < 0.6 < metrics["sensitivity_at_specificity_95_high"]
    with pytest.raises(InputError, match=r"specificity: expected a number between 0 and 1, got 95"):
        clinical_metrics(probabilities, outcomes, threshold=0.5, specificity=[0.9, 95])


@pytest.mark.slow
def test_patients_may_have_names():
    names = np.array([f"patient {i % 5}" for i in range(10)])
    by_name = clinical_metrics(SMALL, SMALL_OUTCOMES, names, threshold=0.5)
    assert by_name == clinical_metrics(SMALL.copy(), SMALL_OUTCOMES == 1, np.arange(10) % 5, threshold=0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"probabilities": np.full(10, 1.5)}, "row 1, probability: expected a number from 0 to 1, got 1.5"),
        ({"probabilities": np.full(10, np.nan)}, "row 1, probability: expected a number from 0 to 1, got nan"),
        ({"outcomes": np.arange(10)}, "row 3, outcome: expected 0 or 1, got 2"),
        ({"outcomes": np.ones(10)}, "expected rows with and without the outcome, got 10 with it of 10"),
        ({"outcomes": np.ones(9)}, "outcomes: expected one for each probability, 10, got 9"),
        ({"groups": np.array(["a"] * 9 + [""])}, "row 10, group: expected the id of a group"),
        ({"groups": np.array(["a"] * 9 + [None])}, "row 10, group: expected the id of a group, got None"),
        ({"prevalence": 30}, "prevalence: expected a number between 0 and 1, got 30"),
        ({"specificity": 90}, "specificity: expected a number between 0 and 1, got 90"),
    ],
)
def test_bad_input_is_one_clear_line(changes, message):
    arguments = {"probabilities": SMALL, "outcomes": SMALL_OUTCOMES, "threshold": 0.5} | changes
    with pytest.raises(InputError) as error:
        clinical_metrics(**arguments)
    assert message in str(error.value)


def test_bad_thresholds_and_subgroups_are_one_clear_line():
    with pytest.raises(InputError, match="cost of a false negative: expected a number above 0, got 0"):
        choose_cost_threshold(SMALL, SMALL_OUTCOMES, false_positive=1, false_negative=0)
    with pytest.raises(InputError, match="sensitivity: expected a number above 0 and at most 1, got 90"):
        threshold_for_sensitivity(SMALL, SMALL_OUTCOMES, 90)
    with pytest.raises(InputError, match="column 'age': expected at most 30 values for subgroups, got 40"):
        subgroup_table(np.full(40, 0.5), np.arange(40) % 2, {"age": np.arange(40)}, np.arange(40), 0.5)
    with pytest.raises(InputError, match="column 'age': expected 10 values, one a row, got 3"):
        subgroup_table(SMALL, SMALL_OUTCOMES, {"age": [1, 2, 3]}, np.arange(10), 0.5)
