"""Tables as other people have them: what is read, counted or refused, and that nothing is repaired silently."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from plexus import InputError
from plexus_tables.ambiguous_dates import find_ambiguous_date
from plexus_tables.column_fitting import robust_scale
from plexus_tables.column_lists import join_names, parse_names
from plexus_tables.dataset_building import (
    classification_dataset,
    read_classification,
    read_regression,
    regression_dataset,
)
from plexus_tables.diagnosis.options import DiagnoseOptions
from plexus_tables.diagnosis.task import Diagnose
from plexus_tables.events.positive_label import check_outcomes, event_last
from plexus_tables.extreme_values import find_extremes
from plexus_tables.frames import to_frame
from plexus_tables.options import TableOptions
from plexus_tables.risk.options import RiskOptions
from plexus_tables.risk.task import Risk
from plexus_tables.table_encoder import TableEncoder, smoothly_clipped
from plexus_tables.table_source import TableSource
from plexus_tables.table_splits import split_test
from plexus_tables.unit_texts import find_unit
from plexus_tables.value_bands import value_bands

ROWS = 100


def options(**values):
    return TableOptions.parse({"data": "t"} | values)


def table(**columns):
    return pl.DataFrame({"x": np.arange(ROWS) % 23, "y": ["a", "b"] * (ROWS // 2)}).with_columns(
        **{name: pl.Series(values) for name, values in columns.items()}
    )


def dataset_of(frame, **values):
    return classification_dataset(TableSource(frame, "t"), options(target="y", **values))


def write(folder, frame):
    frame.write_csv(folder / "t.csv")
    return str(folder / "t.csv")


# Cells.


@pytest.mark.slow
def test_dates_that_are_none_are_counted_and_missing():
    days = [f"2024-{row % 12 + 1:02d}-{row % 28 + 1:02d}" for row in range(ROWS)]
    days[3], days[40], days[41] = "soon", "2024-02-30", None
    dataset = dataset_of(table(day=days))
    assert dataset.kinds["day"] == "date"
    (line,) = (line for line in dataset.findings.lines() if "no dates" in line)
    assert line.startswith("2 values in columns of dates are no dates and count as missing: column day, row 4: 'soon'")
    assert dataset["train"].inputs.frame["day"].null_count() + dataset["test"].inputs.frame["day"].null_count() == 3
    with pytest.raises(InputError, match=r"column day, row 4: 'soon' \(--strict\)"):
        dataset_of(table(day=days), strict=True)


def test_dates_of_two_formats_are_counted():
    days = [f"{row % 28 + 1:02d}/{row % 12 + 1:02d}/2024" for row in range(ROWS)]
    days[7] = "2024-03-01"
    dataset = dataset_of(table(day=days))
    assert "1 date is in a second format: column day, row 8: '2024-03-01'" in dataset.findings.lines()
    assert not any("day/month" in line for line in dataset.findings.lines())  # 28/01/2024 tells the order
    assert dataset["train"].inputs.frame["day"].null_count() == 0


@pytest.mark.slow
def test_the_order_of_dates_that_may_be_day_or_month_first_is_stated():
    days = [f"{row % 12 + 1:02d}/{row * 5 % 12 + 1:02d}/2024" for row in range(ROWS)]
    iso = [f"2024-{row % 12 + 1:02d}-{row % 28 + 1:02d}" for row in range(ROWS)]
    iso[7] = "1/5/2025"
    dataset = dataset_of(table(day=days, seen=iso, other=[day.replace("/", ".") for day in days]))
    assert dataset.kinds["day"] == dataset.kinds["seen"] == dataset.kinds["other"] == "date"
    (line,) = (line for line in dataset.findings.lines() if "day/month" in line)
    assert line == (
        "2 columns have dates that may be day/month or month/day: if they were read in the wrong order, write them as "
        "YYYY-MM-DD: column day, row 2: '02/06/2024' was read as 2024-06-02, day/month; column seen, row 8: '1/5/2025' "
        "was read as 2025-05-01, day/month"
    )
    encoder = dataset.fit_encoder()
    column = next(column for column in encoder.columns if column.name == "day")
    assert column.column_numbers(pl.Series(["02/06/2024"]))[0] * 86_400 == datetime(2024, 6, 2, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("proof", "order"), [("02/25/2024", ""), ("25/02/2024", ""), ("", "day/month")])
def test_one_date_tells_the_order_of_its_column(proof, order):
    days = [f"{row % 12 + 1:02d}/{row * 5 % 12 + 1:02d}/2024" for row in range(ROWS)]
    days[3] = proof or days[3]
    date = find_ambiguous_date(pl.Series("day", days))
    assert (date.order if date else "") == order


def test_the_order_of_the_column_of_times_is_stated():
    days = [f"{row % 12 + 1:02d}/{row * 5 % 12 + 1:02d}/2024" for row in range(ROWS)]
    (line,) = (line for line in dataset_of(table(day=days), time="day").findings.lines() if "day/month" in line)
    assert line.endswith("column day, row 2: '02/06/2024' was read as 2024-06-02, day/month")


def test_numbers_with_a_unit_are_named():
    area = [f"{row * 7 % 60 + 40} m²" for row in range(ROWS)]
    weight = [f"{row * 3 % 40},5kg" for row in range(ROWS)]
    dataset = dataset_of(table(area=area, weight=weight))
    (line,) = (line for line in dataset.findings.lines() if "unit" in line)
    assert line == (
        "2 columns hold numbers with a unit, and are of texts: remove the units from their cells to use them as "
        "numbers: column area, row 1: '40 m²'; column weight, row 1: '0,5kg'"
    )
    dataset = dataset_of(table(area=[f"{row * 7 + 40} m²" for row in range(ROWS)], x2=list(range(ROWS))[::-1]))
    assert "area" in dataset.left_out  # an identifier or a text is named, too
    assert any("column area, row 1: '40 m²'" in line for line in dataset.findings.lines())


@pytest.mark.parametrize(
    "values",
    [
        ["36 months", "60 months"],
        ["5 May", "6 May", "7 June", "8 July", "9 April"],
        ["12a", "13b", "14c", "15d"],
        ["A4", "B5", "C6"],
        ["1.5", "2.5", "3 kg", "7.5"],
        ["3 mg", "4 mg", "none", "5 mg", "much"],
    ],
)
def test_other_texts_are_no_numbers_with_a_unit(values):
    assert find_unit(pl.Series("x", values * 20)) is None


@pytest.mark.parametrize("unit", [" kg", " km/h", " mg/dL", "µg/m3", " °C", " m²", " per day"])
def test_units(unit):
    numbers = ["12", "-3.5", "1.200", "7,5"]
    assert find_unit(pl.Series("x", [None, *(f"{number}{unit}" for number in numbers)])) == 1


def test_values_that_are_none_of_the_ordered_categories_are_counted():
    grades = [("low", "medium", "high")[row % 3] for row in range(ROWS)]
    dataset = dataset_of(table(grade=grades), ordinal="grade=low<medium")
    (line,) = (line for line in dataset.findings.lines() if "ordinal" in line)
    assert line.startswith("33 values in ordinal columns are none of their categories and count as missing")
    assert "column grade, row 3: 'high'" in line
    with pytest.raises(InputError, match=r"t: --ordinal grade=S<M: the column has none of them, but values like 'low'"):
        dataset_of(table(grade=grades), ordinal="grade=S<M")


def test_placeholders_for_missing_numbers_are_counted():
    values = ["-" if row % 4 == 0 else f"{row / 7:.2f}" for row in range(ROWS)]
    dataset = dataset_of(table(dose=values))
    assert dataset.kinds["dose"] == "numeric"
    assert any(line.startswith("25 values in numeric columns are no numbers") for line in dataset.findings.lines())
    (column,) = (column for column in dataset.fit_encoder().columns if column.name == "dose")
    assert column.flag_missing
    assert column.high == pytest.approx(99 / 7, abs=0.01)


def test_numbers_that_are_written_in_several_ways_are_listed(tmp_path):
    values = ["1.234,5" if row == 3 else "$7" if row == 5 else f"{row / 7:.2f}" for row in range(ROWS)]
    dataset = read_classification(options(data=write(tmp_path, table(dose=values)), strict=True))
    assert dataset.kinds["dose"] == "numeric"
    assert (
        "2 numbers are written as text: column dose, row 4: '1.234,5', read as 1234.5; column dose, row 6: '$7', "
        "read as 7" in dataset.findings.lines()
    )


def test_columns_of_numbers_and_texts_are_listed():
    codes = ["refused", "never", "unknown", "other"]
    values = [codes[row // 4 % 4] if row % 4 == 0 else f"{row % 33}.5" for row in range(ROWS)]
    dataset = dataset_of(table(dose=values, color=["red", "blue"] * (ROWS // 2)))
    assert dataset.kinds["dose"] == "categorical"
    (line,) = (line for line in dataset.findings.lines() if "numbers and texts" in line)
    assert line.startswith("1 column holds numbers and texts, and is one of categories")
    assert line.endswith("to use it as numbers: dose")


def test_a_mark_or_nothing_is_a_feature():
    marks = ["x" if row % 3 else None for row in range(ROWS)]
    dataset = dataset_of(table(mark=marks))
    encoded = dataset.fit_encoder().encode([{"x": 1, "mark": "x"}, {"x": 1, "mark": None}])["indicators"]
    assert not np.array_equal(encoded[0], encoded[1])


def test_labels_and_groups_are_the_cells_of_the_file(tmp_path):
    versions = [("1.1", "1.10", "2.5")[row % 3] for row in range(ROWS)]
    place = write(tmp_path, table(y=versions))
    assert set(read_classification(options(data=place)).whole.targets) == {"1.1", "1.10", "2.5"}
    dataset = read_classification(options(data=write(tmp_path, table(version=versions)), group="version"))
    assert len(np.unique(dataset.whole.groups)) == 3


def test_truth_values_are_no_numbers_that_are_written_as_text():
    values = ["x" if row == 5 else "$3" if row == 7 else ("TRUE", "false")[row % 2] for row in range(ROWS)]
    lines = dataset_of(table(flag=values)).findings.lines()
    assert "1 value in a numeric column is no number and counts as missing: column flag, row 6: 'x'" in lines
    assert "1 number is written as text: column flag, row 8: '$3', read as 3" in lines


def test_categories_and_labels_that_differ_only_in_case_are_remarked():
    plans = ["Basic" if row % 4 else "basic " if row % 8 else "Pro" for row in range(ROWS)]
    dataset = dataset_of(table(plan=plans, color=["red", "blue"] * (ROWS // 2)), strict=True)
    (line,) = dataset.findings.lines()
    assert line == (
        "1 column has categories that differ only in upper and lower case, and count as different: column plan: "
        "'Basic', 'basic'"
    )
    dataset = dataset_of(table(y=["a", "b", "A", "b"] * (ROWS // 4), plan=plans))
    (line,) = dataset.findings.lines()
    assert line.startswith("2 columns have categories")
    assert line.endswith("column plan: 'Basic', 'basic'; column y: 'A', 'a'")


# Numbers far from all others.


def flats(rows=298):
    generator = np.random.default_rng(0)
    return {
        "price": generator.lognormal(12.5, 0.35, rows).round(),
        "area": generator.normal(75, 20, rows).clip(20, 150).round(),
        "year": generator.integers(1950, 2021, rows),
        "balance": generator.normal(0, 1000, rows),
    }


def test_numbers_far_from_all_others_are_remarked_and_stay(tmp_path):
    columns = flats()
    columns["price"][0] = 672_596
    columns["price"][297], columns["area"][9], columns["year"][[4, 5]] = 87e6, 7200, [0, 9999]
    columns["price"][:297] = columns["price"][:297].clip(0, 672_596)
    source = TableSource(pl.DataFrame(columns), "t")
    dataset = regression_dataset(source, options(target="price", strict=True))
    (line,) = dataset.findings.lines()
    assert line.startswith("4 numbers are far from all others: check them, or leave the rows out: ")
    assert dataset.count("train") + dataset.count("test") == 298
    extremes = {name: [str(extreme) for extreme in find_extremes(source.frame[name])] for name in columns}
    highest = int(np.delete(columns["area"], 9).max())
    years = np.sort(columns["year"])[1:-1]
    assert extremes == {
        "price": ["87,000,000 in row 298 (next: 672,596)"],
        "area": [f"7,200 in row 10 (next: {highest})"],
        "year": [f"0 in row 5 (next: {years[0]:,})", f"9,999 in row 6 (next: {years[-1]:,})"],
        "balance": [],
    }
    one = pl.DataFrame(flats() | {"price": columns["price"]})
    (line,) = regression_dataset(TableSource(one, "t"), options(target="price")).findings.lines()
    assert line == (
        "1 number is far from all others: check it, or leave the row out: column price: 87,000,000 in row 298 "
        "(next: 672,596)"
    )


def test_more_than_three_far_numbers_are_none():
    values = flats()["area"]
    values[:3] = 7200
    assert len(find_extremes(pl.Series(values))) == 3
    values[:4] = 7200
    assert find_extremes(pl.Series(values)) == []
    assert find_extremes(pl.Series([0.0] * 300 + [1.0, 1.0, 7200.0])) == []
    assert find_extremes(pl.Series([*np.linspace(-1, 1, 50) * 1e307, 1.7e308])) == []
    assert find_extremes(pl.Series([*range(18), 10**9])) == []  # too few


@pytest.mark.parametrize("seed", range(5))
def test_skewed_and_heavy_tailed_columns_have_no_far_numbers(seed):
    generator = np.random.default_rng(seed)
    for rows in (100, 300, 3000):
        for deviation in (0.3, 0.5, 1, 1.5, 2, 3):
            incomes = generator.lognormal(10, deviation, rows)
            assert find_extremes(pl.Series(incomes)) == []
            assert find_extremes(pl.Series(-incomes)) == []
        for values in (
            generator.exponential(size=rows),
            generator.poisson(0.2, rows),
            generator.geometric(0.5, rows),
            generator.standard_t(3, rows),
            generator.pareto(2, rows),
        ):
            assert find_extremes(pl.Series(values)) == []


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "wine"])
def test_embedded_sets_have_no_remarks(name):
    read = read_regression if name == "diabetes" else read_classification
    assert read(options(data=name)).findings.lines() == []


@pytest.mark.data
@pytest.mark.parametrize("name", ["german_credit", "pima_diabetes", "banknote_authentication"])
def test_named_sets_have_no_remarks(name):
    assert read_classification(options(data=name)).findings.lines() == []


# Sizes.


def test_numbers_whose_differences_overflow_are_scaled():
    values = np.linspace(-1.0, 1.0, 101) * 1e308
    assert robust_scale(values) == pytest.approx((0.0, 1e-308), rel=1e-12, abs=1e290)
    assert robust_scale(np.array([-1e308, -1e308, -1e308, 1e308])) == pytest.approx((-1e308, 2e-308), rel=1e-12)
    frame = pl.DataFrame({"big": values})
    encoder = TableEncoder.fit(frame, {"big": "numeric"}, options())
    numbers = encoder.encode([{"big": -1e308}, {"big": 0.0}, {"big": 1e308}])["numbers"][:, 0]
    np.testing.assert_allclose(numbers, smoothly_clipped(np.array([-1.0, 0.0, 1.0])), rtol=1e-6)


@pytest.mark.parametrize(
    ("unit", "message"),
    [(1e39, r"row 100: 9\.9e\+40 is larger than 1e\+38: give"), (1e-300, "differ by at most 9.9e-299, so that their")],
)
def test_targets_that_networks_cannot_compute_with(tmp_path, unit, message):
    frame = table(y=(np.arange(ROWS) % 100) * unit)
    with pytest.raises(InputError, match=message):
        read_regression(options(data=write(tmp_path, frame))).fit_encoder()


def test_texts_that_are_too_long_for_a_bundle_are_refused_before_the_training():
    with pytest.raises(InputError, match="row 2: a label of 20,000 characters, expected at most 10,000"):
        dataset_of(table(y=["a", "b" * 20_000] * (ROWS // 2))).fit_encoder()
    with pytest.raises(InputError, match="t: the name of column 3 has 20,000 characters, expected at most 10,000"):
        dataset_of(table(**{"n" * 20_000: range(ROWS)}))


def test_tables_in_memory_of_rare_types():
    periods = pd.DataFrame({"month": pd.period_range("2024-01", periods=3, freq="M")})
    assert to_frame(periods)["month"].to_list() == ["2024-01", "2024-02", "2024-03"]
    sets = pl.DataFrame({"set": pl.Series([{1}, {2}], dtype=pl.Object)})
    assert to_frame(sets)["set"].to_list() == ["{1}", "{2}"]
    wide = pl.DataFrame({"wide": pl.Series([2**70, 1], dtype=pl.Int128)})
    assert to_frame(wide)["wide"].to_list() == [str(2**70), "1"]
    with pytest.raises(InputError, match="the table has no columns"):
        to_frame(pd.DataFrame(index=range(3)))


MOMENT = datetime(2024, 2, 20, 6)


@pytest.mark.parametrize(
    ("column", "value", "same"),
    [
        ("day", np.datetime64("2024-02-20T06"), "2024-02-20 06:00:00"),
        ("day", pd.Timestamp(MOMENT), "2024-02-20 06:00:00"),
        ("day", MOMENT, "2024-02-20 06:00:00"),
        ("day", pd.NaT, None),
        ("day", np.datetime64("NaT"), None),
        ("day", pd.NA, None),
        ("stay", timedelta(hours=2), 7200.0),
        ("stay", np.timedelta64(2, "h"), 7200.0),
        ("stay", pd.Timedelta(hours=2), 7200.0),
        ("stay", np.timedelta64("NaT"), None),
        ("stay", pd.NA, None),
        ("flag", np.True_, "true"),
        ("flag", pd.NA, None),
    ],
)
def test_cells_of_numpy_and_pandas_are_those_of_the_table(column, value, same):
    frame = pl.DataFrame(
        {
            "day": [MOMENT + timedelta(days=row, hours=row) for row in range(40)],
            "stay": [3600.0 * row for row in range(40)],
            "flag": ["true", "false", "unknown", None] * 10,
        }
    )
    encoder = TableEncoder.fit(frame, {"day": "date", "stay": "numeric", "flag": "categorical"}, options())
    row = {"day": "2024-03-01", "stay": 10.0, "flag": "unknown"}
    rows, same_rows = [row | {column: value}], [row | {column: same}]
    encoded = encoder.encode(rows)
    for name, array in encoder.encode(same_rows).items():
        np.testing.assert_array_equal(encoded[name], array)
    assert encoder.warnings(rows, encoder.read(rows)) == encoder.warnings(same_rows, encoder.read(same_rows))


# Options.


def test_names_that_hold_commas():
    columns = ["a", "b,c", 'd"e']
    assert parse_names("b,c", columns, "--ignore") == ["b,c"]
    assert parse_names('a, "b,c"', columns, "--ignore") == ["a", "b,c"]
    assert parse_names(join_names(columns), columns, "--ignore") == columns


@pytest.mark.parametrize("option", ["group", "time"])
def test_options_that_name_the_target(option):
    with pytest.raises(InputError, match=f"t: --{option} y: this column is the target"):
        dataset_of(table(), **{option: "y"}).fit_encoder()


def risk_dataset(protected, **columns):
    parsed = RiskOptions.parse({"data": "t", "target": "y", "protected": protected})
    frame = table(age=np.linspace(18, 90, ROWS) + np.arange(ROWS) % 2 / 7, name=[f"n{row}" for row in range(ROWS)])
    return classification_dataset(TableSource(frame.with_columns(**columns), "t"), parsed), parsed


def test_protected_columns_are_never_features():
    dataset, parsed = risk_dataset("x")
    assert "x" not in Risk("tables.risk").fit_codec(dataset, parsed).encoder.names
    assert dataset.left_out["x"] == "protected"
    parsed = RiskOptions.parse({"data": "t", "protected": "x"})
    frame, rows = table(age=np.linspace(18, 90, ROWS)), Risk("tables.risk")
    dataset = rows.make_dataset(rows.make_rows(frame.drop("y")), frame["y"].to_list(), parsed)
    assert rows.fit_codec(dataset, parsed).encoder.names == ["age"]


@pytest.mark.parametrize(
    ("protected", "message"),
    [
        ("y", "t: --protected y: this column is the target"),
        ("sex", r"there is no column in t \(option --protected\) 'sex'"),
        ("name", "--protected name: expected at most 20 groups, found 30 in the test rows"),
    ],
)
def test_protected_columns_are_checked_before_the_training(protected, message, monkeypatch):
    monkeypatch.setattr("plexus_tables.table_splits.TEST_SHARE", 0.3)
    dataset, parsed = risk_dataset(protected)
    with pytest.raises(InputError, match=message):
        Risk("tables.risk").fit_codec(dataset, parsed)


def test_numbers_of_protected_columns_and_subgroups_are_quartiles():
    series = pl.Series("age", [*range(1, 21), float("inf"), None], strict=False)
    bands = value_bands(series)
    assert bands.value_counts().sort("age").rows() == [
        (None, 2),
        ("10.5 to 15.25", 5),
        ("5.75 to 10.5", 5),
        ("above 15.25", 5),
        ("up to 5.75", 5),
    ]
    dataset, parsed = risk_dataset("age")
    assert Risk("tables.risk").fit_codec(dataset, parsed).encoder.names == ["x"]


def test_subgroups_are_checked_before_the_training(monkeypatch):
    monkeypatch.setattr("plexus_tables.table_splits.TEST_SHARE", 0.4)
    parsed = DiagnoseOptions.parse({"data": "t", "target": "y", "subgroups": "name"})
    frame = table(name=[f"n{row}" for row in range(ROWS)])
    dataset = classification_dataset(TableSource(frame, "t"), parsed)
    with pytest.raises(InputError, match="--subgroups name: expected at most 30 groups, found 40 in the test rows"):
        Diagnose("tables.diagnose").fit_codec(dataset, parsed)


# Splits and outcomes.


def test_times_are_split_where_the_share_is_closest():
    times = np.repeat([1.0, 2.0, 3.0], [70, 15, 15])
    assert split_test(np.zeros(100, int), 0, times=times)[1].tolist() == list(range(85, 100))
    times = np.repeat([1.0, 2.0, 3.0], [10, 80, 10])
    assert split_test(np.zeros(100, int), 0, times=times)[1].tolist() == list(range(90, 100))
    with pytest.raises(InputError, match="--time: most rows have the same time"):
        split_test(np.zeros(100, int), 0, times=np.repeat([1.0, 2.0], [10, 90]))


def test_a_label_of_test_rows_only_is_refused_before_the_training():
    labels = ["a", "b"] * (ROWS // 2 - 3) + ["new"] * 6
    dataset = dataset_of(table(y=labels, day=np.arange(ROWS) + 1000), time="day")
    with pytest.raises(InputError, match="t: label 'new', first in row 95, is in the test rows only"):
        dataset.fit_encoder()


def test_what_forbids_a_training_does_not_forbid_an_evaluation():
    frame = table(x=["old" if row == 2 else str(row) for row in range(ROWS)])[:10]
    dataset = dataset_of(frame, keep="notes", ignore="ward", increasing="ward")
    assert dataset["unseen"].targets == ["a", "b"] * 5
    assert dataset["unseen"].inputs.frame["x"][2] == "old"  # the encoder of the bundle decides what it is
    with pytest.raises(InputError, match="t has 10 rows: expected 20 or more"):
        dataset.fit_encoder()
    single = dataset_of(frame.with_columns(y=pl.lit("a")))
    assert single["unseen"].targets == ["a"] * 10
    with pytest.raises(InputError, match="column 'y' has one value only, 'a'"):
        dataset_of(table(y=["a"] * ROWS)).fit_encoder()


def test_rows_of_one_outcome_are_refused_and_few_are_noted(capsys):
    check_outcomes({"train": ["ill", "well"] * 20}, "t")
    assert capsys.readouterr().err == ""
    check_outcomes({"test": ["ill", *["well"] * 30]}, "t")
    assert "t: 1 of 31 test rows have the label 'ill': metrics of so few rows are uncertain" in capsys.readouterr().err
    with pytest.raises(InputError, match="t: all 30 test rows have the label 'ill', expected both labels"):
        check_outcomes({"test": ["ill"] * 30}, "t")


@pytest.mark.parametrize(
    ("labels", "event"), [("0111", "1"), ("1222", "1"), ("1112", "2"), (["-1", "1", "1"], "1"), (["no", "1", "1"], "1")]
)
def test_one_is_the_event_beside_zero_only(labels, event):
    assert event_last(list(labels), None, "t")[1] == event
