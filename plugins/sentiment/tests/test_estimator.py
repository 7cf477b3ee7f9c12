"""In scikit-learn's manner, and in Python's."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

import plexus
from plexus_sentiment.phrases import phrases


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A classifier that is soon trained, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return plexus.Estimator("sentiment.classify", {"nets": 1, "epochs": 2, "filters": 8})


def test_texts_are_learned_and_cross_validated(small):
    texts, codes = phrases(900, seed=3)
    texts, codes = np.array(texts), np.array(codes)
    assert cross_val_score(small, texts, codes, cv=2).min() > 0.7
    fitted = clone(small).fit(texts, codes)
    assert list(fitted.classes_) == [0, 1]
    assert np.mean(fitted.predict(texts[:200]) == codes[:200]) > 0.8
    assert fitted.bundle_.metrics["accuracy"] > 0.7
    with pytest.raises(plexus.InputError, match="examples in memory"):
        fitted.bundle_.evaluate()


def test_what_learns_from_no_examples_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(plexus.InputError, match=r"games\.play does not learn from examples in memory"):
        plexus.Estimator("games.play").fit([1, 2], [0, 1])
    assert list(tmp_path.iterdir()) == []


def test_in_python(tmp_path, monkeypatch):
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
