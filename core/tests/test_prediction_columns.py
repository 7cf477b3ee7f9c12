"""Predictions by field."""

import numpy as np
import pytest

from plexus import InputError
from plexus.bundle import Bundle
from plexus.prediction import LabelPrediction

LABELS = ["a", "b", "c", "d", "e"]


def test_the_fields_of_labels():
    probabilities = np.array([[0.1, 0.4, 0.2, 0.25, 0.05], [0.2, 0.2, 0.2, 0.2, 0.2], [0, 0, 1, 0, 0]])
    columns = LabelPrediction.columns(LABELS, probabilities)
    assert columns["label"] == ["b", "a", "c"]
    assert columns["probability"].tolist() == [0.4, 0.2, 1.0]
    assert columns["alternatives"] == [
        {"d": 0.25, "c": 0.2, "a": 0.1},
        {"b": 0.2, "c": 0.2, "d": 0.2},
        {"a": 0.0, "b": 0.0, "d": 0.0},
    ]


def test_predictions_from_columns_are_those_of_each_row():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(5), 200).astype(np.float32)
    predictions = LabelPrediction.from_columns(LabelPrediction.columns(LABELS, probabilities))
    assert predictions == [LabelPrediction.from_probabilities(LABELS, row) for row in probabilities]
    for prediction, row in zip(predictions, probabilities, strict=True):
        order = sorted(range(5), key=lambda place: -row[place])[:4]
        expected = {LABELS[place]: round(float(row[place]), 6) for place in order}
        assert {prediction.label: prediction.probability} | prediction.alternatives == expected
    assert LabelPrediction.from_columns({"label": [], "probability": np.zeros(0), "alternatives": []}) == []


def test_one_label_has_no_alternatives():
    columns = LabelPrediction.columns(["a"], np.ones((2, 1)))
    assert LabelPrediction.from_columns(columns) == [LabelPrediction(label="a", probability=1.0, alternatives={})] * 2


def test_a_task_that_does_not_predict_by_column(tmp_path):
    class Task:
        id = "words.count"

    with pytest.raises(InputError, match=r"words\.count does not predict by column: use predict"):
        Bundle(tmp_path, {}, Task()).predict_columns(["a"])


def test_texts_that_are_too_long_are_refused(tmp_path):
    class Task:
        id = "words.count"

        def predict_columns(self, predictor, codec, inputs):
            raise AssertionError

    with pytest.raises(InputError, match="the text has 2,000,001 characters, expected at most 2,000,000: split it"):
        Bundle(tmp_path, {"data": {}}, Task()).predict_columns(["a", "b" * 2_000_001])
