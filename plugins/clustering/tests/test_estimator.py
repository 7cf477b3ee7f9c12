"""`plexus.Estimator` with `clustering.deep`: tables, images and texts in memory, without targets."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import is_clusterer
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

import plexus


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_clusters_of_a_table():
    rows, truth = make_blobs(150, 4, centers=3, cluster_std=0.4, random_state=0)
    table = pl.DataFrame(rows, schema=["a", "b", "c", "d"])
    estimator = plexus.Estimator("clustering.deep", clusters=3, method="kmeans")
    labels = estimator.fit_predict(table)
    assert is_clusterer(estimator)
    assert adjusted_rand_score(truth, labels) == 1
    np.testing.assert_array_equal(estimator.labels_, labels)
    for same in (pd.DataFrame(rows, columns=list("abcd")), table.to_dicts()):
        np.testing.assert_array_equal(estimator.predict(same), labels)
    degrees = estimator.predict_proba(table)
    assert degrees.shape == (150, 3)
    np.testing.assert_array_equal(degrees.argmax(axis=1), labels)
    np.testing.assert_allclose(degrees.sum(axis=1), 1, atol=1e-5)  # k-means has no noise
    assert not hasattr(estimator, "classes_")


def test_data_that_cannot_be_clustered():
    for wrong, line in ((7, "X: expected a table"), (pl.DataFrame({"a": [1, 2]}), "expected 4 or more inputs, got 2")):
        with pytest.raises(plexus.InputError, match=line):
            plexus.Estimator("clustering.deep").fit(wrong)
