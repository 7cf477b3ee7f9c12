"""Report of the clinical evaluation: figures, tables and the section of the model card."""

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from plexus.errors import InputError
from plexus.metrics.clinical import clinical_metrics
from plexus.metrics.subgroups import subgroup_table
from plexus.report.clinical import write_clinical_report
from plexus.report.clinical_card import ClinicalStudy, clinical_card

FIGURES = ("roc_curve", "calibration_curve", "decision_curve", "subgroups")
GENERATOR = np.random.default_rng(0)
PATIENTS = np.repeat(np.arange(100), 2)
LOGITS = GENERATOR.normal(-0.5, 1.3, 100)[PATIENTS]
OUTCOMES = (GENERATOR.random(200) < expit(LOGITS)).astype(int)
PROBABILITIES = expit(2 * LOGITS)
SEXES = np.where(PATIENTS % 2 == 0, "female", "male").astype(object)
SEXES[:6] = None
STUDY = ClinicalStudy(
    source="clinic.csv",
    outcome="Outcome = 1",
    predictors=["age", "bmi"],
    rows={"train": 300, "test": 200},
    cases={"train": 100, "test": int(OUTCOMES.sum())},
    threshold_rule="sensitivity of 0.9 on out-of-fold probabilities",
    missing_handling="median of the training rows, and a flag",
    missing={"bmi": 0.021},
)


@pytest.fixture
def drawn(monkeypatch):
    """Collect the figures, which are written all the same."""
    collected, savefig = {}, Figure.savefig

    def record(self, file, **options):
        collected[file.stem] = self
        savefig(self, file, **options)

    monkeypatch.setattr(Figure, "savefig", record)
    return collected


@pytest.mark.slow
def test_the_report_holds_figures_and_tables(tmp_path, drawn):
    subgroups = {"sex": SEXES, "=age": np.where(LOGITS > 0, "old", "young")}
    write_clinical_report(PROBABILITIES, OUTCOMES, tmp_path, threshold=0.3, groups=PATIENTS, subgroups=subgroups)
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {f"{name}.{kind}" for name in FIGURES for kind in ("svg", "csv")} | {"abstention.csv"}
    roc = pl.read_csv(tmp_path / "roc_curve.csv")
    assert roc["sensitivity"][-1] == 1
    assert roc["specificity"][-1] == 0
    table = pl.read_csv(tmp_path / "subgroups.csv")
    assert table["column"].to_list() == ["", "sex", "sex", "sex", "'=age", "'=age"]  # no formula
    assert table["roc_auc"][0] == pytest.approx(roc_auc_score(OUTCOMES, PROBABILITIES))
    assert table["note"][3].startswith("too few")
    assert pl.read_csv(tmp_path / "decision_curve.csv").height == 99
    assert pl.read_csv(tmp_path / "calibration_curve.csv")["rows"].sum() == 200
    metrics = clinical_metrics(PROBABILITIES, OUTCOMES, PATIENTS, threshold=0.3)
    title = "ROC curve: AUC {roc_auc:.3f} ({roc_auc_low:.3f} to {roc_auc_high:.3f})".format(**metrics)
    assert drawn["roc_curve"].axes[0].get_title() == title
    title = "Calibration: slope {calibration_slope:.2f}, intercept {calibration_intercept:.2f}".format(**metrics)
    assert drawn["calibration_curve"].axes[0].get_title() == title
    labels = [text.get_text() for text in drawn["decision_curve"].axes[0].get_legend().get_texts()]
    assert labels == ["treat all", "treat none", "model, 95 % interval", "threshold 0.3"]
    panel = drawn["subgroups"].axes[0]
    assert [text.get_text() for text in panel.texts] == ["too few"]
    assert panel.get_yticklabels()[1].get_text().startswith("sex female (")
    points = panel.collections[1].get_offsets()[:, 0]
    np.testing.assert_allclose(points, table["roc_auc"].drop_nulls())


@pytest.mark.slow
def test_a_separated_outcome_is_drawn(tmp_path, drawn):
    outcomes = np.arange(30) >= 20
    write_clinical_report(np.arange(30) / 29, outcomes.astype(int), tmp_path, threshold=2.0)
    assert drawn["calibration_curve"].axes[0].get_title().startswith("Calibration: slope undefined")
    assert not (tmp_path / "subgroups.svg").exists()


def test_predictions_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(InputError, match="groups: expected one for each probability, 200, got 3"):
        write_clinical_report(PROBABILITIES, OUTCOMES, tmp_path, threshold=0.3, groups=np.arange(3))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_card_states_what_the_data_hold():
    metrics = clinical_metrics(PROBABILITIES, OUTCOMES, PATIENTS, threshold=0.3)
    subgroups = subgroup_table(PROBABILITIES, OUTCOMES, {"a|b": SEXES}, PATIENTS, 0.3)
    lines = clinical_card(STUDY, metrics, subgroups)
    assert lines[0] == "## Clinical evaluation"
    assert lines[2].startswith("**Not for clinical use.**")
    assert "| Source of data | 5 | clinic.csv; licence: not stated |" in lines
    cases = int(OUTCOMES.sum())
    assert (
        f"| Prevalence of the outcome | 20 | 33.3% train (100 of 300), {cases / 2:.1f}% test ({cases} of 200) |"
        in lines
    )
    assert "| Sample size | 10 | 100 training rows of the rarer outcome, 50.0 for each predictor |" in lines
    assert (
        "| Missing data | 11 | median of the training rows, and a flag; missing in the training rows: bmi 2.1% |"
        in lines
    )
    interval = f"{metrics['roc_auc_low']:.4f} to {metrics['roc_auc_high']:.4f}"
    assert f"| Area under the ROC curve | `roc_auc` | {metrics['roc_auc']:.4f} | {interval} |" in lines
    assert any(line.startswith("| a\\|b female |") for line in lines)
    assert all("\n" not in line for line in lines)
    tables = [line for line in lines if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables} == {4, 5, 8}


@pytest.mark.slow
def test_the_card_states_the_limitations():
    metrics = clinical_metrics(PROBABILITIES, OUTCOMES, PATIENTS, threshold=0.3)
    text = "\n".join(clinical_card(STUDY, metrics))
    assert "an evaluation needs at least 100 of each (Collins et al. 2016)" in text
    assert "Probabilities are too extreme" in text  # their log odds are twice the true ones
    assert "If a patient has several rows, they may be in two splits" in text
    assert "No subgroups were evaluated" in text
    assert "ethics approval (17)" in text


@pytest.mark.slow
def test_a_card_without_a_calibration_slope():
    outcomes = (np.arange(30) >= 20).astype(int)
    metrics = clinical_metrics(np.arange(30) / 29, outcomes, threshold=0.5)
    text = "\n".join(clinical_card(STUDY, metrics))
    assert "The calibration slope is not defined" in text
