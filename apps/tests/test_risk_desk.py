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
from plexus.report.colors import BLUE, ORANGE, RED
from plexus.report.figure import INK
from plexus_apps.pages import describe_model
from plexus_apps.risk_desk.answer import answer_html, change_html
from plexus_apps.risk_desk.columns import column_range, typical_value, value_step
from plexus_apps.risk_desk.dependence import can_vary, slider_bounds, vary_column
from plexus_apps.risk_desk.drawing import draw_dependence, draw_reasons
from plexus_apps.risk_desk.examples import ROWS, write_example_table
from plexus_apps.risk_desk.form import form_row, typical_values
from plexus_apps.risk_desk.page import make_page
from plexus_apps.risk_desk.reasons import Reasons, explain_row
from plexus_apps.risk_desk.similar import similar_html
from plexus_apps.risk_desk.table_answer import answer_table
from plexus_apps.risk_desk.table_model import TableModel
from plexus_apps.risk_desk.texts import rounded, shown_value

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


def column(name, kind, low=0.0, high=0.0, categories=(), typical=0.0, spread=None, parts=()):
    center = typical if isinstance(typical, float) else (low + high) / 2
    spread = spread or (high - low) / 2
    return SimpleNamespace(
        name=name, kind=kind, low=low, high=high, categories=categories, rare=(), typical=typical, parts=parts,
        centers=(center,), scales=(1 / spread if spread else 0.0,), shown=lambda days: shown_date(days),
    )  # fmt: skip


def shown_date(days):
    """As the encoder of the plugin writes dates."""
    return str(np.datetime64(round(days * 86_400), "s")).replace("T", " ").removesuffix(" 00:00:00")


def dates(low, high, center, parts=("month", "weekday")):
    days = [(np.datetime64(day) - np.datetime64("1970-01-01")) / np.timedelta64(1, "D") for day in (low, high, center)]
    first, last, middle = map(float, days)
    made = column("day", "date", first, last, typical=shown_date(middle), spread=100.0, parts=parts)
    made.centers = (middle,)
    return made


def model_of(columns, predict, target=None, **codec):
    """Return a model whose predictions a function makes."""
    codec = SimpleNamespace(
        **{"encoder": SimpleNamespace(columns=columns), "coverage": 0.9, "similar_rows": None} | codec
    )
    manifest = {"options": {"target": target}}
    return TableModel(
        SimpleNamespace(codec=codec, manifest=manifest, predict=lambda rows: [predict(row) for row in rows])
    )


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
    assert (numbers.shown(6.0), numbers.shown_change(-1.5), numbers.decision(6.0)) == ("6", "-1.500", "")
    assert (numbers.shown(415_684.23), numbers.shown_change(53_540.4)) == ("415,684", "+53,540")


def test_the_target_of_numbers_is_named_where_it_is_known():
    price, unknown = (model_of([], dict, target=target) for target in ("price", None))
    assert (price.quantity, unknown.quantity) == ("Predicted price", "Predicted number")
    assert model_of([], dict, target="churn", labels=["no", "yes"]).quantity == "Probability of yes"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (415_680.0, "415,680"),
        (1_234_567.5, "1,234,568"),
        (9_999.99, "9999.99"),
        (9_999.999, "10,000"),
        (999_999_999_999.0, "999,999,999,999"),
        (1e12, "1e+12"),
        (1950.0, "1950"),
        (705.0550000000001, "705.055"),
        (0.14450000000000002, "0.1445"),
        (1e-4, "0.0001"),
        (9e-5, "9e-05"),
        (0.0, "0"),
        (-0.0, "0"),
        (-12_345.678, "-12,345.7"),
        (float("nan"), "nan"),
        ("a" * 50, "a" * 39 + "…"),
        (None, "missing"),
    ],
)
def test_cells_are_written_without_exponents(value, text):
    assert shown_value(value) == text


def test_large_metrics_of_a_model_are_written_without_exponents():
    bundle = SimpleNamespace(
        manifest={
            "data": {"name": "flats", "examples": {"train": 1258}, "licence": "not stated"},
            "baseline": "base",
            "protocol": "on 40 rows",
        },
        score={"value": 30_066.2},
        metrics={"base": 115_883.1},
        task=SimpleNamespace(metric=SimpleNamespace(label="Error"), evaluation_protocol=""),
    )
    assert "Error **30,066** (trivial baseline 115,883), evaluated on 40 rows" in describe_model(bundle)


def test_typical_values_are_rounded_to_what_is_shown():
    assert rounded(705.0550000000001) == 705.055
    assert rounded(1_234_567.5) == 1_234_568
    assert typical_value(column("x", "numeric", 0.001, 0.298, typical=0.14450000000000002)) == 0.1445
    halfway = dates("2015-12-26", "2025-06-08", "2023-07-09T12:00")
    assert halfway.typical == "2023-07-09 12:00:00"
    assert (typical_value(halfway), column_range(halfway)) == ("2023-07-09", "2015-12-26\N{EN DASH}2025-06-08")
    times = dates("2015-12-26T07:30", "2025-06-08", "2023-07-09T12:00", ("month", "hour"))
    assert typical_value(times) == "2023-07-09 12:00:00"
    assert column_range(times) == "2015-12-26 07:30:00\N{EN DASH}2025-06-08"
    assert column_range(column("x", "numeric", 250.0, 18_424.0)) == "250\N{EN DASH}18,424"


def test_the_step_of_a_column_is_that_of_its_values():
    ranges = [(1.0, 4.0, 2.5), (1.0, 5.5, 2.5), (18.2, 67.1, 32.5), (25.0, 7200.0, 67.15), (0.001, 0.298, 0.1445)]
    steps = [value_step(column("x", "numeric", low, high, typical=typical)) for low, high, typical in ranges]
    assert steps == [1.0, 0.5, 0.1, 0.1, 0.001]


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


def test_a_figure_has_the_colors_of_the_page(credit, row):
    reasons = draw_reasons(credit, explain_row(credit, row), row)
    name = "duration_months"
    curve = draw_dependence(credit, vary_column(credit, row, column_named(credit, name), 24.0), row[name], 24.0)
    for figure in (reasons, curve):
        assert "currentColor" in figure
        assert INK not in figure
        assert "#ffffff" not in figure
        assert re.search(r"font(-size)?: 12px", figure)


@pytest.mark.parametrize(
    "changes", [{"a": -40.5, "b": 3.0}, {"a": -40.5}, {"a": 40.5, "b": 40.5}, {"a": 1e-3, "b": -9.0}]
)
def test_bars_leave_room_for_their_labels_and_texts_are_wrapped(changes):
    """Labels and lines have as many inches as characters of DejaVu Sans, which is wider than most fonts, need."""
    columns = [column(name, "numeric", 0.0, 9.0, typical=1.0) for name in changes]
    model = model_of(columns, dict, labels=["no", "yes"])
    row = dict.fromkeys(changes, "2024-12-01 is a long text of a category")
    figure = draw_reasons(model, Reasons(0.5, 0.5, {name: change / 100 for name, change in changes.items()}), row)
    labels = re.findall(r'text-anchor: (start|end)[^"]*" x="([\d.-]+)"[^>]*>([^<]+ points)</text>', figure)
    assert len(labels) == len(changes)
    for anchor, place, text in labels:
        length = 0.6 * 12 * len(text)
        first = float(place) - length * (anchor == "end")
        assert 0 <= first <= first + length <= 4.5 * 72, text
    lines = re.findall(r">([^<]+)</text>", figure)
    assert lines.count("(typical 1)") == len(changes)
    assert max(map(len, lines)) <= 42


def test_red_is_only_for_an_event_that_the_training_declared(credit, row):
    columns = [column("x", "numeric", 0.0, 9.0, typical=1.0)]

    def predict(row):
        return Labelled(label="yes", probability=0.6 + row["x"] / 100, alternatives={}, warnings=(), label_set=("yes",))

    labels = model_of(columns, predict, labels=["no", "yes"])
    other = {"x": 9.0}
    reasons = explain_row(labels, other)
    drawn = [
        answer_html(labels, predict(other)),
        draw_reasons(labels, reasons, other),
        draw_dependence(labels, vary_column(labels, other, columns[0], 5.0), 9.0, 5.0),
    ]
    for html in drawn:
        assert BLUE in html
        assert RED not in html
    assert RED in answer_html(credit, credit.bundle.predict([row])[0])
    assert RED in draw_reasons(credit, explain_row(credit, row), row)


def test_dependence_is_the_prediction_for_each_value(credit, row):
    duration = column_named(credit, "duration_months")
    numbers = vary_column(credit, row, duration, 24.0)
    assert (numbers.values[0], numbers.values[-1]) == (4.0, 60.0)
    expected = [
        prediction.risk for prediction in credit.bundle.predict([row | {duration.name: v} for v in numbers.values])
    ]
    assert numbers.row.tolist() == expected
    typical = credit.bundle.predict([credit.typical | {duration.name: numbers.values[3]}])[0].risk
    assert numbers.typical[3] == typical
    categories = vary_column(credit, row, column_named(credit, "checking_status"), "A14")
    assert sorted(categories.values) == ["A11", "A12", "A13", "A14"]
    assert categories.row[categories.values.index("A11")] == credit.numbers([row])[0]


def area_model():
    """A model of prices that rise to an area of 200, and a column whose range has one outlier."""
    area = column("area", "numeric", 25.0, 7200.0, typical=67.15, spread=33.0)
    return model_of([area], lambda row: {"value": 5000.0 * min(row["area"], 200.0), "warnings": ()}), area


def marker_heights(figure, color):
    """Return the vertical places of the markers of a color in an SVG."""
    uses = re.findall(r'<use xlink:href="#\w+" x="[\d.]+" y="([\d.]+)" style="fill: (#\w+)', figure)
    return [float(height) for height, fill in uses if fill == color]


def test_dots_are_at_the_prediction_of_the_model():
    """An outlier makes the grid coarse: between its values a straight line is far from the model."""
    model, area = area_model()
    dependence = vary_column(model, {"area": 82.0}, area, 120.0)
    assert {82.0, 120.0, 25.0, 7200.0} <= set(dependence.values)
    assert dependence.values == sorted(set(dependence.values))
    assert dependence.row[dependence.values.index(120.0)] == 600_000
    usual = [value for value in dependence.values if value <= 133.15]
    assert len(usual) >= 20
    figure = draw_dependence(model, dependence, 82.0, 120.0)
    tick = re.compile(r'y="([\d.]+)" style="fill: currentColor[^>]*>(?:(?!<use).)*?>([\d,]+)</text>', re.DOTALL)
    heights = {label: float(height) for height, label in tick.findall(figure)}
    scale = (heights["600,000"] - heights["400,000"]) / 200_000
    (this_row,), (what_if, _) = marker_heights(figure, BLUE), marker_heights(figure, ORANGE)  # and that of the legend
    assert what_if == pytest.approx(heights["600,000"], abs=1e-3)
    assert this_row == pytest.approx(heights["400,000"] + scale * 10_000, abs=1e-3)


def test_a_missing_value_has_no_dot():
    model, area = area_model()
    dependence = vary_column(model, {"area": 50.0}, area, None)
    assert 50.0 in dependence.values
    assert marker_heights(draw_dependence(model, dependence, 50.0, None), ORANGE) == []


def test_values_of_a_slider():
    whole, real = column("age", "numeric", 19.0, 75.0, typical=33.5), column("bmi", "numeric", 18.2, 67.1, typical=32.5)
    assert slider_bounds(whole, 30.0) == (19.0, 75.0, 1.0)
    assert slider_bounds(whole, 90.0) == (19.0, 90.0, 1.0)
    assert slider_bounds(whole, None) == (19.0, 75.0, 1.0)
    assert slider_bounds(real, 20.0) == (18.2, 67.1, 0.1)
    assert slider_bounds(column("rooms", "numeric", 1.0, 5.5, typical=2.5), 3.0) == (1.0, 5.5, 0.5)
    assert slider_bounds(area_model()[1], 82.0) == (25.0, 7200.0, 1.0)
    others = [column("day", "date", 1.0, 9.0), column("one", "numeric", 2.0, 2.0)]
    assert [can_vary(column) for column in (whole, *others)] == [True, False, False]


def test_the_category_of_a_row_is_among_those_that_are_shown():
    names = tuple(f"c{number}" for number in range(20))
    kind = column("kind", "categorical", categories=names, typical="c0")
    model = model_of([kind], lambda row: {"value": int(row["kind"][1:]), "warnings": ()})
    assert vary_column(model, {"kind": "c17"}, kind, "c0").values == [*names[:11], "c17"]
    assert vary_column(model, {"kind": None}, kind, "c1").values == list(names[:12])
    assert vary_column(model, {"kind": "c17"}, kind, "c18").values == [*names[:10], "c17", "c18"]
    assert vary_column(model, {"kind": "c17"}, kind, "c17").row[-1] == 17


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
    assert 'At or above the threshold of 16.7%: counts as <b class="decision">bad</b>' in answer
    assert "<b>Warning:</b> age 90 is outside the training range 19\N{EN DASH}75" in answer
    typical = answer_html(credit, credit.bundle.predict([credit.typical])[0])
    assert 'Below the threshold of 16.7%: counts as <b class="decision">good</b>' in typical
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
        draw_dependence(model, vary_column(model, row, model.columns[0], "c"), "<b>", "c"),
    ]
    for html in shown:
        assert "<script" not in html
        assert "<img" not in html
        assert "<b><" not in html


def test_similar_training_rows_are_under_the_reasons_if_the_bundle_has_any(credit, row):
    assert similar_html(credit, explain_row(credit, row), row) == ""
    names = [f"x{number}" for number in range(7)]
    near = SimpleNamespace(distance=0.0625, target="<b>no", values=dict.fromkeys(names, 1234567.5) | {"x6": None})
    rows = SimpleNamespace(nearest=lambda row: [near, near])
    model = model_of(
        [column(name, "numeric", 0.0, 9.0, typical=1.0) for name in names],
        lambda row: {"value": 9 * row["x6"] - row["x2"], "warnings": ()},
        target="churn",
        similar_rows=rows,
    )
    asked = dict.fromkeys(names, 1.0) | {"x6": 5.0, "x2": 3.0}
    html = similar_html(model, explain_row(model, asked), asked)
    assert re.findall("<th[^>]*>([^<]*)<", html) == ["distance", "churn", "x6", "x2", "x0", "x1"]
    cells = re.findall("<td[^>]*>([^<]*)<", html)
    assert cells == 2 * ["0.062", "&lt;b&gt;no", "missing", *["1,234,568"] * 3]


def test_the_example_table_is_answered(credit, tmp_path):
    table = write_example_table(credit, tmp_path / "rows.csv")
    answer = answer_table(credit, table, tmp_path / "out.csv")
    answered = pl.read_csv(tmp_path / "out.csv")
    assert len(answer.rows) == len(answered) == ROWS
    assert answer.headers == ["row", "probability of bad", "counts as", *credit.typical, "warnings"]
    bad = answered["positive"].sum()
    assert f"<b>{bad}</b> count as bad, from the threshold of 16.7% on; 0 with warnings" in answer.summary
    assert [row[1] for row in answer.rows] == [f"{risk:.1%}" for risk in answered["risk"]]
    pl.read_csv(table).with_columns(age=90).write_csv(table)
    warned = answer_table(credit, table, tmp_path / "warned.csv")
    assert "40 with warnings" in warned.summary
    assert warned.rows[1][-1] == "age 90 is outside the training range 19\N{EN DASH}75"


def test_a_table_with_decimal_commas_is_answered_in_its_format(credit, tmp_path):
    table = pl.read_csv(write_example_table(credit, tmp_path / "rows.csv")).with_columns(pl.col("age") + 0.5)
    table.write_csv(tmp_path / "excel.csv", separator=";", decimal_comma=True)
    table.write_csv(tmp_path / "plain.csv")
    answer = answer_table(credit, tmp_path / "excel.csv", tmp_path / "out.csv")
    plain = answer_table(credit, tmp_path / "plain.csv", tmp_path / "plain_out.csv")
    assert answer.summary == plain.summary
    assert [row[:3] for row in answer.rows] == [row[:3] for row in plain.rows]
    out = pl.read_csv(tmp_path / "out.csv", separator=";", decimal_comma=True)
    assert out["risk"].to_list() == pl.read_csv(tmp_path / "plain_out.csv")["risk"].to_list()


def test_the_example_table_has_values_like_those_of_the_training(tmp_path):
    """Around the medians, although each range has an outlier."""
    grades = ("low", "medium", "high")
    columns = [
        column("area", "numeric", 25.2, 7200.0, typical=67.15, spread=33.0),
        column("year", "numeric", 0.0, 2023.0, typical=1950.0, spread=77.0),
        column("rooms", "numeric", 1.0, 5.5, typical=2.5, spread=1.5),
        column("one", "numeric", 4.0, 4.0, typical=4.0),
        column("grade", "ordinal", 0.0, 2.0, categories=grades, typical="medium"),
        dates("2024-01-02", "2025-06-23", "2024-09-27T12:00"),
    ]
    model = model_of(columns, lambda row: {"value": 0.0, "warnings": ()})
    table = pl.read_csv(write_example_table(model, tmp_path / "rows.csv"), try_parse_dates=True)
    assert table.dtypes == [pl.Float64, pl.Int64, pl.Float64, pl.Int64, pl.String, pl.Date]
    assert table["area"].is_between(25.2, 117).all()
    assert (table["area"].round(1) == table["area"]).all()
    assert table["year"].is_between(1834, 2023).all()
    assert (table["rooms"] * 2 % 1 == 0).all()
    assert table["rooms"].is_between(1, 5).all()
    assert table["one"].unique().to_list() == [4]
    assert set(table["grade"]) == set(grades)
    assert "2024-01-02" <= str(table["day"].min()) <= str(table["day"].max()) <= "2025-06-23"
    assert table["day"].n_unique() > 20


def test_columns_of_a_table_may_be_called_like_those_of_the_answer(diabetes, tmp_path):
    table = pl.read_csv(write_example_table(diabetes, tmp_path / "rows.csv")).with_columns(risk=pl.lit("unknown"))
    table.write_csv(tmp_path / "risk.csv")
    answer = answer_table(diabetes, tmp_path / "risk.csv", tmp_path / "out.csv")
    assert answer.rows[0][1] == f"{pl.read_csv(tmp_path / 'out.csv')['risk_answer'][0]:.1%}"
    assert answer.headers[-2:] == ["risk", "warnings"]
    assert answer.rows[0][-2:] == ["unknown", ""]


def test_rows_that_cannot_be_read_are_named(diabetes, tmp_path, monkeypatch):
    """Tables of the shipped models have no such rows: `predict_table` is made to report one."""

    def predict_second_unreadable(bundle, table, out, **options):
        result = predict_table(bundle, table, out, **options)
        first, second = pl.read_csv(out, infer_schema=False).rows(named=True)
        pl.DataFrame([first, {name: second.get(name) for name in diabetes.typical}]).write_csv(out)
        return result._replace(unreadable={2: "column 'age': expected a number"})

    monkeypatch.setattr("plexus_apps.risk_desk.table_answer.predict_table", predict_second_unreadable)
    pl.DataFrame([diabetes.typical, diabetes.typical]).write_csv(tmp_path / "rows.csv")
    answer = answer_table(diabetes, tmp_path / "rows.csv", tmp_path / "out.csv")
    assert "<b>1 cannot be read</b> and have no prediction: row 2: column &#x27;age&#x27;: expected" in answer.summary
    assert [row[:2] for row in answer.rows] == [[1, diabetes.shown(diabetes.numbers([diabetes.typical])[0])], [2, ""]]
    assert answer.rows[1][-1] == "cannot be read: column 'age': expected a number"


def page_functions(bundle, name="model"):
    page = make_page({name: bundle})
    return {function.name: function.fn for function in page.fns.values()}, page


@pytest.mark.slow
def test_the_page_answers_and_tries_values(credit):
    """Calls the functions of the page as Gradio does."""
    functions, _ = page_functions(credit.bundle)
    values = [*(credit.typical | CHANGES).values()]
    shown_for, slider, category, change, figure = functions["choose"]((), "duration_months", *values)
    assert (slider.value, slider.minimum, slider.maximum, slider.visible, category.visible) == (48, 4, 60, True, False)
    assert "duration_months: 48<br>Probability of bad: " in change
    change, other_figure = functions["try_value"]("duration_months", 24, None, *values)
    assert "duration_months: 48 → <b>24</b>" in change
    assert other_figure != figure
    assert functions["choose"](shown_for, "duration_months", *values) == gr.skip(), "a second event changes nothing"
    _, slider, category, _, _ = functions["choose"](shown_for, "checking_status", *values)
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
    assert (table.visible, download.interactive) == (False, False)
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
