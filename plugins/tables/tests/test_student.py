"""Small networks that learned the predictions of another model."""

import json

import numpy as np
import pytest

from plexus.utils.packed_array import pack
from plexus_tables import student_fitting
from plexus_tables.ensemble_fitting import TrainingRows, fit_ensemble
from plexus_tables.member_fitting import design_matrix
from plexus_tables.options import TableOptions
from plexus_tables.student_fitting import fit_student
from plexus_tables.student_member import StudentMember

ROWS, FOLDS, CODES = 300, 3, 14
GENERATOR = np.random.default_rng(0)
ARRAYS = {
    "numbers": GENERATOR.normal(size=(ROWS, 4)).astype(np.float32),
    "indicators": GENERATOR.integers(0, 2, (ROWS, 3)).astype(np.float32),
    "codes": GENERATOR.integers(0, CODES, (ROWS, 1)).astype(np.int32),
}
COLUMNS = {"numbers": np.array([0, 1, 2, 3]), "indicators": np.array([4, 4, 5]), "codes": np.array([6])}
FOLD = np.arange(ROWS) % FOLDS


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch):
    monkeypatch.setattr(student_fitting, "MIN_ROWS", 2000)
    monkeypatch.setattr(student_fitting, "ROW_PASSES", 80_000)


def teacher(outputs):
    """Return a model of two numbers, an indicator and the code, with other predictions in each fold."""

    def predict(arrays):
        signal = arrays["numbers"][:, 0] + arrays["indicators"][:, 2] * arrays["numbers"][:, 1]
        signal = signal + (arrays["codes"][:, 0] % 3 == 1)
        values = signal[:, None, None] * np.linspace(-1, 1, outputs) + np.arange(FOLDS)[:, None] / 5
        values = values * np.arange(1, outputs + 1) if outputs > 1 else values + signal[:, None, None]
        if outputs == 1:
            return values
        exponentials = np.exp(values)
        return exponentials / exponentials.sum(axis=2, keepdims=True)

    return predict


def rows_of(outputs, arrays=ARRAYS):
    return TrainingRows(arrays, [CODES], COLUMNS, np.zeros(ROWS, int), outputs, FOLD)


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_the_student_predicts_as_its_teacher_does(outputs):
    member = fit_student(teacher(outputs), rows_of(outputs), seed=0)
    expected = teacher(outputs)(ARRAYS)
    predictions = member.predict(ARRAYS)
    assert predictions.shape == expected.shape
    unseen = np.arange(ROWS), FOLD  # of each row the student that never saw it
    errors, deviations = predictions[unseen] - expected[unseen], expected[unseen] - expected[unseen].mean(axis=0)
    assert np.square(errors).mean() < 0.1 * np.square(deviations).mean()
    if outputs > 1:
        np.testing.assert_allclose(predictions.sum(axis=2), 1, atol=1e-6)
    again = StudentMember.from_json(json.loads(json.dumps(member.to_json())))
    np.testing.assert_array_equal(again.predict(ARRAYS), predictions)


@pytest.mark.slow
def test_predictions_are_those_of_the_layers():
    member = fit_student(teacher(1), rows_of(1), seed=0)
    x = design_matrix(ARRAYS, [CODES]).toarray()
    for fold in range(FOLDS):
        units = x
        for layer in member.layers[:-1]:
            units = np.maximum(units @ layer.kernel[fold] + layer.bias[fold], 0)
        expected = units @ member.layers[-1].kernel[fold] + member.layers[-1].bias[fold]
        np.testing.assert_allclose(member.predict(ARRAYS)[:, fold], expected, atol=1e-4)


@pytest.mark.slow
def test_many_rows_have_the_predictions_of_each():
    member = fit_student(teacher(2), rows_of(2), seed=0)
    many = {name: np.tile(values, (20, 1)) for name, values in ARRAYS.items()}
    np.testing.assert_allclose(member.predict(many), np.tile(member.predict(ARRAYS), (20, 1, 1)), atol=1e-6)


@pytest.mark.slow
def test_the_student_of_a_fold_does_not_see_the_rows_of_the_fold():
    other = {name: values.copy() for name, values in ARRAYS.items()}
    other["numbers"][FOLD == 0] += 1
    first, second = (fit_student(teacher(2), rows_of(2, arrays), seed=0) for arrays in (ARRAYS, other))
    for layer, again in zip(first.layers, second.layers, strict=True):
        np.testing.assert_array_equal(layer.kernel[0], again.kernel[0])
        assert (layer.kernel[1] != again.kernel[1]).any()


@pytest.mark.slow
def test_an_ensemble_of_the_student_needs_no_other_model():
    classes = (ARRAYS["numbers"][:, 0] + GENERATOR.normal(size=ROWS) > 0).astype(int)
    rows = TrainingRows(ARRAYS, [CODES], COLUMNS, classes, 2, FOLD)
    options = TableOptions.parse({"model": "student"})
    model, comparison, predictions = fit_ensemble(lambda arrays: {"network": teacher(2)(arrays)}, rows, options)
    assert (model.weights, list(model.members)) == ({"student": 1.0}, ["student"])
    assert comparison[0].model == "student"
    assert {row.model for row in comparison} == {"student", "ensemble", "network", "linear", "forest", "boosting"}
    np.testing.assert_array_equal(model.combine(None, ARRAYS), predictions)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state["layers"].append(state["layers"][-1]), "the layers do not belong together"),
        (lambda state: state["layers"][0].update(bias=state["layers"][2]["bias"]), "a kernel and a bias"),
        (lambda state: state["layers"][1].update(bias=pack(np.full((3, 64), np.nan, "f4"))), "not a finite number"),
        (
            lambda state: state.update(
                layers=[{"kernel": pack(np.zeros((3, 20, 5000), "f4")), "bias": pack(np.zeros((3, 5000), "f4"))}]
            ),
            "at most 4,096 units",
        ),
        (lambda state: state.update(code_sizes=[1000]), "fewer inputs than codes"),
        (lambda state: state.update(code_sizes=[CODES - 1]), "expected 7 features"),
    ],
)
def test_a_state_that_is_not_one_of_a_student(change, message):
    state = fit_student(teacher(3), rows_of(3), seed=0).to_json()
    change(state)
    with pytest.raises(ValueError, match=message):
        StudentMember.from_json(state).check({"numbers": 4, "indicators": 3, "codes": 1}, [CODES], 3)
