"""The app risk-desk without a browser: numbers, reasons, figures and events of the page."""

import re
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import polars as pl
import pytest

import plexus
from plexus import InputError
from plexus.inference.table_predictions import predict_table
from plexus.prediction import LabelPrediction
from plexus_apps.risk_desk.answer import answer_html, change_html
from plexus_apps.risk_desk.dependence import can_vary, slider_bounds, vary_column
from plexus_apps.risk_desk.drawing import INK, draw_dependence, draw_reasons
from plexus_apps.risk_desk.examples import ROWS, write_example_table
from plexus_apps.risk_desk.form import form_row, typical_values
from plexus_apps.risk_desk.page import make_page
from plexus_apps.risk_desk.reasons import explain_row
from plexus_apps.risk_desk.table_answer import answer_table
from plexus_apps.risk_desk.table_model import TableModel

CHANGES = {"checking_status": "A11", "duration_months": 48.0, "age": 90.0}


@pytest.fixture(scope="module")
def credit():
    return TableModel(plexus.load("tables.risk/german_credit"))


@pytest.fixture(scope="module")
def diabetes():
    return TableModel(plexus.load("tables.diagnose/pima_diabetes"))


@pytest.fixture
def row(credit):
    return credit.typical | CHANGES


class Labelled(LabelPrediction):
    label_set: tuple[str, ...]
    warnings: tuple[str, ...]


def column_named(model, name):
    return next(column for column in model.columns if column.name == name)


def column(name, kind, low=0.0, high=0.0, categories=(), typical=0.0):
    return SimpleNamespace(
        name=name, kind=kind, low=low, high=high, categories=categories, rare=(), typical=typical, shown=str
    )


def model_of(columns, predict, **codec):
    """Return a model whose predictions a function makes."""
    codec = SimpleNamespace(encoder=SimpleNamespace(columns=columns), coverage=0.9, **codec)
    return TableModel(SimpleNamespace(codec=codec, predict=lambda rows: [predict(row) for row in rows]))


def test_numbers_are_the_probabilities_of_the_event(credit, row):
    assert credit.event == "bad"
    assert credit.quantity == "Probability of bad"
    predictions = credit.bundle.predict([credit.typical, row])
    assert credit.numbers([credit.typical, row]).tolist() == [prediction.risk for prediction in predictions]
    assert credit.decision(credit.threshold) == "bad"
    assert credit.decision(credit.threshold - 1e-6) == "good"


def test_two_labels_without_a_threshold_and_numbers():
    labels = model_of(
        [column("x", "numeric", high=1.0)],
        lambda row: {"label": "no", "probability": 0.75, "warnings": ()},
        labels=["no", "yes"],
    )
    assert labels.numbers([{"x": 1.0}]).tolist() == [0.25]
    assert (labels.shown(0.25), labels.shown_change(-0.0004), labels.decision(0.5)) == ("25.0%", "+0.0 points", "yes")
    numbers = model_of([column("x", "numeric", high=1.0)], lambda row: {"value": 3 * row["x"], "warnings": ()})
    assert numbers.numbers([{"x": 2.0}]).tolist() == [6.0]
    assert (numbers.shown(6.0), numbers.shown_change(-1.5), numbers.decision(6.0)) == ("6", "-1.5", "")


def test_reasons_are_the_mean_contributions_over_all_orders(credit, row):
    """An independent oracle: the definition of the Shapley value."""
    expected = dict.fromkeys(CHANGES, 0.0)
    orders = list(permutations(CHANGES))
    for order in orders:
        hybrid = dict(credit.typical)
        before = credit.numbers([hybrid])[0]
        for name in order:
            hybrid[name] = row[name]
            after = credit.numbers([hybrid])[0]
            expected[name] += (after - before) / len(orders)
            before = after
    reasons = explain_row(credit, row)
    assert reasons.changes == pytest.approx(expected, abs=1e-9)
    assert sum(reasons.changes.values()) == pytest.approx(reasons.number - reasons.typical)
    strongest = max(expected, key=lambda name: abs(expected[name]))
    assert reasons.strongest(1) == [(strongest, reasons.changes[strongest])]


def test_the_typical_row_has_no_reasons(credit):
    reasons = explain_row(credit, credit.typical)
    assert reasons.changes == {}
    assert "no column moves the prediction" in draw_reasons(credit, reasons, credit.typical)


def test_reasons_of_many_columns_are_drawn_with_the_sum_of_the_rest(credit):
    row = {column.name: column.categories[-1] if column.categories else column.high for column in credit.columns}
    reasons = explain_row(credit, row)
    assert sum(reasons.changes.values()) == pytest.approx(reasons.number - reasons.typical)
    figure = draw_reasons(credit, reasons, row)
    assert f"{len(reasons.changes) - 8} other columns" in figure
    assert "duration_months: 60 (typical 18)" in figure


def test_a_figure_has_the_colours_of_the_page(credit, row):
    reasons = draw_reasons(credit, explain_row(credit, row), row)
    name = "duration_months"
    curve = draw_dependence(credit, vary_column(credit, row, column_named(credit, name)), row[name], 24.0)
    for figure in (reasons, curve):
        assert "currentColor" in figure
        assert INK not in figure
        assert "#ffffff" not in figure
        assert re.search(r"font(-size)?: 12px", figure)


def test_dependence_is_the_prediction_for_each_value(credit, row):
    duration = column_named(credit, "duration_months")
    numbers = vary_column(credit, row, duration)
    assert (numbers.values[0], numbers.values[-1]) == (4.0, 60.0)
    expected = [
        prediction.risk for prediction in credit.bundle.predict([row | {duration.name: v} for v in numbers.values])
    ]
    assert numbers.row.tolist() == expected
    typical = credit.bundle.predict([credit.typical | {duration.name: numbers.values[3]}])[0].risk
    assert numbers.typical[3] == typical
    categories = vary_column(credit, row, column_named(credit, "checking_status"))
    assert sorted(categories.values) == ["A11", "A12", "A13", "A14"]
    assert categories.row[categories.values.index("A11")] == credit.numbers([row])[0]


def test_values_of_a_slider():
    whole, real = column("age", "numeric", 19.0, 75.0, typical=33.5), column("bmi", "numeric", 18.2, 67.1, typical=32.5)
    assert slider_bounds(whole, 30.0) == (19.0, 75.0, 1.0)
    assert slider_bounds(whole, 90.0) == (19.0, 90.0, 1.0)
    assert slider_bounds(whole, None) == (19.0, 75.0, 1.0)
    assert slider_bounds(real, 20.0) == (18.2, 67.1, 0.1)
    others = [column("day", "date", 1.0, 9.0), column("one", "numeric", 2.0, 2.0)]
    assert [can_vary(column) for column in (whole, *others)] == [True, False, False]


def test_the_category_of_a_row_is_among_those_that_are_shown():
    names = tuple(f"c{number}" for number in range(20))
    kind = column("kind", "categorical", categories=names, typical="c0")
    model = model_of([kind], lambda row: {"value": int(row["kind"][1:]), "warnings": ()})
    assert vary_column(model, {"kind": "c17"}, kind).values == [*names[:11], "c17"]
    assert vary_column(model, {"kind": None}, kind).values == list(names[:12])
    assert vary_column(model, {"kind": "c17"}, kind).row[-1] == 17


def test_empty_fields_are_missing_values(credit):
    values = typical_values(credit.columns)
    assert form_row(credit, values) == credit.typical
    values[0], values[1] = "", None
    row = form_row(credit, values)
    assert (row["checking_status"], row["duration_months"]) == (None, None)
    assert "checking_status: missing (typical A14)" in draw_reasons(credit, explain_row(credit, row), row)


def test_an_answer_has_interval_decision_and_warnings(credit, row):
    prediction = credit.bundle.predict([row])[0]
    answer = answer_html(credit, prediction)
    assert f">{prediction.risk:.1%}<" in answer
    assert f"{prediction.low:.1%} to {prediction.high:.1%}" in answer
    assert '<b class="decision">bad</b>, at or above the threshold of 16.7%' in answer
    assert "<b>Warning:</b> age 90 is outside the training range 19\N{EN DASH}75" in answer
    assert '<b class="decision">good</b>, below' in answer_html(credit, credit.bundle.predict([credit.typical])[0])
    other = credit.numbers([row | {"age": 30.0}])[0]
    assert f"→ <b>{other:.1%}</b>" in change_html(credit, row, "age", 30.0)


def test_texts_of_a_model_are_escaped():
    name, event = "<img src=x>", "<script>alert(1)</script>"
    columns, row = [column(name, "categorical", categories=("<b>", "c"), typical="c")], {name: "<b>"}

    def predict(row):
        probability = 0.6 if row[name] == "c" else 0.9
        return Labelled(
            label=event, probability=probability, alternatives={}, warnings=(name,), label_set=(event, "no")
        )

    model = model_of(columns, predict, labels=["no", event])
    shown = [
        answer_html(model, predict(row)),
        change_html(model, row, name, "c"),
        draw_reasons(model, explain_row(model, row), row),
        draw_dependence(model, vary_column(model, row, model.columns[0]), "<b>", "c"),
    ]
    for html in shown:
        assert "<script" not in html
        assert "<img" not in html
        assert "<b><" not in html


def test_the_example_table_is_answered(credit, tmp_path):
    table = write_example_table(credit, tmp_path / "rows.csv")
    answer = answer_table(credit, table, tmp_path / "out.csv")
    answered = pl.read_csv(tmp_path / "out.csv")
    assert len(answer.rows) == len(answered) == ROWS
    assert answer.headers[:4] == ["row", "probability", "decision", "warnings"]
    assert f"for <b>{answered['positive'].sum()}</b> the decision is bad; 1 with warnings" in answer.summary
    assert [row[1] for row in answer.rows] == [f"{risk:.1%}" for risk in answered["risk"]]
    assert answer.rows[1][3] == "duration_months 74 is outside the training range 4\N{EN DASH}60"


def test_columns_of_a_table_may_be_called_like_those_of_the_answer(diabetes, tmp_path):
    table = pl.read_csv(write_example_table(diabetes, tmp_path / "rows.csv")).with_columns(risk=pl.lit("unknown"))
    table.write_csv(tmp_path / "risk.csv")
    answer = answer_table(diabetes, tmp_path / "risk.csv", tmp_path / "out.csv")
    assert answer.rows[0][1] == f"{pl.read_csv(tmp_path / 'out.csv')['risk_answer'][0]:.1%}"
    assert answer.rows[0][-1] == "unknown"


def test_rows_that_cannot_be_read_are_named(diabetes, tmp_path, monkeypatch):
    """Tables of the shipped models have no such rows: `predict_table` is made to report one."""

    def predict_second_unreadable(bundle, table, out):
        result = predict_table(bundle, table, out)
        first, second = pl.read_csv(out, infer_schema=False).rows(named=True)
        pl.DataFrame([first, {name: second.get(name) for name in diabetes.typical}]).write_csv(out)
        return result._replace(unreadable={2: "column 'age': expected a number"})

    monkeypatch.setattr("plexus_apps.risk_desk.table_answer.predict_table", predict_second_unreadable)
    pl.DataFrame([diabetes.typical, diabetes.typical]).write_csv(tmp_path / "rows.csv")
    answer = answer_table(diabetes, tmp_path / "rows.csv", tmp_path / "out.csv")
    assert "<b>1 cannot be read</b> and have no prediction: row 2: column &#x27;age&#x27;: expected" in answer.summary
    assert [row[:2] for row in answer.rows] == [[1, diabetes.shown(diabetes.numbers([diabetes.typical])[0])], [2, ""]]
    assert answer.rows[1][3] == "cannot be read: column 'age': expected a number"


def page_functions(bundle, name="model"):
    page = make_page({name: bundle})
    return {function.name: function.fn for function in page.fns.values()}, page


def test_the_page_answers_and_tries_values(credit):
    """Calls the functions of the page as Gradio does."""
    functions, _ = page_functions(credit.bundle)
    values = [*(credit.typical | CHANGES).values()]
    slider, category, change, figure = functions["choose"]("duration_months", *values)
    assert (slider.value, slider.minimum, slider.maximum, slider.visible, category.visible) == (48, 4, 60, True, False)
    assert "duration_months: 48<br>Probability of bad: " in change
    change, other_figure = functions["try_value"]("duration_months", 24, None, *values)
    assert "duration_months: 48 → <b>24</b>" in change
    assert other_figure != figure
    slider, category, _, _ = functions["choose"]("checking_status", *values)
    assert (category.value, category.visible, slider.visible) == ("A11", True, False)
    change, _ = functions["try_value"]("checking_status", 0, "A14", *values)
    assert "checking_status: A11 → <b>A14</b>" in change


def test_a_form_has_a_field_for_each_column(credit):
    _, page = page_functions(credit.bundle)
    fields = {block.label: block for block in page.blocks.values() if isinstance(block, gr.Number | gr.Dropdown)}
    assert set(credit.typical) <= set(fields)
    assert {name: fields[name].value for name in credit.typical} == credit.typical
    assert fields["duration_months"].info == "4\N{EN DASH}60, typical 18"
    assert [value for _, value in fields["checking_status"].choices] == ["A14", "A11", "A12", "A13", ""]


def test_only_a_diagnosis_is_not_for_clinical_use(credit, diabetes):
    for model, expected in ((credit, False), (diabetes, True)):
        _, page = page_functions(model.bundle)
        texts = [block.value for block in page.blocks.values() if isinstance(block, gr.Markdown)]
        assert any("Not for clinical use" in str(text) for text in texts) == expected


def test_a_table_with_an_error_is_one_line_without_folders(diabetes, tmp_path):
    answer = page_functions(diabetes.bundle)[0]["answer_rows"]
    assert "no table: choose a file first" in answer(None)[0]
    (tmp_path / "rows.csv").write_text("glucose\n7\n")
    line, table, download = answer(str(tmp_path / "rows.csv"))
    assert "<b>Error:</b> rows.csv lacks the columns pregnancies, blood_pressure" in line
    assert str(tmp_path) not in line
    assert (table["data"], download.interactive) == ([], False)
    summary, table, download = answer(str(write_example_table(diabetes, tmp_path / "good.csv")))
    assert "Error" not in summary
    assert Path(download.value["path"]).read_text().startswith("pregnancies,glucose,")


def test_a_model_of_three_labels_does_not_keep_the_others_from_the_page(credit):
    codec = SimpleNamespace(labels=["a", "b", "c"], encoder=SimpleNamespace(columns=[]), coverage=0.9)
    three = SimpleNamespace(
        codec=codec, **{name: getattr(credit.bundle, name) for name in ("manifest", "score", "metrics", "task")}
    )
    with pytest.raises(InputError, match="shows models with two labels, and this one has 3"):
        TableModel(three)
    page = make_page({"three": three, "credit": credit.bundle})
    texts = [str(block.value) for block in page.blocks.values() if isinstance(block, gr.Markdown)]
    assert any("this one has 3: use plexus predict" in text for text in texts)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["tables.classify", "tables.regress"])
def test_a_page_of_each_other_task(trial, task):
    bundle = plexus.load(trial(task) / "run/bundle")
    functions, _ = page_functions(bundle)
    model = TableModel(bundle)
    values = [column.high for column in model.columns]
    answer, _, reasons = functions["answer_row"](*values)
    assert model.quantity in answer
    assert "other columns" in reasons
    change, _ = functions["try_value"](model.columns[0].name, model.columns[0].low, None, *values)
    assert model.quantity in change
    assert np.isfinite(model.numbers([model.typical])).all()
