"""The scikit-learn estimator, and the functions `plexus.train` and `plexus.load`."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

import plexus
from plexus_sentiment.phrases import generate_phrases


@pytest.fixture
def small(tmp_path, monkeypatch):
    """An estimator that is trained in seconds, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return plexus.Estimator("sentiment.classify", {"ensemble_size": 1, "epochs": 2, "filters": 8})


def test_an_estimator_is_fitted_and_cross_validated(small):
    texts, classes = generate_phrases(900, seed=3)
    texts, classes = np.array(texts), np.array(classes)
    assert cross_val_score(small, texts, classes, cv=2).min() > 0.7
    fitted = clone(small).fit(texts, classes)
    assert list(fitted.classes_) == [0, 1]
    assert np.mean(fitted.predict(texts[:200]) == classes[:200]) > 0.8
    assert fitted.bundle_.metrics["accuracy"] > 0.7
    with pytest.raises(plexus.InputError, match="examples in memory"):
        fitted.bundle_.evaluate()


def test_tasks_without_examples_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(plexus.InputError, match=r"games\.play cannot learn from examples in memory"):
        plexus.Estimator("games.play").fit([1, 2], [0, 1])
    assert list(tmp_path.iterdir()) == []


def test_train_and_load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bundle = plexus.train("sentiment.classify", out="reviews", ensemble_size=1, epochs=2, filters=8)
    again = plexus.load("reviews")
    assert again.predict(["a wonderful film"])[0].label == "positive"
    assert repr(again).startswith("Bundle('reviews': sentiment.classify, accuracy 0.")
    assert f"<td>{bundle.metrics['accuracy']:.4f}</td>" in again._repr_html_()
    with pytest.raises(plexus.InputError, match=r"did you mean 'sentiment\.classify'"):
        plexus.train("sentiment.clasify")
    with pytest.raises(plexus.InputError, match="--epochs must be"):
        plexus.train("sentiment.classify", epochs=0)
