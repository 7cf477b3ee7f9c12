"""`plexus.Estimator` with the tasks of tables: data in memory, and scikit-learn's own checks."""

import io
import pickle

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.estimator_checks import check_estimator

import plexus
from plexus.data.number_format import add_decimal_comma
from plexus.nets.periodic_embedding import PeriodicEmbedding
from plexus_tables import boosting_fitting, member_fitting, network

TINY = {"epochs": 1, "passes": 1, "bags": 1, "folds": 2, "width": 8, "depth": 1, "model": "linear"}
TOO_FEW_ROWS = {
    "check_fit2d_1feature": "it trains on 10 rows; a table needs 20, for a test split and folds",
    "check_n_features_in_after_fitting": "it trains on 15 rows; a table needs 20, for a test split and folds",
    "check_classifier_data_not_an_array": "it trains on 12 rows; a table needs 20, for a test split and folds",
    "check_regressors_no_decision_function": "it trains on 10 rows; a table needs 20, for a test split and folds",
}


@pytest.fixture
def empty_folder(tmp_path, monkeypatch):
    """The working directory, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def short_training(monkeypatch):
    """Train without what takes longest on small tables: many trees, tracing of functions and of polynomials, drawing
    of figures.
    """
    import matplotlib.figure
    import tensorflow as tf

    monkeypatch.setattr(member_fitting, "TREES", 1)
    monkeypatch.setattr(boosting_fitting, "MAX_ROUNDS", 1)
    monkeypatch.setattr(boosting_fitting, "SMALL_TABLES", boosting_fitting.SMALL_TABLES[:1])
    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", _save_empty)
    monkeypatch.setattr(network, "PeriodicEmbedding", lambda heads, columns, bound: PeriodicEmbedding(heads, columns))
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def _save_empty(figure, file, **_):
    if isinstance(file, io.StringIO):
        file.write("<svg></svg>")
    else:
        file.write_text("<svg></svg>")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A classifier of breast cancer, its table of pandas and its labels as strings."""
    table, classes = load_breast_cancer(return_X_y=True, as_frame=True)
    labels = np.array(["malignant", "benign"])[classes]
    out = tmp_path_factory.mktemp("classifier") / "bundle"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(out.parent)
        return plexus.Estimator("tables.classify", TINY, out).fit(table, labels), table, labels


@pytest.fixture(scope="module")
def regressor(tmp_path_factory):
    """A regressor of diabetes, its array and its numbers."""
    array, numbers = load_diabetes(return_X_y=True)
    out = tmp_path_factory.mktemp("regressor") / "bundle"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(out.parent)
        add_decimal_comma()  # of a table that was read before
        return plexus.Estimator("tables.regress", TINY, out).fit(array, numbers), array, numbers


def test_a_classifier_of_a_pandas_table(classifier):
    estimator, table, labels = classifier
    assert is_classifier(estimator)
    assert not is_regressor(estimator)
    assert estimator.classes_.tolist() == ["benign", "malignant"]
    assert (estimator.n_features_in_, estimator.feature_names_in_.tolist()) == (30, list(table.columns))
    assert estimator.score(table, labels) == accuracy_score(labels, estimator.predict(table)) > 0.95
    probabilities = estimator.predict_proba(table[:50])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(estimator.classes_[probabilities.argmax(axis=1)], estimator.predict(table[:50]))
    assert estimator.bundle_.metrics["roc_auc"] > 0.95


def test_a_regressor_of_an_array(regressor):
    estimator, array, numbers = regressor
    assert is_regressor(estimator)
    assert not is_classifier(estimator)
    assert not hasattr(estimator, "predict_proba")
    assert not hasattr(estimator, "classes_")
    assert not hasattr(estimator, "feature_names_in_")
    predicted = estimator.predict(array)
    assert (predicted.shape, predicted.dtype) == ((442,), np.dtype(float))
    assert estimator.score(array, numbers) == r2_score(numbers, predicted) > 0.4
    assert not estimator.bundle_.manifest["data"]["decimal_comma"]


def test_the_same_rows_in_other_forms(classifier, regressor):
    estimator, table, _ = classifier
    expected = estimator.predict_proba(table[:5])
    rows = table[:5].to_dict("records")
    backwards = [dict(reversed(row.items())) for row in rows]
    for same in (pl.DataFrame(rows), rows, backwards, tuple(rows)):
        np.testing.assert_allclose(estimator.predict_proba(same), expected, atol=1e-6)
    np.testing.assert_allclose(estimator.predict_proba(rows[0]), expected[:1], atol=1e-6)
    estimator, array, _ = regressor
    np.testing.assert_allclose(estimator.predict(array[:3].tolist()), estimator.predict(array[:3]))
    missing = array[:3].copy()
    missing[:, 0] = np.nan
    assert np.isfinite(estimator.predict(missing)).all()


def test_a_pickle_predicts_the_same(regressor):
    estimator, array, _ = regressor
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.predict(array[:9]), estimator.predict(array[:9]))


def test_other_columns_than_in_training_are_refused(classifier, regressor):
    estimator, array, _ = regressor
    with pytest.raises(plexus.InputError, match="X has 9 features, but Estimator is expecting 10 features as input"):
        estimator.predict(array[:, 1:])
    with pytest.raises(ValueError, match="Reshape your data"):
        estimator.predict(array[0])
    estimator, table, _ = classifier
    for other in (table[table.columns[::-1]], table.rename(columns={"mean area": "area"})):
        with pytest.raises(plexus.InputError, match="The feature names should match those that were passed during fit"):
            estimator.predict(other)
    with pytest.raises(plexus.InputError, match="lacks the column mean area"):
        estimator.predict([{name: 1.0 for name in table.columns if name != "mean area"}])


@pytest.mark.slow
def test_dictionaries_with_categories_and_labels_as_numbers(empty_folder):
    generator = np.random.default_rng(0)
    colors = generator.choice(["red", "green", "blue"], 120).tolist()
    rows = [{"color": color, "size": size} for color, size in zip(colors, generator.normal(size=120), strict=True)]
    del rows[3]["size"]
    labels = np.array([7.0 if (color == "red") != (place % 10 == 0) else 3.0 for place, color in enumerate(colors)])
    estimator = plexus.Estimator("tables.classify", TINY).fit(rows, labels)
    assert estimator.predict([{"color": "red", "size": 0.0}, {"color": "blue", "size": None}]).tolist() == [7.0, 3.0]
    assert estimator.classes_.dtype == float
    assert estimator.bundle_.codec.labels == ["3", "7"]


@pytest.mark.parametrize(
    ("task", "options", "inputs", "targets", "line"),
    [
        ("classify", {}, [[0.5, 1.0]] * 30, [1] * 30, "y has one class only, 1"),
        ("classify", {}, [[0.5, 1.0]] * 30, ["a", "a ", "b"] * 10, "the labels 'a' and 'a ' differ by blanks"),
        ("classify", {}, [[0.5, 1.0]] * 30, [0, 1], "X has 30 inputs and y has 2 labels"),
        ("classify", {}, [[0.5, 1.0]] * 10, [0, 1] * 5, "X has 10 rows: expected 20 or more"),
        ("classify", {}, [[np.inf, 1.0]] * 30, [0, 1] * 15, "Input X contains infinity"),
        ("classify", {}, pl.DataFrame({"a": [0.0, np.inf]}), [0, 1], "X: column 'a', row 2: expected a finite number"),
        ("classify", {"target": "a"}, pl.DataFrame({"a": [0.0] * 30}), [0, 1] * 15, "the targets are those of y"),
        ("classify", {}, [0.5, 1.0] * 30, [0, 1] * 15, "Reshape your data"),
        ("classify", {}, [[1.0]], [0], "y has one class only"),
        ("regress", {}, [[0.5, 1.0]] * 30, ["a", "b"] * 15, "y: expected numbers, got values such as 'a'"),
        ("regress", {}, [[0.5, 1.0]] * 30, [0.5, 1j] * 15, "y: expected real numbers. Complex data not supported"),
        ("regress", {}, [[0.5, 1.0]] * 30, [0.5, np.inf] * 15, r"y\[1\]: expected a finite number"),
        ("regress", {}, [[0.5, 1.0]] * 30, [0.5, np.nan] * 15, r"y\[1\]: the number is missing"),
        ("regress", {}, sparse.dok_array((30, 2)), np.arange(30) / 2, "Sparse data was passed for X"),
        ("regress", {}, [[0.5, 1.0]], [0.5], r"Found array with 1 sample\(s\)"),
    ],
)
def test_data_that_cannot_be_learned(task, options, inputs, targets, line, empty_folder):
    with pytest.raises(ValueError, match=line) as error:
        plexus.Estimator(f"tables.{task}", TINY, **options).fit(inputs, targets)
    assert isinstance(error.value, plexus.InputError)
    assert list(empty_folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("task", ["tables.classify", "tables.regress"])
def test_check_estimator(task, empty_folder, short_training):
    estimator = plexus.Estimator(task, TINY)
    results = check_estimator(clone(estimator), expected_failed_checks=TOO_FEW_ROWS, on_skip=None)
    outcomes = {result["check_name"]: result["status"] for result in results}
    assert len(outcomes) > 40
    assert {name for name, status in outcomes.items() if status == "xfail"} <= set(TOO_FEW_ROWS)
    # It needs SCIPY_ARRAY_API in the environment.
    assert {name for name, status in outcomes.items() if status == "skipped"} <= {"check_array_api_input"}
