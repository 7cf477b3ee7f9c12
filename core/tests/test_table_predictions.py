"""Predictions for tables: a cell for every field, the cells of the table as they are written."""

import csv
import json
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

from plexus import InputError, Prediction
from plexus.data import tables
from plexus.data.number_format import fixed_decimal_comma
from plexus.data.table_rows import TableRows
from plexus.errors import UnreadableInputsError
from plexus.inference.inputs import as_input, as_inputs
from plexus.inference.table_predictions import TablePredictions, predict_table, table_inputs


class Part(Prediction):
    text: str
    share: float


class Guess(Prediction):
    label: str
    parts: tuple[Part, ...] = ()
    shares: dict[str, float] = {}
    expected: float | None = None


class Lines:
    id = "lines.guess"

    def table_inputs(self, parts, options):
        for rows in parts:
            yield rows.frame["text"].fill_null("").to_list()


class LinesBundle:
    task, codec = Lines(), None

    def reading_numbers(self):
        return fixed_decimal_comma(False)

    def predict(self, inputs, batch_size=256, state=None):
        return [
            Guess(label=text[:4], parts=tuple(Part(text=p, share=0.5) for p in text.split(". ")), shares={"a": 1.0})
            for text in inputs
        ]


class UnreadableLines(LinesBundle):
    """Some lines cannot be read."""

    def predict(self, inputs, batch_size=256, state=None):
        reasons = {place: f"line {text!r}" for place, text in enumerate(inputs) if text.startswith("=")}
        if reasons:
            raise UnreadableInputsError(reasons)
        return super().predict(inputs)


class ColumnsOfLines(UnreadableLines):
    """The same predictions by column."""

    class ByColumn(Lines):
        def predict_columns(self, predictor, codec, inputs):
            raise AssertionError

    task = ByColumn()

    def predict_columns(self, inputs, cancellation=None):
        rows = [prediction.model_dump() for prediction in self.predict(inputs)]
        return {name: [row[name] for row in rows] for name in Guess.model_fields}


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text('text;amount;label\n"One. Two";1,50;007\n=1+1;-2;\n@x;3;\n-5;4;+49 30\n', encoding="utf-8")
    return file


def test_no_text_and_no_name_of_a_column_is_a_formula(tmp_path):
    cells = ["=1", "\n=2", "\t=3", "\uff1d1+1", " =4", "+cmd", "@x", "-5", "+49", "a=1", "-", "n/a"]
    (tmp_path / "t.csv").write_text("text,=id,'=id\n" + "".join(f'"{cell}",1,2\n' for cell in cells))
    predict_table(LinesBundle(), tmp_path / "t.csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header[:3] == ["text", "'=id", "'=id"]
    expected = ["'=1", "'\n=2", "'\t=3", "'\uff1d1+1", "' =4", "'+cmd", "'@x", "-5", "+49", "a=1", "'-", "n/a"]
    assert [row[0] for row in rows] == expected
    assert [row[1] for row in rows] == ["1"] * len(cells)


def test_every_field_is_a_cell(table, tmp_path):
    assert predict_table(LinesBundle(), table, tmp_path / "out.csv").rows == 4
    with (tmp_path / "out.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["amount"] for row in rows] == ["1,50", "-2", "3", "4"]
    assert [row["label"] for row in rows] == ["007", "", "", "'+49 30"]
    assert [row["label_answer"] for row in rows] == ["One.", "'=1+1", "'@x", "-5"]
    assert [row["text"] for row in rows] == ["One. Two", "'=1+1", "'@x", "-5"]
    assert json.loads(rows[0]["parts"]) == [{"text": "One", "share": 0.5}, {"text": "Two", "share": 0.5}]
    assert rows[0]["expected"] == ""


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        ("text;price\nno. yes;1,50\nno;2,25\n", "a.csv", "no. yes;1,50;no. ;[];{};0,85\n"),
        ("text;price\nno. yes;1.50\nno;2.25\n", "a.csv", "no. yes;1.50;no. ;[];{};0.85\n"),
        ('text,price\nno. yes,"1,50"\nno,"2,25"\n', "a.csv", 'no. yes,"1,50",no. ,[],{},0.85\n'),
        ("text\tprice\nno. yes\t1,50\nno\t2,25\n", "a.csv", "no. yes\t1,50\tno. \t[]\t{}\t0,85\n"),
        ("text\tprice\nno. yes\t1.50\nno\t2.25\n", "a.tsv", "no. yes,1.50,no. ,[],{},0.85\n"),
        ("text\tprice\nno. yes\t1,50\nno\t2,25\n", "a.tsv", "no. yes;1,50;no. ;[];{};0,85\n"),
        ('{"text": "no. yes", "price": 1.5}\n', "a.jsonl", "no. yes,1.5,no. ,[],{},0.85\n"),
    ],
)
def test_predictions_have_separator_and_decimal_comma_of_the_table(content, name, expected, tmp_path):
    class Bundle(LinesBundle):
        def predict(self, inputs, batch_size=256, state=None):
            return [Guess(label=text[:4], expected=0.85) for text in inputs]

    (tmp_path / name).write_text(content)
    predict_table(Bundle(), tmp_path / name, tmp_path / "out.csv", like_table=True)
    header, first, *_ = (tmp_path / "out.csv").read_text().splitlines(keepends=True)
    assert first == expected
    separator = expected[len("no. yes")]
    assert header == separator.join(["text", "price", "label", "parts", "shares", "expected"]) + "\n"
    read = tables.read_table(tmp_path / "out.csv")
    assert (read["price"][0], read["expected"][0]) == (1.5, 0.85)
    predict_table(Bundle(), tmp_path / name, tmp_path / "commas.csv")  # for programs
    assert pl.read_csv(tmp_path / "commas.csv")["expected"][0] == 0.85


def test_rows_as_inputs(table):
    assert table_inputs(LinesBundle(), table)[1] == (f"{table} row 2", "=1+1")
    with pytest.raises(InputError, match=r"is not a table: expected \.csv, \.tsv, \.jsonl, \.json, \.parquet, \.arff"):
        table_inputs(LinesBundle(), table.with_name("a.xlsx"))
    with pytest.raises(InputError, match=r"words\.count does not predict for tables"):
        table_inputs(SimpleNamespace(task=SimpleNamespace(id="words.count")), table)


def test_columns_are_the_same_cells_as_those_of_rows(table, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "CHUNK", 2)
    results = [
        predict_table(bundle(), table, tmp_path / f"{bundle.__name__}.csv")
        for bundle in (UnreadableLines, ColumnsOfLines)
    ]
    assert results[0] == results[1] == TablePredictions(4, {2: "line '=1+1'"})
    content = (tmp_path / "ColumnsOfLines.csv").read_bytes()
    assert content == (tmp_path / "UnreadableLines.csv").read_bytes()
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert [row["label_answer"] for row in rows] == ["One.", "", "'@x", "-5"]
    assert rows[1]["shares"] == ""


@pytest.mark.parametrize("bundle", [UnreadableLines, ColumnsOfLines])
def test_a_part_of_a_table_without_a_readable_row(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "CHUNK", 2)
    (tmp_path / "t.csv").write_text("text,id\na,1\nb,2\n=c,3\n=d,4\ne,5\n")
    result = predict_table(bundle(), tmp_path / "t.csv", tmp_path / "out.csv")
    assert (result.rows, result.unreadable) == (5, {3: "line '=c'", 4: "line '=d'"})
    with (tmp_path / "out.csv").open(newline="") as stream:
        assert [row["label"] for row in csv.DictReader(stream)] == ["a", "b", "", "", "e"]
    (tmp_path / "t.csv").write_text("text,id\n=a,1\n=b,2\n")
    with pytest.raises(UnreadableInputsError):
        predict_table(bundle(), tmp_path / "t.csv", tmp_path / "none.csv")


def test_a_table_of_polars_is_its_rows():
    frame = pl.DataFrame({"age": [41, None], "plan": ["basic", "plus"]})
    inputs = as_inputs(frame)
    assert isinstance(inputs, TableRows)
    assert list(inputs) == [{"age": 41, "plan": "basic"}, {"age": None, "plan": "plus"}]


def test_a_table_of_one_row_is_an_input():
    row = {"age": 41, "plan": "basic"}
    for table in (pl.DataFrame([row]), pd.DataFrame([row]), pd.DataFrame([row]).iloc[0]):
        assert as_input(table) == row
    assert as_input("a text") == "a text"
    with pytest.raises(InputError, match="expected one input, got a table of 2 rows: pass one row"):
        as_input(pl.DataFrame([row, row]))
