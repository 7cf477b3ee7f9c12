"""Credit-risk methods, compared with scikit-learn, published examples and calculations by hand."""

import math
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.calibration import calibration_curve
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import plexus
from plexus.errors import InputError
from plexus.explain.contributions import sorted_contributions
from plexus.explain.shapley import ShapleyValues
from plexus.metrics.drift import LARGE_DRIFT, table_drift
from plexus.metrics.intervals import wilson_interval
from plexus_tables.drift import drift_table
from plexus_tables.risk.cost_matrix import CostMatrix
from plexus_tables.risk.deciles import calibration_by_decile
from plexus_tables.risk.fairness import fairness_table
from plexus_tables.risk.metrics import RISK_METRICS, risk_metrics
from plexus_tables.risk.ranking import gini, h_measure, ks_statistic
from plexus_tables.risk.reason_codes import reason_codes
from plexus_tables.risk.report import RISK_FIGURES, write_risk_report
from plexus_tables.risk.scorecard import Scorecard
from plexus_tables.risk.scored_table import ScoredTable
from plexus_tables.risk.weight_of_evidence import MAX_BINS, WeightOfEvidence, bin_columns


@pytest.fixture
def predictions():
    """Calibrated probabilities of 2,000 cases, and their outcomes."""
    generator = np.random.default_rng(0)
    probabilities = generator.beta(1, 3, 2000)
    return probabilities, (generator.random(2000) < probabilities).astype(int)


def cases(*counts):
    """Build a column and outcomes from values with their numbers of good and bad cases."""
    values = [value for value, good, bad in counts for _ in range(good + bad)]
    return pl.Series("x", values), np.array([y for _, good, bad in counts for y in [0] * good + [1] * bad])


# Weight of evidence


def test_weight_of_evidence_equals_a_calculation_by_hand():
    values, outcomes = cases(("rent", 30, 30), ("own", 70, 10))
    binning = WeightOfEvidence.fit(values, outcomes)
    assert binning.bins == ["own", "rent", "(other)", "(missing)"]
    # Each bin gets one row more: 40 of 140 cases are bad, so 5/7 good and 2/7 bad.
    weights = [math.log((good + 5 / 7) / (bad + 2 / 7) / (100 / 40)) for good, bad in ((70, 10), (30, 30))]
    assert binning.weights == pytest.approx([*weights, 0, 0])
    value = (0.70 - 0.25) * weights[0] + (0.30 - 0.75) * weights[1]
    assert binning.information_value == pytest.approx(value)
    assert binning.strength == "very strong"
    table = binning.table()
    assert table["bad_rate"].to_list() == [10 / 80, 30 / 60, None, None]
    assert table["information_value"].sum() == pytest.approx(value)


def test_missing_rare_and_new_categories_have_bins():
    values, outcomes = cases(("a", 50, 20), (None, 5, 20), ("rare", 1, 1))
    binning = WeightOfEvidence.fit(values, outcomes)
    assert binning.bins == ["a", "(other)", "(missing)"]
    assert binning.table()["cases"].to_list() == [70, 2, 25]
    assert binning.bin_indices(pl.Series(["new", None, "a"])).tolist() == [1, 2, 0]
    assert binning.transform(pl.Series([None], dtype=pl.String))[0] < 0  # missing is riskier here


def test_missing_numbers_have_a_bin():
    values, outcomes = cases((1.0, 30, 10), (2.0, 10, 30), (None, 5, 5), (float("nan"), 2, 2))
    binning = WeightOfEvidence.fit(values, outcomes)
    assert binning.bins == ["<= 1", "> 1", "(missing)"]
    assert binning.table()["cases"].to_list() == [40, 40, 14]
    assert binning.bin_indices(pl.Series(["1.5", "old", None])).tolist() == [1, 2, 2]


@pytest.mark.parametrize("values", [[7.0] * 20, [None] * 20, ["a"] * 20, [True] * 20])
def test_constant_columns_are_worth_nothing(values):
    column = pl.Series("x", values, dtype=pl.Float64 if values[0] is None else None)
    binning = WeightOfEvidence.fit(column, np.arange(20) % 2)
    assert binning.information_value == 0
    assert binning.strength == "not predictive"


def test_tree_bins_are_the_leaves_of_a_decision_tree(predictions):
    probabilities, outcomes = predictions
    binning = WeightOfEvidence.fit(pl.Series("x", probabilities), outcomes)
    tree = DecisionTreeClassifier(criterion="entropy", max_leaf_nodes=MAX_BINS, min_samples_leaf=100)
    leaves = tree.fit(probabilities[:, None], outcomes).apply(probabilities[:, None])
    bins = binning.bin_indices(pl.Series(probabilities))
    assert len(np.unique(bins)) == MAX_BINS
    assert len(set(zip(leaves.tolist(), bins.tolist(), strict=True))) == MAX_BINS


@pytest.mark.parametrize("sign", [1, -1])
def test_monotone_bins_have_rising_or_falling_bad_rates(predictions, sign):
    probabilities, outcomes = predictions
    binning = WeightOfEvidence.fit(pl.Series("x", sign * probabilities), outcomes, "monotone")
    rates = binning.table()["bad_rate"].drop_nulls().to_numpy()
    assert len(rates) > 5
    assert (np.diff(sign * rates) > 0).all()


@pytest.mark.parametrize("method", ["tree", "monotone"])
def test_information_value_of_two_normal_distributions_is_their_divergence(method):
    generator = np.random.default_rng(0)
    outcomes = np.repeat([0, 1], 50_000)
    values = generator.normal(size=100_000) + 0.5 * outcomes
    value = WeightOfEvidence.fit(pl.Series("x", values), outcomes, method).information_value
    assert value == pytest.approx(0.5**2, rel=0.1)  # the symmetric Kullback-Leibler divergence is the squared shift


def test_columns_are_ordered_by_information_value(predictions):
    probabilities, outcomes = predictions
    noise = np.random.default_rng(1).normal(size=2000)
    table = pl.DataFrame({"noise": noise, "useful": probabilities})
    assert [binning.column for binning in bin_columns(table, outcomes)] == ["useful", "noise"]


# Ranking


def test_ks_and_gini_equal_those_of_scikit_learn(predictions):
    probabilities, outcomes = predictions
    false_positives, true_positives, _ = roc_curve(outcomes, probabilities)
    assert ks_statistic(probabilities, outcomes) == pytest.approx((true_positives - false_positives).max())
    assert gini(probabilities, outcomes) == pytest.approx(2 * roc_auc_score(outcomes, probabilities) - 1)


def test_h_measure_equals_a_published_value():
    # README of https://github.com/ldanov/pypkg_hmeasure, a translation of the R package of Hand's group
    generator = np.random.default_rng(66)
    outcomes, scores = generator.integers(low=0, high=2, size=10), generator.random(10)
    assert outcomes.tolist() == [1, 1, 0, 1, 1, 0, 1, 1, 1, 0]
    assert h_measure(scores, outcomes) == pytest.approx(0.18889596344769588)


def test_h_measure_equals_a_calculation_by_hand():
    scores, outcomes = np.repeat([0.2, 0.6], 4), np.array([0, 0, 0, 1, 0, 1, 1, 1])

    def cost(p):  # the integral of c * 6 c (1 - c) from 0 to p, under Hand's Beta(2, 2)
        return 2 * p**3 - 1.5 * p**4

    # Bad rates of 1/4 and 3/4: of 8 cases, 6 cost the integral up to 1/4 and 2 that up to 3/4.
    expected = 1 - (6 * cost(0.25) + 2 * cost(0.75)) / 8 / cost(0.5)
    assert expected == pytest.approx(0.2875)
    assert h_measure(scores, outcomes, severity_ratio=1) == pytest.approx(expected)


def test_h_measure_is_1_for_a_perfect_ranking_and_0_for_none():
    outcomes = np.array([0, 0, 1, 1])
    assert h_measure(np.array([1e-20, 2e-20, 3e-20, 4e-20]), outcomes) == pytest.approx(1)
    assert h_measure(np.full(4, 0.3), outcomes) == pytest.approx(0)
    assert h_measure(np.array([4.0, 3.0, 2.0, 1.0]), outcomes) == pytest.approx(0)


# Costs


def test_cost_of_decisions_equals_a_calculation_by_hand():
    costs, outcomes = CostMatrix(false_positive=1, false_negative=5), np.array([0, 1, 0, 1])
    probabilities = np.array([0.1, 0.2, 0.3, 0.4])
    assert costs.costs(probabilities, outcomes, 0.3).tolist() == [0, 5, 1, 0]
    assert costs.cost_per_case(probabilities, outcomes, 0.3) == 1.5
    assert costs.trivial_cost_per_case(outcomes) == 0.5  # all rejected
    assert costs.theoretical_threshold == pytest.approx(1 / 6)
    assert costs.severity_ratio == 0.2


def test_cost_curve_holds_the_cost_at_each_threshold(predictions):
    probabilities, outcomes = np.round(predictions[0], 2), predictions[1]
    costs = CostMatrix(1, 5)
    thresholds, curve = costs.cost_curve(probabilities, outcomes)
    assert curve == pytest.approx([costs.cost_per_case(probabilities, outcomes, value) for value in thresholds])


def test_optimal_threshold_of_calibrated_probabilities_is_the_theoretical_one(predictions):
    probabilities, outcomes = predictions
    costs = CostMatrix(1, 5)
    choice = costs.choose_threshold(probabilities, outcomes)
    assert choice.threshold_low < costs.theoretical_threshold < choice.threshold_high
    assert choice.threshold_low < choice.threshold < choice.threshold_high
    _, curve = costs.cost_curve(probabilities, outcomes)
    assert costs.cost_per_case(probabilities, outcomes, choice.threshold) < 1.05 * curve.min()
    low, high = costs.cost_interval(probabilities, outcomes, 0.2)
    assert low < costs.cost_per_case(probabilities, outcomes, 0.2) < high


@pytest.mark.parametrize("cost", [0, -1, float("nan"), float("inf")])
def test_costs_are_positive_numbers(cost):
    with pytest.raises(InputError, match="expected a cost above 0 for false_negative"):
        CostMatrix(1, cost)


# Deciles


def test_deciles_equal_those_of_scikit_learn(predictions):
    probabilities, outcomes = predictions
    table = calibration_by_decile(probabilities, outcomes)
    observed, predicted = calibration_curve(outcomes, probabilities, n_bins=10, strategy="quantile")
    assert table["observed"].to_list() == pytest.approx(observed)
    assert table["mean_predicted"].to_list() == pytest.approx(predicted)
    assert table["cases"].to_list() == [200] * 10
    assert table["decile"].to_list() == list(range(1, 11))
    first = table.row(0, named=True)
    assert (first["low"], first["high"]) == pytest.approx(wilson_interval(first["bad"] / 200, 200))


def test_equal_probabilities_are_one_decile():
    table = calibration_by_decile(np.full(50, 0.2), np.arange(50) % 2)
    assert table.select("decile", "cases", "observed").rows() == [(1, 50, 0.5)]


# Fairness


def test_fairness_equals_a_calculation_by_hand():
    # Approved below 0.5. Group a: 12 of 20 approved, 10 of 16 good; group b: 4 of 10 approved, 4 of 8 good.
    groups = pl.Series("sex", (["b"] * 5 + ["a"] * 10) * 2)
    outcomes = np.array(([0, 0, 0, 0, 1] + [0] * 8 + [1] * 2) * 2)
    approved = np.array(([1, 1, 0, 0, 0] + [1] * 5 + [0] * 3 + [1, 0]) * 2)
    probabilities = np.where(approved == 1, 0.1, 0.6)
    table = fairness_table(groups, probabilities, outcomes, 0.5)
    a, b = table.rows(named=True)
    assert (a["group"], a["cases"], b["group"], b["cases"]) == ("a", 20, "b", 10)  # the largest is the reference
    assert (a["bad_rate"], b["bad_rate"]) == (0.2, 0.2)
    assert (a["selection_rate"], b["selection_rate"]) == (0.6, 0.4)
    assert (a["demographic_parity_ratio"], b["demographic_parity_ratio"]) == pytest.approx((1, 2 / 3))
    assert (a["equal_opportunity_difference"], b["equal_opportunity_difference"]) == pytest.approx((0, -0.125))
    assert (a["false_positive_rate"], b["false_positive_rate"]) == pytest.approx((3 / 8, 0.5))
    assert (a["false_negative_rate"], b["false_negative_rate"]) == (0.5, 0)
    assert a["roc_auc"] == pytest.approx(roc_auc_score(outcomes[5:15], probabilities[5:15]))
    assert b["calibration_gap"] == pytest.approx(0.4 - 0.2)
    assert a["demographic_parity_ratio_low"] == a["demographic_parity_ratio_high"] == 1


def test_fairness_intervals_cover_equal_groups(predictions):
    probabilities, outcomes = predictions
    groups = pl.Series("sex", np.array(["f", "m"])[np.random.default_rng(2).integers(0, 2, 2000)])
    other = fairness_table(groups, probabilities, outcomes, 0.2).row(1, named=True)
    for name, same in (("demographic_parity_ratio", 1), ("equal_opportunity_difference", 0), ("calibration_gap", 0)):
        assert other[f"{name}_low"] < same < other[f"{name}_high"]
    # Half of the width is about 1.96 standard errors of a proportion.
    half, rate = (other["selection_rate_high"] - other["selection_rate_low"]) / 2, other["selection_rate"]
    assert half == pytest.approx(1.96 * math.sqrt(rate * (1 - rate) / other["cases"]), rel=0.25)


def test_numbers_that_cannot_be_computed_are_null(predictions):
    probabilities, outcomes = predictions
    groups = pl.Series("sex", ["m"] * 1980 + [None] * 11 + ["x"] * 9)
    table = fairness_table(groups, probabilities, np.append(outcomes[:1980], [0] * 20), 0.2)
    assert table["group"].to_list() == ["m", "(missing)", "x"]
    # The second group has no bad cases, the third fewer than ten.
    for name in ("roc_auc", "false_negative_rate", "false_negative_rate_low"):
        assert table[name].is_null().to_list() == [False, True, True]
    assert table["selection_rate"].is_null().to_list() == [False, False, True]
    assert table["cases"].to_list() == [1980, 11, 9]


def test_a_rate_of_1_has_an_interval(predictions):
    probabilities, outcomes = predictions
    row = fairness_table(pl.Series("sex", ["m"] * 2000), probabilities, outcomes, 1.1).row(0, named=True)
    assert (row["selection_rate_low"], row["selection_rate_high"]) == pytest.approx(wilson_interval(1.0, 2000))


def test_many_groups_are_refused(predictions):
    with pytest.raises(InputError, match="'age': expected at most 20 groups, found 2,000; group its values"):
        fairness_table(pl.Series("age", np.arange(2000)), *predictions, 0.2)


# Scorecard


@pytest.fixture
def applicants():
    generator = np.random.default_rng(0)
    table = pl.DataFrame(
        {"age": generator.integers(18, 80, 2000), "home": generator.choice(["rent", "own", "free"], 2000)}
    )
    log_odds = -0.03 * (table["age"].to_numpy() - 40) + (table["home"] == "rent").to_numpy() - 1
    return table, log_odds, (generator.random(2000) < 1 / (1 + np.exp(-log_odds))).astype(int)


def test_points_are_scaled_as_in_the_published_example():
    # Siddiqi 2006, chapter 6: 600 points at odds of 50 to 1, 20 points double them, give an offset of 487.123.
    card = Scorecard((), ())
    assert card.log_odds(np.array([487.123]))[0] == pytest.approx(0, abs=1e-4)
    odds = np.exp(-card.log_odds(np.array([600, 620, 640])))
    assert odds == pytest.approx([50, 100, 200])


def test_scores_are_the_sums_of_the_points_in_the_table(applicants):
    table, log_odds, outcomes = applicants
    card = Scorecard.fit(table, bin_columns(table, outcomes), log_odds)
    points = {(column, name): value for column, name, value in card.table().rows()}
    expected = np.zeros(table.height)
    for binning in card.binnings:
        names = np.array(binning.bins)[binning.bin_indices(table[binning.column])]
        expected += [points[binning.column, name] for name in names]
    assert card.score(table).tolist() == expected.tolist()
    assert points["home", "own"] > points["home", "rent"]


def test_scorecard_repeats_the_network(applicants):
    table, log_odds, outcomes = applicants
    card = Scorecard.fit(table, bin_columns(table, outcomes), log_odds)
    fidelity = card.fidelity(table, log_odds, outcomes)
    assert fidelity["r2"] > 0.85  # age has six bins
    assert abs(fidelity["roc_auc_difference"]) < 0.02
    assert fidelity["model_roc_auc"] == pytest.approx(roc_auc_score(outcomes, log_odds))


def test_scorecard_of_a_network_that_is_a_scorecard_is_exact_but_for_rounding(applicants):
    table, _, outcomes = applicants
    binnings = bin_columns(table, outcomes)
    log_odds = -0.3 - sum(factor * b.transform(table[b.column]) for factor, b in zip((0.7, 1.2), binnings, strict=True))
    card = Scorecard.fit(table, binnings, log_odds, pdo=2000)  # large points: little rounding
    assert card.fidelity(table, log_odds, outcomes)["r2"] == pytest.approx(1, abs=1e-5)
    assert card.log_odds(card.score(table)) == pytest.approx(log_odds, abs=1e-3)


# Reason codes


def test_reasons_name_the_columns_that_raise_the_risk_most():
    contributions = sorted_contributions(
        ["duration", "purpose", "savings", "own", "age", "income"],
        [48.0, "car", None, "false", 60.0, 1e6],
        [18.0, "tv", 60.75, "true", 35.0, 2e6],
        ShapleyValues(np.array([0.4, 0.5, 0.1, 0.2, -1.0, 0.3]), np.zeros(6)),
    )
    assert reason_codes(contributions) == [
        "purpose: car (typical: tv)",
        "duration: 48 (above the typical 18)",
        "income: 1000000 (below the typical 2000000)",
        "own: false (typical: true)",
    ]
    assert reason_codes([part for part in contributions if part["name"] in ("age", "savings")]) == [
        "savings: missing (typical: 60.75)"
    ]


# Metrics and report


def test_risk_metrics_are_those_of_the_methods(predictions):
    probabilities, outcomes = predictions
    costs = CostMatrix(1, 5)
    metrics = risk_metrics(probabilities, outcomes, costs, 0.2)
    assert metrics.keys() == {m.name for m in RISK_METRICS} | {"cost_per_case_low", "cost_per_case_high"}
    assert metrics["cost_per_case"] == costs.cost_per_case(probabilities, outcomes, 0.2)
    assert metrics["cost_per_case_low"] < metrics["cost_per_case"] < metrics["cost_per_case_high"]
    assert metrics["cost_per_case"] < metrics["trivial_cost_per_case"]
    assert metrics["h_measure"] == h_measure(probabilities, outcomes, 0.2)
    observed, predicted = calibration_curve(outcomes, probabilities, n_bins=10, strategy="quantile")
    assert metrics["decile_calibration_error"] == pytest.approx(np.abs(observed - predicted).mean())
    assert metrics["approval_rate"] == np.mean(probabilities < 0.2)
    assert metrics["approved_bad_rate"] == outcomes[probabilities < 0.2].mean()
    assert risk_metrics(probabilities, outcomes, costs, 0.0)["approved_bad_rate"] == 0


def test_rows_of_one_outcome_are_refused(predictions):
    with pytest.raises(InputError, match="expected rows with and without the outcome"):
        risk_metrics(predictions[0], np.zeros(2000, int), CostMatrix(), 0.2)


def test_protected_columns_are_no_features(predictions, tmp_path):
    probabilities, outcomes = predictions
    test = ScoredTable(pl.DataFrame({"sex": ["f"] * 2000}), probabilities, outcomes)
    with pytest.raises(InputError, match="'sex': the model uses it; remove it from the features"):
        write_risk_report(tmp_path, test, CostMatrix(), 0.2, protected=test.table["sex"])
    with pytest.raises(InputError, match="expected 2,000 rows, found 1"):
        write_risk_report(tmp_path, test, CostMatrix(), 0.2, protected=pl.Series("age", ["old"]))
    with pytest.raises(InputError, match="found 1 rows and 2,000 outcomes"):
        ScoredTable(pl.DataFrame({"x": [1]}), probabilities, outcomes)


def test_drift_by_chance_is_that_of_random_splits():
    generator = np.random.default_rng(0)
    before = pl.DataFrame({"x": generator.normal(size=4000), "town": generator.choice(list("abcd"), 4000)})
    after = pl.DataFrame({"x": generator.normal(size=1000) + 1, "town": generator.choice(list("abcd"), 1000)})
    table = drift_table(before, after)
    assert table["column"].to_list() == ["x", "town"]
    assert table["psi"].to_list() == list(table_drift(before, after).values())
    # (bins - 1) (1 / n + 1 / m), with ten deciles and four categories
    expected = [(bins - 1) * (1 / 4000 + 1 / 1000) for bins in (10, 4)]
    assert table["psi_by_chance"].to_list() == pytest.approx(expected, rel=0.35)
    assert table["large"].to_list() == [True, False]


def test_drift_of_a_small_random_test_split_is_not_large():
    generator = np.random.default_rng(4)
    rows = pl.DataFrame({f"c{column}": generator.choice(list("abcdefghijklmnopqrst"), 402) for column in range(6)})
    table = drift_table(rows[:342], rows[342:])
    assert table["psi"][0] > LARGE_DRIFT  # sampling alone
    assert not table["large"].any()


@pytest.mark.slow
def test_report_of_unusual_columns_and_equal_probabilities(tmp_path):
    outcomes = np.arange(60) % 2
    table = pl.DataFrame(
        {
            "constant": [1] * 60,
            "empty": pl.Series([None] * 60, dtype=pl.Null),
            "infinite": [float("inf"), 1.0, float("nan")] * 20,
            "date": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 2, 29), eager=True),
            "=1+1": ["=cmd()", "$a$"] * 30,
            "identifier": [f"id-{i}-{'x' * 60}" for i in range(60)],
        }
    )
    rows = ScoredTable(table, np.full(60, 0.3, np.float32), outcomes)
    write_risk_report(tmp_path, rows, CostMatrix(), 1.0, rows, pl.Series("sex", ["f"] * 59 + [None]))
    assert {file.name for file in tmp_path.glob("*.png")} == {name for name in RISK_FIGURES if name.endswith(".png")}
    values = dict(pl.read_csv(tmp_path / "information_value.csv").select("column", "information_value").rows())
    assert values.keys() == {"constant", "empty", "infinite", "date", "'=1+1", "identifier"}
    assert values["constant"] == values["empty"] == values["identifier"] == 0
    assert pl.read_csv(tmp_path / "drift.csv")["psi"].to_list() == [0] * 7
    assert pl.read_csv(tmp_path / "scorecard_fidelity.csv")["r2"].to_list() == [0]


@pytest.mark.data
@pytest.mark.slow
def test_report_of_german_credit(tmp_path):
    file = Path(os.environ["PLEXUS_DATA"]) / "german_credit/german.csv"
    table = pl.read_csv(file, has_header=False)
    outcomes = (table.to_series(-1) == 2).cast(int).to_numpy()
    sex = table.to_series(8).replace_strict({"A92": "female", "A95": "female"}, default="male").alias("sex")
    features = table.drop(table.columns[8], table.columns[-1])
    numeric = pl.selectors.numeric()
    columns = make_column_transformer(
        (StandardScaler(), features.select(numeric).columns),
        (OneHotEncoder(handle_unknown="ignore"), features.select(~numeric).columns),
    )
    model = make_pipeline(columns, LogisticRegression(C=0.3, max_iter=1000))
    rows = np.random.default_rng(0).permutation(1000)
    train, test = rows[:600], rows[600:]
    out_of_fold = cross_val_predict(model, features[train], outcomes[train], cv=5, method="predict_proba")[:, 1]
    model.fit(features[train], outcomes[train])
    costs = CostMatrix(false_positive=1, false_negative=5)
    threshold = costs.choose_threshold(out_of_fold, outcomes[train]).threshold
    probabilities = model.predict_proba(features[test])[:, 1]
    write_risk_report(
        tmp_path,
        ScoredTable(features[test], probabilities, outcomes[test]),
        costs,
        threshold,
        ScoredTable(features[train], out_of_fold, outcomes[train]),
        sex[test],
    )
    figures, tables = sorted(tmp_path.glob("*.png")), {file.stem for file in tmp_path.glob("*.csv")}
    assert [figure.name for figure in figures] == sorted(name for name in RISK_FIGURES if name.endswith(".png"))
    assert all(figure.stat().st_size > 10_000 for figure in figures)
    assert tables == {"information_value", "weight_of_evidence", "calibration_by_decile", "thresholds", "scorecard"} | {
        "scorecard_fidelity",
        "fairness",
        "drift",
    }
    values = pl.read_csv(tmp_path / "information_value.csv")
    assert values["column"][0] == table.columns[0]  # the status of the checking account
    fidelity = pl.read_csv(tmp_path / "scorecard_fidelity.csv").row(0, named=True)
    assert fidelity["r2"] > 0.8
    assert abs(fidelity["roc_auc_difference"]) < 0.02
    assert risk_metrics(probabilities, outcomes[test], costs, threshold)["cost_per_case"] < 0.695  # all rejected


def test_an_explanation_is_of_the_event_and_names_reasons():
    bundle = plexus.load(Path(__file__).parents[3] / "models/tables.risk/german_credit")
    typical = bundle.codec.encoder.typical
    values = bundle.explanation_values({**typical, "duration_months": 48, "age": 60, "purpose": None})
    assert values["unit"] == "log-odds of bad"  # although good is the more probable label of the typical row
    changes = {part["name"]: part["change"] for part in values["contributions"] if part["change"]}
    assert set(changes) <= {"duration_months", "age", "purpose"}
    assert changes["duration_months"] > 0
    reasons = [reason.split(": ")[0] for reason in values["reasons"]]
    assert reasons == [name for name, change in changes.items() if change > 0]
    assert values["reasons"][reasons.index("duration_months")] == "duration_months: 48 (above the typical 18)"


def test_the_label_is_that_of_the_decision():
    bundle = plexus.load(Path(__file__).parents[3] / "models/tables.risk/german_credit")
    typical = bundle.codec.encoder.typical
    for prediction in bundle.predict([{**typical, "duration_months": months} for months in (6, 36, 60)]):
        assert prediction.label == ("bad" if prediction.risk >= prediction.threshold else "good")
        assert prediction.positive == (prediction.label == "bad")
        of_labels = {prediction.label: prediction.probability} | prediction.alternatives
        assert of_labels["bad"] == prediction.risk
        assert of_labels["good"] == pytest.approx(1 - prediction.risk, abs=1e-6)
    assert prediction.positive  # although good is the more probable label
    assert prediction.risk < 0.5
