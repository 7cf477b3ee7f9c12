"""The ROC curve that a codec stores."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from plexus.metrics.binary import sensitivity_and_specificity
from plexus.metrics.operating_points import OperatingPoints
from plexus_medical.operating_curve import (
    MAX_POINTS,
    OperatingCurveState,
    fit_operating_points,
    operating_points_from_json,
    operating_points_to_json,
)


@pytest.fixture
def risks():
    return np.random.default_rng(0).random(3000)


@pytest.fixture
def outcomes(risks):
    return (np.random.default_rng(1).random(len(risks)) < risks).astype(int)


def test_a_curve_of_many_images_has_few_points_and_an_exact_threshold(risks, outcomes):
    threshold = float(np.sort(risks)[1234])
    curve, complete = fit_operating_points(risks, outcomes, threshold), OperatingPoints.compute(risks, outcomes)
    assert len(curve.thresholds) <= MAX_POINTS + 1
    assert curve.roc_auc == pytest.approx(complete.roc_auc, abs=1e-3)
    assert curve.prevalence == outcomes.mean()
    place = np.flatnonzero(curve.thresholds >= threshold)[-1]
    point = curve.sensitivities[place], curve.specificities[place]
    assert point == pytest.approx(sensitivity_and_specificity(risks, outcomes, threshold))
    assert (curve.sensitivities[0], curve.sensitivities[-1], curve.specificities[-1]) == (0, 1, 0)


def test_a_curve_of_few_images_is_complete():
    risks, outcomes = np.array([0.1, 0.4, 0.4, 0.9]), np.array([0, 1, 0, 1])
    curve = fit_operating_points(risks, outcomes, 0.4)
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.4, 0.1]
    assert curve.sensitivities.tolist() == [0, 0.5, 1, 1]
    assert curve.specificities.tolist() == [1, 1, 0.5, 0]


def test_a_curve_is_stored_and_restored(risks, outcomes):
    curve = fit_operating_points(risks, outcomes, 0.3)
    state = json.loads(json.dumps(operating_points_to_json(curve)))
    assert OperatingCurveState.model_validate(state).prevalence == curve.prevalence
    restored = operating_points_from_json(state)
    for name in ("thresholds", "sensitivities", "specificities"):
        assert (getattr(restored, name) == getattr(curve, name)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thresholds": [0.1, 0.9]}, "descending"),
        ({"sensitivities": [0.9, 0.1]}, "ascending"),
        ({"specificities": [0.1, 0.9]}, "descending"),
        ({"specificities": [0.1]}, "one specificity per threshold"),
        ({"prevalence": 0.0}, "greater than 0"),
        ({"thresholds": [2.0, 0.9]}, "less than or equal to 1"),
    ],
)
def test_a_curve_that_is_none_is_refused(change, message):
    state = {"thresholds": [0.9, 0.1], "sensitivities": [0.5, 1.0], "specificities": [1.0, 0.0], "prevalence": 0.5}
    with pytest.raises(ValidationError, match=message):
        OperatingCurveState.model_validate(state | change)
