"""Tables from files, databases, named sets and memory: targets, kinds of columns, leaks and splits."""

import json
import sqlite3
from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.metrics import roc_auc_score

from plexus import InputError
from plexus.plugins.registry import registry
from plexus.utils.user_settings import data_folder
from plexus_tables.column_kinds import infer_kinds
from plexus_tables.column_lists import parse_ordinal
from plexus_tables.column_notes import note_columns
from plexus_tables.dataset import TableDataset
from plexus_tables.dataset_building import (
    classification_dataset,
    read_classification,
    read_regression,
    regression_dataset,
)
from plexus_tables.datasets import DATASETS
from plexus_tables.frames import to_frame
from plexus_tables.leaks import find_leaks
from plexus_tables.options import TableOptions
from plexus_tables.table_source import TableSource, read_source
from plexus_tables.table_splits import assign_folds, split_test, strata_of

GENERATOR = np.random.default_rng(0)
ROWS = 400
LEAKS = ["risk", "copy", "discharge"]
LABELS = np.where(GENERATOR.random(ROWS) < 0.3, "ill", "well")
PATIENTS = pl.DataFrame(
    {
        "id": np.arange(1, ROWS + 1),
        "age": GENERATOR.integers(18, 93, ROWS),
        "sex": GENERATOR.choice(["f", "m"], ROWS),
        "ward": GENERATOR.choice(["a", "b", "c", None], ROWS).tolist(),
        "admitted": [date(2023, 1, 1) + timedelta(days=int(day)) for day in GENERATOR.integers(0, 700, ROWS)],
        "notes": [f"the patient number {row} came walking" for row in range(ROWS)],
        "grade": GENERATOR.choice(["low", "medium", "high"], ROWS),
        "site": ["north"] * ROWS,
        "code": [f"X{row:05}" for row in range(ROWS)],
        "nothing": [None] * ROWS,
        "outcome": LABELS,
    },
    schema_overrides={"nothing": pl.String},
)
KINDS = {
    "id": "identifier",
    "age": "numeric",
    "sex": "categorical",
    "ward": "categorical",
    "admitted": "date",
    "notes": "text",
    "grade": "categorical",
    "site": "constant",
    "code": "identifier",
    "nothing": "empty",
}


def options(**values):
    return TableOptions.parse(values)


def write(folder, text, name="a.csv"):
    file = folder / name
    file.write_text(text)
    return file


def csv(rows, header="a,b,y"):
    return "\n".join([header, *rows]) + "\n"


def learn(read, *arguments):
    """Begin a training with a dataset: what forbids a training does not forbid an evaluation."""
    result = read(*arguments)
    if isinstance(result, TableDataset):
        result.fit_encoder()


def error_of(read, *arguments):
    with pytest.raises(InputError) as caught:
        learn(read, *arguments)
    line = str(caught.value)
    assert "\n" not in line
    return line


# Named sets.


@pytest.mark.parametrize(
    ("name", "load"), [("breast_cancer", load_breast_cancer), ("wine", load_wine), ("diabetes", load_diabetes)]
)
def test_embedded_sets_have_the_columns_and_values_of_scikit_learn(name, load):
    bunch = load(scaled=False) if name == "diabetes" else load()
    frame = DATASETS[name].read_frame()
    assert frame.columns[:-1] == list(bunch.feature_names)
    np.testing.assert_array_equal(frame[:, :-1].to_numpy(), bunch.data)
    expected = bunch.target if name == "diabetes" else bunch.target_names[bunch.target]
    np.testing.assert_array_equal(frame[:, -1].to_numpy(), expected)


@pytest.mark.parametrize("name", ["breast_cancer", "wine"])
def test_embedded_sets_keep_all_columns(name, capsys):
    dataset = read_classification(options(data=name))
    assert set(dataset.kinds.values()) == {"numeric"}
    assert dataset.left_out == {}
    note_columns(dataset)
    assert "LEAK" not in capsys.readouterr().err
    assert "scikit-learn" in dataset.licence


@pytest.mark.slow
@pytest.mark.data
def test_german_credit():
    frame = DATASETS["german_credit"].read_frame()
    assert dict(frame["risk"].value_counts().iter_rows()) == {"good": 700, "bad": 300}
    assert frame.row(0)[:5] == ("A11", 6, "A34", "A43", 1169)
    assert frame["age"][:3].to_list() == [67, 22, 49]
    dataset = read_classification(options(data="german_credit"))
    assert list(dataset.kinds.values()).count("categorical") == 13
    assert list(dataset.kinds.values()).count("numeric") == 7
    assert dataset.count("test") == 150


@pytest.mark.data
def test_impossible_zeros_of_pima_diabetes_are_missing():
    frame = DATASETS["pima_diabetes"].read_frame()
    # The counts of zeros that are known of this data set, as in Smith et al. 1988's UCI copy.
    missing = {"glucose": 5, "blood_pressure": 35, "skin_thickness": 227, "insulin": 374, "bmi": 11}
    assert {name: frame[name].null_count() for name in missing} == missing
    assert frame["pregnancies"].null_count() == 0
    assert dict(frame["diabetes"].value_counts().iter_rows()) == {"negative": 500, "positive": 268}
    encoder = read_classification(options(data="pima_diabetes")).fit_encoder()
    assert encoder.feature_names["indicators"] == [f"{name} is missing" for name in missing]


@pytest.mark.data
def test_banknotes():
    dataset = read_classification(options(data="banknote_authentication"))
    assert list(dataset.kinds) == ["variance", "skewness", "curtosis", "entropy"]
    assert [dataset.whole.targets.count(label) for label in ("genuine", "forged")] == [762, 610]


# Files, databases, memory.


@pytest.mark.slow
def test_formats_give_the_same_dataset(tmp_path):
    table = PATIENTS.select("age", "sex", "grade", "outcome")
    table.write_csv(tmp_path / "a.csv")
    table.write_csv(tmp_path / "a.tsv", separator="\t")
    table.write_parquet(tmp_path / "a.parquet")
    table.write_ndjson(tmp_path / "a.jsonl")
    header = "@relation a\n@attribute age numeric\n" + "".join(
        f"@attribute {name} {{{','.join(table[name].unique().sort())}}}\n" for name in table.columns[1:]
    )
    (tmp_path / "a.arff").write_text(header + "@data\n" + table.write_csv(include_header=False))
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table patients (age, sex, grade, outcome)")
        connection.executemany("insert into patients values (?, ?, ?, ?)", table.rows())
    datasets = [
        read_classification(options(data=str(tmp_path / name)))
        for name in ("a.csv", "a.tsv", "a.parquet", "a.jsonl", "a.arff")
    ]
    query = {"data": f"sqlite:///{tmp_path / 'a.db'}", "query": "select * from patients"}
    datasets.append(read_classification(options(**query)))
    for frame in (table, table.lazy(), table.to_pandas(), table.to_dicts()):
        datasets.append(classification_dataset(TableSource.in_memory(frame), options()))
    expected = datasets[0].fit_encoder().encode(datasets[0]["train"].inputs)
    for dataset in datasets:
        assert dataset.target == "outcome"
        assert dataset.kinds == {"age": "numeric", "sex": "categorical", "grade": "categorical"}
        assert dataset["test"].targets == datasets[0]["test"].targets
        arrays = dataset.fit_encoder().encode(dataset["train"].inputs)
        for name, array in expected.items():
            np.testing.assert_array_equal(arrays[name], array)


def test_pandas_tables_with_missing_values_of_all_kinds():
    table = pd.DataFrame(
        {
            "number": [1.5, np.nan],
            "whole": pd.array([1, None], dtype="Int64"),
            "flag": pd.array([True, None], dtype="boolean"),
            "text": ["a", None],
            "category": pd.Categorical(["x", None]),
            "mixed": [1, "b"],
            "day": pd.to_datetime(["2024-01-31", None]),
            7: [1, 2],
        }
    )
    frame = to_frame(table)
    assert frame.columns == ["number", "whole", "flag", "text", "category", "mixed", "day", "7"]
    assert frame.row(0)[:6] == (1.5, 1, True, "a", "x", "1")
    assert frame.row(1)[:7] == (None, None, None, None, None, "b", None)
    assert frame["day"].dt.date()[0] == date(2024, 1, 31)


def test_targets_beside_the_table():
    source = TableSource.in_memory(np.arange(60).reshape(30, 2) % 7, np.array(["a", "b"] * 15))
    assert classification_dataset(source, options()).target == "target"
    source = TableSource.in_memory(pl.DataFrame({"target": np.arange(30) % 7}), list(range(30)))
    assert regression_dataset(source, options()).target == "target_1"
    assert "30 rows and 3 targets" in error_of(TableSource.in_memory, np.zeros((30, 2)), [1, 2, 3])


def test_arrays_have_numbered_columns():
    assert to_frame(np.array([[1.0, np.nan], [2.0, 3.0]])).to_dict(as_series=False) == {
        "column_0": [1.0, 2.0],
        "column_1": [None, 3.0],
    }
    assert to_frame(np.array([["a", 1], [None, 2]], object)).rows() == [("a", 1), (None, 2)]
    assert to_frame([[1, 2], [3, 4]]).columns == ["column_0", "column_1"]
    for wrong in (np.zeros(3), np.zeros((2, 2, 2)), [[1], [2, 3]], 7, np.zeros((0, 2))):
        assert error_of(to_frame, wrong)
    twice = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    assert "'a' more than once (columns 1, 3)" in error_of(to_frame, twice)


def test_passwords_are_not_in_the_options():
    parsed = options(data="postgresql://me:secret@host/shop", query="select 1")
    assert parsed.data == "postgresql://me@host/shop"
    assert parsed.data.password == "secret"
    assert "--query" in error_of(read_source, options(data="sqlite:///a.db"))
    assert "--query is for databases" in error_of(read_source, options(query="select 1"))


def test_a_query_with_two_columns_of_one_name(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table t (a, b)")
        connection.execute("insert into t values (1, 2)")
    wrong = options(data=f"sqlite:///{tmp_path / 'a.db'}", query="select a, a from t")
    assert "two columns of one name" in error_of(read_source, wrong)


# Bad tables.


def test_tables_that_cannot_be_used_are_one_line(tmp_path):
    double = write(tmp_path, csv(["1,2,3,n"], "a,b,a,y"))
    line = error_of(read_source, options(data=str(double)))
    assert "'a' is there more than once (columns 1 and 3)" in line
    assert "one column only" in error_of(read_source, options(data=str(write(tmp_path, "a\nx\ny\n"))))
    assert "no rows" in error_of(read_source, options(data=str(write(tmp_path, "a,b\n"))))
    pl.DataFrame({"a": [], "b": []}).write_parquet(tmp_path / "none.parquet")
    assert "no rows" in error_of(read_source, options(data=str(tmp_path / "none.parquet")))
    assert "no such file" in error_of(read_source, options(data=str(tmp_path / "b.csv")))
    assert "did you mean 'wine'" in error_of(read_source, options(data="wines"))
    (tmp_path / "a.txt").write_text("a")
    assert "expected a table" in error_of(read_source, options(data=str(tmp_path / "a.txt")))


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["a"] * 30, "column 'y' has one value only, 'a'"),
        ([str(row) + "x" for row in range(30)], "a different value in each of 30 rows"),
        (["a"] * 20 + ["b"] * 9 + ["c"], "such as 'c' in row 30"),
        ([f"c{row}" for row in range(29)] + ["c0"], "29 classes in 30 rows, 28 of them in one row only"),
        (["a", "", "b", ""] * 10, "column 'y', row 2 has no value; 20 of 40 rows have none"),
        (["a", "b", "NA"] * 10, "row 3 has no value ('NA' stands for a missing one)"),
        (["a", "b"] * 9, "has 18 rows: expected 20 or more"),
    ],
)
def test_targets_that_are_no_classes(tmp_path, targets, message):
    file = write(tmp_path, csv([f"{row},{row % 7},{target}" for row, target in enumerate(targets)]))
    line = error_of(read_classification, options(data=str(file)))
    assert message in line
    assert str(file) in line


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([3] * 30, "column 'y' has one value only, 3"),
        ([*range(29), "old"], "column 'y', row 30: 'old' is no finite number"),
        ([*range(28), "", 3], "column 'y', row 29 has no value"),
        ([*range(28), "inf", 3], "row 29: 'inf' is no finite number"),
        (["a", "b"] * 15, "row 1: 'a' is no finite number (30 rows have none)"),
    ],
)
def test_targets_that_are_no_numbers(tmp_path, targets, message):
    file = write(tmp_path, csv([f"{row},{row % 7},{target}" for row, target in enumerate(targets)]))
    assert message in error_of(read_regression, options(data=str(file)))


def test_the_target_is_found_by_its_name_else_it_is_the_last_column(capsys):
    table = pl.DataFrame({"Label": ["a", "b"] * 20, "x": range(40)})
    dataset = classification_dataset(TableSource(table.reverse(), "t"), options())
    assert dataset.target == "Label"
    assert "is the target" not in capsys.readouterr().err
    table = pl.DataFrame({"x": np.arange(40) % 7, "color": ["a", "b"] * 20})
    assert classification_dataset(TableSource(table, "t"), options()).target == "color"
    assert "t: the last column, color, is the target" in capsys.readouterr().err
    assert "did you mean 'color'" in error_of(classification_dataset, TableSource(table, "t"), options(target="colr"))


def test_labels_are_texts_and_whole_numbers_have_no_point():
    table = pl.DataFrame({"x": np.arange(40) % 7, "y": [1.0, 2.0] * 20})
    assert set(classification_dataset(TableSource(table, "t"), options()).whole.targets) == {"1", "2"}
    table = table.with_columns(y=pl.Series(["none", "Mild"] * 20))
    assert set(classification_dataset(TableSource(table, "t"), options()).whole.targets) == {"none", "Mild"}
    table = table.with_columns(y=pl.Series([True, False] * 20))
    assert set(classification_dataset(TableSource(table, "t"), options()).whole.targets) == {"true", "false"}


@pytest.mark.parametrize(
    "wrong", [{"group": "g"}, {"time": "g"}, {"ignore": "x,g"}, {"keep": "g"}, {"ordinal": "g=a<b"}]
)
def test_options_that_name_no_column(wrong):
    table = pl.DataFrame({"x": np.arange(40) % 7, "y": ["a", "b"] * 20})
    (option,) = wrong
    line = error_of(classification_dataset, TableSource(table, "t"), options(**wrong))
    assert f"--{option}" in line
    assert "'g'" in line


def test_the_form_of_ordinal_columns():
    assert parse_ordinal("grade = low < high; s=S<M<L;") == {"grade": ("low", "high"), "s": ("S", "M", "L")}
    for wrong in ("grade", "grade=low", "=a<b", "a=b<b", "a=b<", "a=b<c;a=d<e", "a=1<1.0", "a=NA<b"):
        assert "--ordinal must be columns with their categories" in error_of(TableOptions.parse, {"ordinal": wrong})


# Kinds.


@pytest.mark.slow
def test_kinds_are_inferred_and_stated(capsys):
    dataset = classification_dataset(TableSource(PATIENTS, "t"), options())
    assert infer_kinds(PATIENTS, PATIENTS.columns[:-1]) == KINDS
    features = [name for name, kind in KINDS.items() if kind in ("numeric", "categorical", "date")]
    assert list(dataset.kinds) == features
    note_columns(dataset)
    assert (
        "t: target outcome; 1 numeric: age; 3 categorical: sex, ward, grade; 1 date: admitted; left out: id "
        "(identifier), notes (text), site (constant), code (identifier), nothing (empty)"
    ) in capsys.readouterr().err
    assert dataset.findings.lines() == []
    used = classification_dataset(TableSource(PATIENTS, "t"), options(keep="id,code", ignore="ward"))
    assert used.kinds["id"] == "numeric"
    assert used.kinds["code"] == "categorical"
    assert used.left_out["ward"] == "ignored"


@pytest.mark.slow
def test_kinds_do_not_depend_on_the_format(tmp_path):
    PATIENTS.write_csv(tmp_path / "a.csv")
    assert read_classification(options(data=str(tmp_path / "a.csv"))).kinds == (
        classification_dataset(TableSource(PATIENTS, "t"), options()).kinds
    )


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("stars", [1, 2, 3, 4, 5] * 20, "numeric"),
        ("flag", [True, False] * 50, "numeric"),
        ("flag", ["True", "False"] * 50, "numeric"),
        ("price", ["1.234,56", "7,50"] * 50, "numeric"),
        ("price", ["1", "2", "3", "4", "x"] * 20, "categorical"),
        ("price", ["1", "2"] * 49 + ["x", ""], "numeric"),
        ("zip", ["01234", "99999"] * 50, "categorical"),
        ("row", list(range(50, 150)), "identifier"),
        ("x", list(range(50, 150)), "identifier"),
        ("weight", [*range(50, 149), 300], "numeric"),
        ("patient_id", [7 * row % 101 for row in range(100)], "identifier"),
        ("PatientID", [row // 2 * 7 for row in range(99, -1, -1)], "numeric"),
        ("card", [4_000_000_000_000_000 + row for row in range(99, -1, -1)], "identifier"),
        ("name", [f"Ann Lee {row}" for row in range(100)], "text"),
        ("city", ["New York", "Los Angeles"] * 50, "categorical"),
        ("day", ["31.01.2024", "28.02.2024"] * 50, "date"),
        ("day", ["2024-01-31T10:00:00Z", "2024-02-28T11:30:00Z"] * 50, "date"),
        ("year", [2001, 2002] * 50, "numeric"),
        ("gone", ["", "NA"] * 50, "empty"),
        ("pain", ["none", "mild", "severe", ""] * 25, "categorical"),
        ("letter", ["a" * 2000, "b"] * 50, "identifier"),
        ("one", ["a"] * 99 + [None], "constant"),
        ("one", [3.0] * 99 + [None], "constant"),
        ("mark", ["x", None] * 50, "categorical"),
        ("mark", [3.0, None] * 50, "numeric"),
        ("dashes", ["-" if row % 3 else f"{row / 7:.2f}" for row in range(100)], "numeric"),
        (
            "sas",
            ["." if row % 3 == 0 else "#N/A" if row % 3 == 1 else f"{row / 7:.2f}" for row in range(100)],
            "numeric",
        ),
        ("grade", ["A" if row % 3 else str(row % 7) for row in range(100)], "categorical"),
        ("seen", ["never" if row % 3 else f"2024-01-{row % 28 + 1:02d}" for row in range(100)], "date"),
        ("zero", ["0000-00-00" if row % 3 else f"2024-01-{row % 28 + 1:02d}" for row in range(100)], "date"),
    ],
)
def test_kind_of_one_column(name, values, kind):
    frame = pl.DataFrame({name: values}, strict=False)
    assert infer_kinds(frame, [name]) == {name: kind}


def test_a_column_that_is_constant_in_training_is_left_out():
    values = np.zeros(200)
    table = pl.DataFrame({"x": np.arange(200) % 9, "rare": values, "y": ["a", "b"] * 100})
    _, test = split_test(strata_of(table["y"].to_numpy()), 0)
    values[test[0]] = 1
    dataset = classification_dataset(TableSource(table.with_columns(rare=values), "t"), options())
    assert dataset.left_out == {"rare": "constant"}


def test_texts_in_numeric_columns_are_counted_with_their_rows(tmp_path):
    rows = [f"{row % 23},{row % 7},{'ab'[row % 2]}" for row in range(100)]
    rows[41] = "old,3,b"
    dataset = read_classification(options(data=str(write(tmp_path, csv(rows)))))
    assert dataset.kinds["a"] == "numeric"
    (line,) = (line for line in dataset.findings.lines() if "no number" in line)
    assert "column a, row 42: 'old'" in line
    with pytest.raises(InputError, match="row 42"):
        read_classification(options(data=str(tmp_path / "a.csv"), strict=True))


# Leaks.


def leaking(rows=400):
    generator = np.random.default_rng(1)
    ill = generator.random(rows) < 0.4
    label = np.where(ill, "ill", "well")
    noise = generator.normal(size=rows)
    frame = pl.DataFrame(
        {
            "noise": noise,
            "strong": noise + 3 * ill,
            "risk": noise / 100 + ill,
            "copy": np.where(ill, "sick", "healthy"),
            "discharge": pl.Series(np.where(ill, noise, np.nan)).fill_nan(None),
            "halfmissing": pl.Series(np.where(generator.random(rows) < 0.5, noise, np.nan)).fill_nan(None),
            "color": generator.choice(["r", "g"], rows),
        }
    )
    return frame, label, ill


def test_leaks_of_classes():
    frame, label, ill = leaking()
    assert roc_auc_score(ill, frame["strong"]) > 0.97
    kinds = infer_kinds(frame, frame.columns)
    leaks = find_leaks(frame, kinds, label)
    assert list(leaks) == ["risk", "copy", "discharge"]
    assert "area under the ROC curve 1.0000" in leaks["risk"]
    assert leaks["discharge"] == "missing exactly where the target is 'well'"
    # In a few rows, that may be chance or nature.
    assert find_leaks(frame[:100], kinds, label[:100]) == {}


def test_leaks_are_left_out_unless_they_are_kept(capsys):
    frame, label, _ = leaking()
    table = frame.with_columns(y=label)
    dataset = classification_dataset(TableSource(table, "t"), options())
    assert [name for name, reason in dataset.left_out.items() if reason.startswith("leak: ")] == LEAKS
    note_columns(dataset)
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("LEAK: t:"))
    assert "risk (it alone separates the classes" in line
    assert line.endswith("if they are known at prediction time: --keep risk,copy,discharge")
    used = classification_dataset(TableSource(table, "t"), options(keep="risk"))
    assert "risk" in used.kinds


@pytest.mark.parametrize("is_filled", [True, False])
def test_one_row_does_not_hide_a_leak_by_missing_values(is_filled, capsys):
    rows = np.arange(402)
    churned = rows % 4 == 0
    days = pl.Series([date(2024, 1, 1) + timedelta(days=int(row) * 7 % 300) for row in rows])
    with_day = churned.copy()
    row = 1 if is_filled else 8
    with_day[row] = is_filled
    frame = pl.DataFrame({"months": rows * 37 % 101, "Kündigungsdatum": days.set(pl.Series(~with_day), None)})
    label = np.where(churned, "yes", "no")
    reason = find_leaks(frame, {"Kündigungsdatum": "date"}, label)["Kündigungsdatum"]
    assert reason == "missing almost exactly where the target is 'no' (but for 1 of 402 rows)"
    dataset = classification_dataset(TableSource(frame.with_columns(churn=label), "t"), options())
    assert dataset.left_out["Kündigungsdatum"].startswith("leak: missing ")  # the reason of the training rows
    note_columns(dataset)
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("LEAK: t:"))
    assert line.endswith("if it is known at prediction time: --keep Kündigungsdatum")
    price = churned * 1000.0 + rows / 7
    assert find_leaks(frame, {"Kündigungsdatum": "date"}, price)["Kündigungsdatum"].startswith("missing on one side")


def test_values_that_are_often_missing_in_a_class_are_no_leak():
    ill = np.arange(400) % 4 == 0
    without = np.where(np.arange(400) % 20 == 0, ill, ~ill)  # a twentieth deviates: 20 of 100 ill
    frame = pl.DataFrame({"dose": pl.Series(np.where(without, np.nan, np.arange(400) * 37 % 101)).fill_nan(None)})
    assert find_leaks(frame, {"dose": "numeric"}, np.where(ill, "ill", "well")) == {}


@pytest.mark.slow
def test_rare_classes_do_not_make_leaks():
    generator = np.random.default_rng(5)
    rare = np.zeros(100_000, bool)
    rare[:40] = True
    label = np.where(rare, "fraud", "normal")
    absent, place = np.zeros(100_000, bool), np.zeros(100_000, int)
    absent[5000:5030] = True  # 30 values are missing, all of another class
    place[20:60] = 1  # half of the frauds, and as many others
    place[60:] = generator.integers(2, 5, 99_940)
    frame = pl.DataFrame(
        {
            "number": pl.Series(np.where(absent, np.nan, generator.normal(size=100_000))).fill_nan(None),
            "place": [f"p{number}" for number in place],
            "after": np.where(rare, "stolen", "fine"),
        }
    )
    assert list(find_leaks(frame, infer_kinds(frame, frame.columns), label)) == ["after"]


def test_leaks_of_several_classes():
    frame, _, _ = leaking(600)
    codes = np.random.default_rng(2).integers(0, 3, 600)
    label = np.array(["b", "c", "a"])[codes]
    frame = frame.select("noise").with_columns(
        code=codes * 1.5,
        separates_one=(codes == 1) + frame["noise"].to_numpy() / 100,
        shuffled=np.array([5, 9, 2])[codes],
    )
    assert list(find_leaks(frame, infer_kinds(frame, frame.columns), label)) == ["code", "shuffled"]


def test_leaks_of_numbers():
    generator = np.random.default_rng(3)
    target = generator.normal(size=500)
    level = np.round(target)
    frame = pl.DataFrame(
        {
            "fahrenheit": 32 + 1.8 * target,
            "cube": -(target**3),
            "near": target + generator.normal(size=500) / 5,
            "above": pl.Series(np.where(target > 0.3, 1 + generator.random(500), np.nan)).fill_nan(None),
            "noise": generator.normal(size=500),
        }
    )
    leaks = find_leaks(frame, infer_kinds(frame, frame.columns), target)
    assert list(leaks) == ["fahrenheit", "cube", "above"]
    names = pl.DataFrame({"level": [f"L{number:g}" for number in level]})
    assert list(find_leaks(names, {"level": "categorical"}, level)) == ["level"]
    assert find_leaks(names, {"level": "categorical"}, target) == {}


def test_monotone_columns_that_are_left_out():
    frame, label, _ = leaking()
    line = error_of(
        classification_dataset, TableSource.in_memory(frame, label), options(increasing="noise", decreasing="risk")
    )
    assert "column risk is left out (leak: it alone separates the classes" in line


def test_dates_after_the_time_of_the_row_are_leaks():
    generator = np.random.default_rng(4)
    admitted = [date(2024, 1, 1) + timedelta(days=int(day)) for day in generator.integers(0, 300, 200)]
    table = pl.DataFrame(
        {
            "admitted": admitted,
            "born": [day - timedelta(days=7000 + 31 * row) for row, day in enumerate(admitted)],
            "paid": [day + timedelta(days=row * 7 % 60) for row, day in enumerate(admitted)],
            "x": generator.normal(size=200),
            "y": generator.choice(["a", "b"], 200),
        }
    )
    dataset = classification_dataset(TableSource(table, "t"), options(time="admitted"))
    assert dataset.left_out["admitted"] == "times"
    assert dataset.left_out["paid"].startswith("leak: later than the row in ")
    assert dataset.kinds["born"] == "date"


@pytest.mark.data
@pytest.mark.parametrize("name", ["segment", "iris", "ecoli", "vehicle", "sonar", "wdbc", "glass", "iono"])
def test_real_sets_have_no_leaks(name):
    file = data_folder() / "clustering_benchmark/real-world" / f"{name}.arff"
    columns = read_source(options(data=str(file))).frame.columns
    target = next(column for column in columns if column.lower() == "class")
    left_out = read_classification(options(data=str(file), target=target)).left_out
    assert not any(reason.startswith("leak: ") for reason in left_out.values())


# Splits.


def test_the_test_split_is_stratified_and_small():
    targets = np.array(["a"] * 900 + ["b"] * 100)
    train, test = split_test(strata_of(targets), 0)
    assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(1000))
    assert [(targets[test] == label).sum() for label in "ab"] == [135, 15]
    large = np.zeros(200_000, int)
    assert len(split_test(large, 0)[1]) == 10_000
    assert not np.array_equal(split_test(strata_of(targets), 1)[1], test)


def test_numbers_are_stratified_by_quantiles():
    targets = GENERATOR.lognormal(size=1000)
    _, test = split_test(strata_of(targets), 0)
    deciles = np.searchsorted(np.quantile(targets, np.linspace(0.1, 0.9, 9)), targets, side="right")
    assert np.bincount(deciles[test]).tolist() == [15] * 10


def test_folds_spread_each_label_as_far_as_it_goes():
    targets = np.array(["a"] * 53 + ["b"] * 12 + ["c"] * 3)
    folds = assign_folds(strata_of(targets), 5, 0)
    counts = np.array([[(folds[targets == label] == fold).sum() for fold in range(5)] for label in "abc"])
    assert np.ptp(counts, axis=1).tolist() == [1, 1, 1]
    assert np.ptp(counts.sum(axis=0)) <= 1
    assert np.array_equal(folds, assign_folds(strata_of(targets), 5, 0))
    assert not np.array_equal(folds, assign_folds(strata_of(targets), 5, 1))


def test_groups_are_on_one_side_of_all_splits():
    table = PATIENTS.with_columns(patient=GENERATOR.integers(0, 90, ROWS))
    dataset = classification_dataset(TableSource(table, "t"), options(group="patient"))
    train, test = (set(dataset[split].inputs.frame["patient"]) for split in ("train", "test"))
    assert not train & test
    assert 0.08 < dataset.count("test") / ROWS < 0.22
    examples = dataset["train"]
    patients = examples.inputs.frame["patient"].to_numpy()
    for patient in train:
        assert len(set(examples.folds[patients == patient])) == 1
        assert len(set(examples.groups[patients == patient])) == 1
    assert dataset.left_out["patient"] == "groups"
    shares = [np.mean(np.array(examples.targets)[examples.folds == fold] == "ill") for fold in range(5)]
    assert np.ptp(shares) < 0.25
    assert dataset.evaluation_protocol.endswith("stratified by the target; no value of patient is on both sides")
    assert dataset.evaluation_protocol.startswith("on ")  # it is a part of a sentence of the model card


def test_rows_without_a_group_are_groups_of_their_own():
    table = PATIENTS.with_columns(patient=pl.Series([None, "p", "q", "r"] * 100))
    dataset = classification_dataset(TableSource(table, "t"), options(group="patient"))
    assert len(np.unique(dataset.whole.groups)) == 103
    assert "100 rows have no group" in " ".join(dataset.findings.lines())
    two = PATIENTS.with_columns(patient=pl.Series(["p", "q"] * 200))
    assert "has 2 values" in error_of(classification_dataset, TableSource(two, "t"), options(group="patient"))


def test_many_groups_are_fast():
    groups = GENERATOR.integers(0, 50_000, 100_000)
    strata = GENERATOR.integers(0, 2, 100_000)
    _, test = split_test(strata, 0, groups)
    assert len(test) == pytest.approx(10_000, rel=0.02)


@pytest.mark.slow
def test_time_splits_have_the_last_rows_for_testing():
    dataset = classification_dataset(TableSource(PATIENTS, "t"), options(time="admitted"))
    train, test = (dataset[split].inputs.frame["admitted"] for split in ("train", "test"))
    assert train.max() < test.min()
    assert len(test) == pytest.approx(0.15 * ROWS, abs=4)
    assert dataset.left_out["admitted"] == "times"
    bad = PATIENTS.with_columns(admitted=pl.Series(["2024-01-31"] * 6 + ["soon"] + ["2024-02-01"] * (ROWS - 7)))
    line = error_of(classification_dataset, TableSource(bad, "t"), options(time="admitted"))
    assert "column 'admitted', row 7: 'soon' is not a time" in line
    same = PATIENTS.with_columns(admitted=pl.lit("2024-01-01"))
    assert "the same time" in error_of(classification_dataset, TableSource(same, "t"), options(time="admitted"))


def test_test_rows_of_groups_that_training_has_are_left_out():
    times, groups = np.arange(40.0), np.arange(1, 41) // 2
    train, test = split_test(np.zeros(40, int), 0, groups, times)
    assert train.tolist() == list(range(34))
    assert test.tolist() == list(range(35, 40))  # row 34 is of the group of row 33
    line = error_of(split_test, np.zeros(40, int), 0, np.arange(40) % 5, times)
    assert "--group and --time" in line


# The dataset.


def test_training_and_validation_rows_are_the_same():
    dataset = classification_dataset(TableSource(PATIENTS, "t"), options(folds=4))
    assert dataset["val"] is dataset["train"]
    assert dataset.count("train") + dataset.count("test") == ROWS
    assert dataset.count("unseen") == ROWS
    assert sorted(set(dataset["train"].folds)) == [0, 1, 2, 3]
    assert dataset["test"].folds is None
    rows = dataset["train"]
    part = rows.take(np.array([5, 2]))
    assert part.inputs.frame["id"].to_list() == [rows.inputs.frame["id"][5], rows.inputs.frame["id"][2]]
    assert list(part.inputs.numbers) == part.inputs.frame["id"].to_list()
    assert part.targets == [rows.targets[5], rows.targets[2]]
    assert part.folds.tolist() == [rows.folds[5], rows.folds[2]]


@pytest.mark.slow
def test_the_fingerprint_is_of_all_that_matters():
    first = classification_dataset(TableSource(PATIENTS, "t"), options())
    assert first.fingerprint == classification_dataset(TableSource(PATIENTS, "u"), options()).fingerprint
    others = [
        PATIENTS.with_columns(age=pl.col("age") + (pl.int_range(pl.len()) == 3)),
        PATIENTS.with_columns(outcome=pl.Series([*LABELS[1:], LABELS[0]])),
        PATIENTS.rename({"age": "years"}),
        PATIENTS.with_columns(ward=pl.lit(None, pl.String)),
    ]
    prints = {classification_dataset(TableSource(table, "t"), options()).fingerprint for table in others}
    prints |= {classification_dataset(TableSource(PATIENTS, "t"), options(time="admitted")).fingerprint}
    assert len(prints | {first.fingerprint}) == 6


def test_regression():
    dataset = regression_dataset(TableSource(PATIENTS, "t"), options(target="age"))
    assert dataset["train"].targets[0] == float(dataset["train"].targets[0])
    assert "outcome" in dataset.kinds
    assert dataset.count("test") == pytest.approx(60, abs=5)


def test_rows_that_occur_twice_are_counted_once_per_split(tmp_path, monkeypatch, capsys):
    """`train` and `val` are the same rows: labels are counted once, and repetitions are looked for in `test` alone."""
    from plexus.cli import main

    monkeypatch.chdir(tmp_path)
    frame = pl.DataFrame({"x": np.arange(60) / 7, "y": [1, 2] * 30, "target": ["a", "b"] * 30})
    pl.concat([frame, frame]).write_csv("twice.csv")
    assert main(["data", "check", "tables.classify", "--data", "twice.csv", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["labels"] == {"a": 60, "b": 60}
    assert result["repeated"].keys() == {"test in train"}
    assert result["repeated"]["test in train"]["repeated"] >= 14


@pytest.mark.parametrize("id", ["tables.classify", "tables.diagnose", "tables.regress", "tables.risk"])
def test_the_default_data_have_the_kind_of_target_that_the_task_learns(id):
    options = registry().task(id).options.parse({})
    dataset = registry().datasets[options.data]
    assert bool(dataset.labels) == (id != "tables.regress")
