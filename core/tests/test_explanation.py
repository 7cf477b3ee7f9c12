"""Explanations as numbers: their order, the lines of the command line, and tasks that have none."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import plexus
from plexus import InputError
from plexus.cli import main
from plexus.cli.explanation import MAX_CONTRIBUTIONS, explanation_lines
from plexus.explain.contributions import sorted_contributions
from plexus.explain.shapley import ShapleyValues

MODELS = Path(__file__).parents[2] / "models"
REVIEWS = str(MODELS / "sentiment.classify/reviews")
CONTRIBUTIONS = sorted_contributions(
    ["age", "plan", "since", "a long name of a column"],
    [41.0, None, "2024-05-01", 1234567.25],
    [40.0, "basic", "2020-01-01", 0.5],
    ShapleyValues(np.array([0.25, -1.5, 0.0, 0.25]), np.array([0.0, 0.01, 0.0, 0.0])),
)
VALUES = {"prediction": 0.5, "typical_prediction": 1.5, "unit": "log-odds of yes", "contributions": CONTRIBUTIONS}


def test_contributions_are_sorted_by_absolute_change():
    assert [part["name"] for part in CONTRIBUTIONS] == ["plan", "age", "a long name of a column", "since"]
    assert CONTRIBUTIONS[0] == {
        "name": "plan", "value": None, "typical": "basic", "change": -1.5, "standard_error": 0.01
    }  # fmt: skip


def test_lines_of_contributions():
    assert list(explanation_lines(VALUES)) == [
        "  prediction: 0.5000, that of a typical row: 1.500 (log-odds of yes)",
        "    name                     value        typical  change   standard error",
        "    plan                     missing      basic    -1.500   0.01000",
        "    age                      41           40       +0.2500  exact",
        "    a long name of a column  1.23457e+06  0.5      +0.2500  exact",
        "    no change by 1, which are as in the typical row",
    ]


def test_lines_of_similar_rows():
    values = {"plan": "basic", "age": 40.0, "b": None, "c": 1.0, "d": 2.0, "not shown": 3.0}
    similar = [
        {"distance": 0.0, "target": "yes", "values": values},
        {"distance": 0.25, "target": 7.5, "values": values},
    ]
    assert list(explanation_lines(VALUES | {"similar_rows": similar}))[-4:] == [
        "  most similar training rows (5 of 6 columns; --json has all)",
        "    distance  target  plan   age  b        c  d",
        "    0         yes     basic  40   missing  1  2",
        "    0.2500    7.5     basic  40   missing  1  2",
    ]
    assert list(explanation_lines(VALUES | {"similar_rows": []})) == list(explanation_lines(VALUES))


def test_more_contributions_are_summed():
    count = MAX_CONTRIBUTIONS + 3
    changes = ShapleyValues(np.ones(count), np.zeros(count))
    contributions = sorted_contributions([f"x{place}" for place in range(count)], [0.0] * count, [1.0] * count, changes)
    *_, last = explanation_lines(VALUES | {"contributions": contributions})
    assert last.split() == ["3", "more", "+3"]


def test_an_input_that_equals_the_typical_one_has_no_table():
    contributions = [part | {"change": 0.0} for part in CONTRIBUTIONS]
    _, line = explanation_lines(VALUES | {"contributions": contributions})
    assert line == "    no change by 4, which are as in the typical row"


def test_tasks_without_numbers_have_a_picture_alone(tmp_path, monkeypatch, capsys):
    with pytest.raises(InputError, match=r"sentiment\.classify does not explain predictions as numbers"):
        plexus.load(REVIEWS).explanation_values("a film")
    monkeypatch.chdir(tmp_path)
    assert main(["predict", REVIEWS, "a great film", "--explain"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.slow
def test_numbers_are_in_the_answer_of_the_server(server):
    bundle = plexus.load("tables.risk/german_credit")
    row = bundle.codec.encoder.typical | {"duration_months": 48.0, "checking_status": "A11"}
    (result,) = server.predict("tables.risk.german_credit", row, params={"explain": "true"}).json()
    assert result["explanation"].startswith("data:image/png;base64,")
    assert result["explanation_values"] == bundle.explanation_values(row)
    (result,) = server.predict("sentiment.classify.reviews", "a film", params={"explain": "true"}).json()
    assert "explanation_values" not in result


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "module", "row"),
    [
        ("tables.risk/german_credit", "plexus_tables.explain", None),
        (
            "fraud.detect/simulated",
            "plexus_fraud.explain",
            {"time": 1.6e7, "customer": 5, "terminal": 9, "amount": 250.0},
        ),
    ],
)
def test_figure_and_numbers_come_from_one_computation(tmp_path, monkeypatch, model, module, row):
    bundle, calls = plexus.load(model), []
    module = importlib.import_module(module)
    compute = module.shapley_values
    monkeypatch.setattr(module, "shapley_values", lambda *arguments: calls.append(1) or compute(*arguments))
    row = row or bundle.codec.encoder.typical | {"duration_months": 48.0, "checking_status": "A11"}
    file, values = bundle.explain_with_values(row, tmp_path / "both.png")
    assert len(calls) == 1
    assert values == bundle.explanation_values(row)
    assert file.read_bytes() == bundle.explain(row, tmp_path / "alone.png").read_bytes()


def test_a_task_without_numbers_has_none_with_its_file(tmp_path):
    bundle = plexus.load(REVIEWS)
    file, values = bundle.explain_with_values("a great film", tmp_path / "page.html")
    assert file.is_file()
    assert values is None
