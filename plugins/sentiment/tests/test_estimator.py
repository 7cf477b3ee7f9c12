"""The scikit-learn estimator, and the functions `plexus.train` and `plexus.load`."""

import pickle

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import cross_val_score
from sklearn.utils import estimator_checks as checks
from sklearn.utils.estimator_checks import check_estimator

import plexus
from plexus.data.number_format import add_decimal_comma
from plexus_sentiment.phrases import generate_phrases


@pytest.fixture
def small(tmp_path, monkeypatch):
    """An estimator that is trained in seconds, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return plexus.Estimator("sentiment.classify", {"nets": 1, "epochs": 2, "filters": 8})


@pytest.mark.slow
def test_an_estimator_is_fitted_and_cross_validated(small):
    texts, classes = generate_phrases(900, seed=3)
    texts, classes = np.array(texts), np.array(classes)
    assert cross_val_score(small, texts, classes, cv=2).min() > 0.7
    add_decimal_comma()  # of a table that was read before
    fitted = clone(small).fit(texts, classes)
    assert not fitted.bundle_.manifest["data"]["decimal_comma"]
    assert list(fitted.classes_) == [0, 1]
    assert np.mean(fitted.predict(texts[:200]) == classes[:200]) > 0.8
    assert fitted.bundle_.metrics["accuracy"] > 0.7
    with pytest.raises(plexus.InputError, match="examples in memory"):
        fitted.bundle_.evaluate()


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """An estimator with three labels of type int, fitted with options by name."""
    texts, classes = generate_phrases(300, seed=1)
    labels = np.where(np.arange(300) % 10 == 0, 12, np.array(classes))
    out = tmp_path_factory.mktemp("estimator") / "bundle"
    estimator = plexus.Estimator("sentiment.classify", out=out, nets=1, epochs=1, filters=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("runs"))
        return estimator.fit(texts, labels), texts


def test_check_estimator():
    estimator = plexus.Estimator("sentiment.classify", epochs=2)
    with pytest.warns(SkipTestWarning, match="which requires input"):
        results = check_estimator(estimator)
    assert {result["status"] for result in results} == {"passed"}
    for check in (
        checks.check_estimator_cloneable,
        checks.check_estimator_tags_renamed,
        checks.check_valid_tag_types,
        checks.check_estimator_repr,
        checks.check_no_attributes_set_in_init,
        checks.check_do_not_raise_errors_in_init_or_set_params,
        checks.check_mixin_order,
        checks.check_get_params_invariance,
        checks.check_set_params,
    ):
        check("Estimator", plexus.Estimator("sentiment.classify"))


def test_options_by_name_are_parameters(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    estimator = plexus.Estimator("sentiment.classify", {"epochs": 3}, epochs=2)
    assert estimator.get_params() == {"task": "sentiment.classify", "options": {"epochs": 3}, "out": None, "epochs": 2}
    assert clone(estimator).set_params(epochs=4).get_params()["epochs"] == 4
    assert estimator.epochs == 2
    assert repr(estimator).startswith("Estimator(")
    with pytest.raises(NotFittedError):
        estimator.predict(["good"])
    with pytest.raises(plexus.InputError, match="there is no option 'epoch'"):
        plexus.Estimator("sentiment.classify", epoch=2).fit(["a"] * 9, [0, 1, 0] * 3)


def test_probabilities_are_those_of_the_predictions(fitted):
    estimator, texts = fitted
    assert estimator.classes_.tolist() == [0, 1, 12]
    probabilities = estimator.predict_proba(texts[:20])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    predicted = estimator.predict(texts[:20])
    assert predicted.dtype == estimator.classes_.dtype
    np.testing.assert_array_equal(estimator.classes_[probabilities.argmax(axis=1)], predicted)
    predictions = estimator.bundle_.predict(texts[:20])
    np.testing.assert_allclose([p.probability for p in predictions], probabilities.max(axis=1), atol=1e-6)
    assert estimator.predict([]).shape == (0,)
    assert estimator.predict_proba([]).shape == (0, 3)


def test_a_pickle_is_complete(fitted, tmp_path):
    estimator, texts = fitted
    content = pickle.dumps(estimator)
    folder = estimator.bundle_.folder.rename(tmp_path / "moved")
    try:
        again = pickle.loads(content)
        np.testing.assert_array_equal(again.predict_proba(texts[:5]), plexus_probabilities(folder, texts[:5], again))
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(again)).predict(texts[:5]), again.predict(texts[:5]))
    finally:
        folder.rename(estimator.bundle_.folder)
    assert pickle.loads(pickle.dumps(clone(estimator))).get_params() == estimator.get_params()


def plexus_probabilities(folder, texts, estimator):
    bundle = plexus.load(folder)
    order = [bundle.codec.labels.index(str(label)) for label in estimator.classes_]
    return bundle.task.predict_probabilities(bundle.predictor, bundle.codec, texts)[:, order]


def test_single_inputs_and_other_sequences(fitted):
    estimator, texts = fitted
    expected = estimator.predict(texts[:2]).tolist()
    assert estimator.predict(texts[0]).tolist() == expected[:1]
    for sequence in (np.array(texts[:2]), np.array(texts[:2], object), tuple(texts[:2]), pl.Series(texts[:2])):
        assert estimator.predict(sequence).tolist() == expected
    assert estimator.predict(text for text in texts[:2]).tolist() == expected
    for wrong in ([None, "good"], [float("nan")], [7], np.array([["a"], ["b"]]), [["a", "b"]]):
        with pytest.raises(plexus.InputError, match="expected a string, got"):
            estimator.predict(wrong)
    for wrong in (None, 7, np.array("good")):
        with pytest.raises(plexus.InputError, match="expected a list of inputs"):
            estimator.predict(wrong)


@pytest.mark.parametrize(
    ("inputs", "labels", "line"),
    [
        (["a", "b", "c"], [0, 1], "X has 3 inputs and y has 2 labels"),
        (["a", "b"], [0, 1, 0], "X has 2 inputs and y has 3 labels"),
        ("text", [0, 1, 0, 1], "X has 1 inputs and y has 4"),
        (["a", "b"], [0.0, float("nan")], r"y\[1\]: the label is missing"),
        (["a", "b"], ["x", None], r"y\[1\]: the label is missing"),
        (["a", "b"], [[0, 1], [1, 0]], r"y: expected one label per input, got an array of shape \(2, 2\)"),
        (["a", "b"], [0.5, 1.25], "y: expected labels, got continuous values"),
        (["a", "b"], np.array(["x", 3], object), "y: expected labels of one type, got int, str"),
    ],
)
def test_data_that_cannot_be_learned(inputs, labels, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=line) as error:
        plexus.Estimator("sentiment.classify", epochs=1).fit(inputs, labels)
    assert isinstance(error.value, plexus.InputError)
    assert list(tmp_path.iterdir()) == []


def test_tasks_without_examples_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(plexus.InputError, match=r"games\.play cannot learn from examples in memory"):
        plexus.Estimator("games.play").fit([1, 2], [0, 1])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_train_and_load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bundle = plexus.train("sentiment.classify", out="reviews", nets=1, epochs=2, filters=8)
    again = plexus.load("reviews")
    assert again.predict(["a wonderful film"])[0].label == "positive"
    assert repr(again).startswith("Bundle('reviews': sentiment.classify, accuracy 0.")
    assert f"<td>{bundle.metrics['accuracy']:.4f}</td>" in again._repr_html_()
    with pytest.raises(plexus.InputError, match=r"did you mean 'sentiment\.classify'"):
        plexus.train("sentiment.clasify")
    with pytest.raises(plexus.InputError, match="--epochs must be"):
        plexus.train("sentiment.classify", epochs=0)
