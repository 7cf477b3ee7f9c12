"""Predictions, and the images that are not answered."""

import json

import numpy as np
import pytest

from plexus_medical.abstention import Abstention, AbstentionState
from plexus_medical.prediction import MedicalPrediction, medical_columns

LABELS = ["normal", "pneumonia"]
RISKS = np.array([0.9, 0.2, 0.45])
BOUNDS = RISKS - 0.05, RISKS + 0.05


def predictions(**options):
    return MedicalPrediction.from_columns(medical_columns(LABELS, RISKS, BOUNDS, 0.4, **options))


def test_an_answer_states_risk_interval_and_decision():
    sick, well, above = predictions()
    assert (sick.label, sick.probability, sick.alternatives) == ("pneumonia", 0.9, {"normal": 0.1})
    assert (well.label, well.probability, well.positive, well.abstained) == ("normal", 0.8, False, False)
    assert (above.label, above.probability) == ("pneumonia", 0.45)  # by the threshold, not by one half
    assert (sick.risk, sick.low, sick.high, sick.threshold, sick.event) == (0.9, 0.85, 0.95, 0.4, "pneumonia")
    assert (sick.prevalence, sick.warnings) == (None, ())
    text = "probability of pneumonia: 90.0%  (interval 85.0% to 95.0%), at or above the threshold 40.0%"
    assert str(sick) == text
    assert str(well).endswith("below the threshold 40.0%")


def test_an_image_out_of_distribution_has_no_number_that_could_be_taken_for_an_answer():
    prediction = predictions(unlike=["out of distribution: a photograph", "", ""])[0]
    assert (prediction.label, prediction.probability, prediction.alternatives) == ("not answered", 0.0, {})
    assert prediction.abstained
    assert [prediction.risk, prediction.low, prediction.high, prediction.positive] == [None] * 4
    assert str(prediction) == "not answered  ! out of distribution: a photograph"
    state = json.loads(prediction.model_dump_json())
    assert state["risk"] is None
    assert state["warnings"] == ["out of distribution: a photograph"]


def test_an_uncertain_decision_states_the_risk_but_no_label():
    prediction = predictions(unlike=["", "", ""], uncertain=["", "", "uncertain decision"])[2]
    assert (prediction.label, prediction.positive, prediction.abstained) == ("not answered", None, True)
    assert (prediction.risk, prediction.alternatives) == (0.45, {"pneumonia": 0.45, "normal": 0.55})
    expected = "not answered: probability of pneumonia: 45.0%  (interval 40.0% to 50.0%)  ! uncertain decision"
    assert str(prediction) == expected


def test_the_first_reason_is_the_one_that_is_stated():
    both = predictions(unlike=["unlike", "", ""], uncertain=["uncertain", "uncertain", ""])
    assert [each.warnings for each in both] == [("unlike",), ("uncertain",), ()]
    assert [each.abstained for each in both] == [True, True, False]


def test_a_corrected_prevalence_stands_in_the_prediction():
    prediction = predictions(prevalence=0.1)[0]
    assert prediction.prevalence == 0.1
    assert "(interval 85.0% to 95.0%, for a prevalence of 10.0%)" in str(prediction)


def test_the_stated_share_of_uncertain_decisions_is_not_answered():
    risks = np.random.default_rng(0).random(2000)
    abstention = Abstention.fit(risks, 0.3, share=0.1)
    reasons = abstention.reasons(risks, 0.3)
    refused = np.array([bool(reason) for reason in reasons])
    assert refused.mean() == pytest.approx(0.1, abs=0.001)
    assert np.abs(risks[refused] - 0.3).max() < 0.09  # on both sides of the threshold
    assert (risks[refused] < 0.3).any()
    assert (risks[refused] >= 0.3).any()
    assert (
        next(filter(None, reasons)) == "uncertain decision, as are the 10% most uncertain ones of the training images"
    )


def test_the_answered_decisions_have_fewer_errors():
    generator = np.random.default_rng(1)
    risks = generator.beta(0.6, 0.6, 4000)
    outcomes = generator.random(4000) < risks
    refused = np.array([bool(reason) for reason in Abstention.fit(risks, 0.5, share=0.2).reasons(risks, 0.5)])
    errors = (risks >= 0.5) != outcomes
    assert errors[~refused].mean() < 0.75 * errors.mean()


def test_abstention_survives_json():
    abstention = Abstention.fit(np.linspace(0, 1, 100), 0.5, share=0.2)
    state = json.loads(json.dumps(abstention.to_json()))
    AbstentionState.model_validate(state)
    assert Abstention.from_json(state) == abstention


def test_probabilities_near_0_and_1_do_not_read_as_impossible_or_certain():
    bounds = np.array([0.0, 0.0001, 0.2]), np.array([0.00123, 1.0, 0.99996])
    columns = medical_columns(LABELS, np.array([0.00003, 0.9987, 0.99996]), bounds, 0.5)
    first, second, third = map(str, MedicalPrediction.from_columns(columns))
    assert "pneumonia: below 0.01%  (interval 0% to 0.12%)" in first
    assert "pneumonia: 99.87%  (interval 0.01% to 100%)" in second
    assert "pneumonia: above 99.99%  (interval 20.0% to above 99.99%)" in third


def test_what_was_cut_off_is_named_with_and_without_an_answer():
    first, second, third = predictions(unlike=["a photograph", "", ""], cut=["9% cut off", "8% cut off", ""])
    assert (first.abstained, first.warnings) == (True, ("a photograph", "9% cut off"))
    assert (second.abstained, second.warnings, third.warnings) == (False, ("8% cut off",), ())
    assert str(second).endswith("below the threshold 40.0%  ! 8% cut off")
