"""Diagnosis and credit risk: the event, the threshold, metrics, reports and the model card."""

import re

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

import plexus
from plexus import InputError
from plexus_tables.events.positive_label import event_last
from plexus_tables.events.prediction import EventPrediction

ROWS = 600


def write_table(file, seed=0):
    """Write patients with two visits each, whose outcome depends on two columns; return the table."""
    generator = np.random.default_rng(seed)
    marker, age = generator.normal(size=ROWS), generator.integers(20, 90, ROWS)
    ill = generator.random(ROWS) < 1 / (1 + np.exp(1 - 2 * marker - (age - 55) / 20))
    table = pl.DataFrame(
        {
            "patient": np.arange(ROWS) // 2,
            "marker": np.where(generator.random(ROWS) < 0.1, None, marker.round(3)).astype(float),
            "age": age,
            "sex": generator.choice(["f", "m"], ROWS),
            "outcome": np.where(ill, "ill", "well"),
        }
    )
    table.write_csv(file)
    return table


@pytest.fixture(scope="module")
def diagnosis(tmp_path_factory):
    """A folder with a table of patients and a run of `tables.diagnose`."""
    folder = tmp_path_factory.mktemp("diagnosis")
    write_table(folder / "patients.csv")
    options = {"group": "patient", "subgroups": "sex,age", "prevalence": 0.1, "epochs": 12, "passes": 1, "bags": 1}
    plexus.train("tables.diagnose", run=folder / "run", data=str(folder / "patients.csv"), **options)
    return folder


@pytest.fixture(scope="module")
def risk(tmp_path_factory):
    """A folder with a table and a run of `tables.risk` that must not see the column sex."""
    folder = tmp_path_factory.mktemp("risk")
    write_table(folder / "loans.csv")
    options = {"ignore": "patient", "protected": "sex", "cost_false_negative": 4, "epochs": 12, "passes": 1, "bags": 1}
    plexus.train("tables.risk", run=folder / "run", data=str(folder / "loans.csv"), **options)
    return folder


def test_the_event_is_inferred_from_its_name_or_is_the_rarer_label():
    assert event_last(["ill", "ill", "well"], None, "table") == ["well", "ill"]
    assert event_last(["a", "b", "b"], None, "table") == ["b", "a"]
    assert event_last(["a", "b", "b"], "b", "table") == ["a", "b"]
    with pytest.raises(InputError, match=r"expected a target with two labels.*found 3: a, b, c"):
        event_last(["a", "b", "c"], None, "table")
    with pytest.raises(InputError, match="--positive x: expected one of a and b"):
        event_last(["a", "b"], "x", "table")


@pytest.mark.parametrize(("risk", "decision"), [(0.28, "at or above"), (0.12, "below")])
def test_the_text_of_a_prediction_names_event_interval_and_threshold(risk, decision):
    prediction = EventPrediction(
        label="repaid",
        probability=1 - risk,
        alternatives={"default": risk},
        label_set=("repaid",),
        warnings=("age 140 is outside the training range 18-92",),
        risk=risk,
        low=0.1,
        high=0.331,
        positive=risk >= 1 / 6,
        event="default",
        threshold=1 / 6,
    )
    assert str(prediction) == (
        f"probability of default: {risk:.1%}  (interval 10.0% to 33.1%), {decision} the threshold 16.7%"
        "  ! age 140 is outside the training range 18-92"
    )


@pytest.mark.slow
def test_evaluation_of_one_outcome_is_refused(risk):
    table = pl.read_csv(risk / "loans.csv").filter(pl.col("outcome") == "well")
    table.write_csv(risk / "well.csv")
    with pytest.raises(InputError, match=r"well.csv: all \d+ rows have the label 'well': expected rows of both labels"):
        plexus.load(risk / "run/bundle").evaluate(str(risk / "well.csv"))


@pytest.mark.slow
def test_diagnosis(diagnosis):
    bundle = plexus.load(diagnosis / "run/bundle")
    metrics = bundle.metrics
    assert metrics["roc_auc_low"] < metrics["roc_auc"] < metrics["roc_auc_high"]
    assert metrics["ppv_prevalence"] == 0.1
    assert metrics["sensitivity"] > 0.75  # 0.9 was asked for, of some thirty cases
    test = bundle.task.load_dataset(bundle.task.options.parse(bundle.manifest["options"]))["test"]
    predictions = bundle.predict(test.inputs)
    ill = np.array([target == "ill" for target in test.targets])
    assert roc_auc_score(ill, [prediction.risk for prediction in predictions]) == pytest.approx(metrics["roc_auc"])
    positive = np.array([prediction.positive for prediction in predictions])
    assert positive[ill].mean() == pytest.approx(metrics["sensitivity"])
    assert all(prediction.low <= prediction.risk <= prediction.high for prediction in predictions)


@pytest.mark.slow
def test_the_card_of_a_diagnosis_is_not_for_clinical_use(diagnosis):
    card = (diagnosis / "run/bundle/README.md").read_text()
    assert "**Not for clinical use.**" in card
    assert "outcome = ill" in card
    assert "| sex f |" in card
    assert "age above" in card
    assert "- Columns: 2 numeric: marker, age; 1 categorical: sex; left out: patient (groups)." in card
    assert re.search(r"^- Model: ensemble \((network|linear|forest|boosting) \d+ %", card, re.M)


@pytest.mark.slow
def test_the_report_of_a_diagnosis(diagnosis):
    files = {file.name for file in (diagnosis / "run/report").iterdir()}
    assert {"roc_curve.svg", "calibration_curve.svg", "decision_curve.svg", "subgroups.svg", "models.svg"} <= files
    assert {"importance.svg", "largest_losses.csv"} <= files


@pytest.mark.slow
def test_an_unknown_subgroup_is_refused_before_training(diagnosis):
    with pytest.raises(InputError, match="subgroups"):
        plexus.train("tables.diagnose", data=str(diagnosis / "patients.csv"), subgroups="weight")


@pytest.mark.slow
def test_risk(risk):
    bundle = plexus.load(risk / "run/bundle")
    assert bundle.codec.threshold == pytest.approx(1 / 5)
    assert "sex" not in bundle.codec.encoder.names
    assert bundle.metrics["cost_per_case"] < bundle.metrics["trivial_cost_per_case"]
    row = {"marker": 3.0, "age": 85}
    prediction = bundle.predict([row])[0]
    assert prediction.positive
    assert (prediction.event, prediction.threshold) == ("ill", bundle.codec.threshold)
    assert not bundle.predict([row | {"marker": -3.0, "age": 21}])[0].positive


@pytest.mark.slow
def test_the_card_of_risk_states_the_decision(risk):
    card = (risk / "run/bundle/README.md").read_text()
    assert "- Target: outcome; training rows by label: " in card
    assert "left out: patient (ignored), sex (protected)." in card
    assert "- Folds: 5; " in card
    assert "- Event: outcome = ill." in card
    assert "- Threshold: rejected from a probability of 0.2 on" in card
    assert "- Costs: 4 for approving a bad case, 1 for rejecting a good one." in card
    assert "better than the baseline" not in card


@pytest.mark.slow
def test_the_report_of_risk(risk):
    files = {file.name for file in (risk / "run/report").iterdir()}
    assert {"weight_of_evidence.svg", "scorecard.csv", "fairness.csv", "cost.svg", "drift.svg", "models.csv"} <= files
    largest, table = pl.read_csv(risk / "run/report/largest_losses.csv"), pl.read_csv(risk / "loans.csv")
    columns = ["row", "target", "probability of ill", "low", "high", "reaches the threshold"]
    assert largest.columns == columns
    assert largest["target"].to_list() == table[(largest["row"] - 1).to_list()]["outcome"].to_list()
    risks = largest["probability of ill"].to_numpy()
    assert (np.diff(np.where(largest["target"] == "ill", risks, 1 - risks)) >= 0).all()
    assert largest["reaches the threshold"].to_list() == ["yes" if risk >= 0.2 else "no" for risk in risks]
    fairness = pl.read_csv(risk / "run/report/fairness.csv")
    assert set(fairness[fairness.columns[0]]) == {"f", "m"}
