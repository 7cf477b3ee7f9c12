"""Rows as raw inputs: labelled tables, JSON objects, requests."""

import json

import numpy as np
import polars as pl
import pytest

from plexus import InputError, NamedDataset
from plexus.data.rows import read_labelled_rows, row_numbers
from plexus.data.table_rows import TableRows
from plexus.tasks.abilities import AnswersTables, Servable
from plexus.tasks.row_inputs import RowInputs


@pytest.fixture
def table(tmp_path):
    def write(**columns):
        file = tmp_path / "rows.csv"
        pl.DataFrame(columns).write_csv(file)
        return file

    return write


def test_labelled_rows_of_a_table(table):
    examples = read_labelled_rows(table(a=range(20), label=[1, 2] * 10))
    assert examples.inputs[1] == {"a": 1.0}
    assert examples.targets[:2] == ["1", "2"]


def test_labelled_rows_of_arrays():
    dataset = NamedDataset("toy", "none", labels=("no", "yes"), embedded=lambda: {"train": (np.eye(2), np.arange(2))})
    examples = read_labelled_rows(dataset)
    assert examples.inputs == [{"column_0": 1.0, "column_1": 0.0}, {"column_0": 0.0, "column_1": 1.0}]
    assert examples.targets == ["no", "yes"]


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"a": range(20), "b": range(20)}, "expected a column label and others to predict it from, found a, b"),
        ({"a": range(19), "label": range(19)}, "expected 20 rows or more, found 19"),
        ({"a": range(20), "label": ["x", None] * 10}, "row 2: column label has no value"),
    ],
)
def test_tables_that_cannot_be_used(table, columns, error):
    with pytest.raises(InputError, match=error):
        read_labelled_rows(table(**columns))


def test_a_folder_is_not_a_table(tmp_path):
    with pytest.raises(InputError, match="expected a table"):
        read_labelled_rows(tmp_path)


def test_numbers_of_rows():
    np.testing.assert_array_equal(row_numbers([{"a": "1.5", "b": 2}], ["a", "b"]), [[1.5, 2]])
    for value in ("x", None, float("inf")):
        with pytest.raises(InputError, match=r"column 'a': expected a number, got"):
            row_numbers([{"a": value}], ["a"])
    with pytest.raises(InputError, match="column 'b': expected a number, got None"):
        row_numbers([{"a": 1}], ["b"])


def test_inputs_that_are_rows(table):
    inputs = RowInputs()
    assert isinstance(inputs, Servable)
    assert isinstance(inputs, AnswersTables)
    assert inputs.parse_argument(json.dumps({"a": 1})) == [('{"a": 1}', {"a": 1})]
    file = table(a=[1.0, 2.0])
    assert inputs.parse_argument(str(file)) == [(f"{file} row 1", {"a": 1.0}), (f"{file} row 2", {"a": 2.0})]
    assert [list(rows) for rows in inputs.table_inputs([TableRows(pl.DataFrame({"a": [1]}))], None)] == [[{"a": 1}]]
    for argument in ("no row", "[1]", "7"):
        with pytest.raises(InputError, match="expected a table, or a row as a JSON object"):
            inputs.parse_argument(argument)
    with pytest.raises(InputError, match="an object of its columns, got list"):
        inputs.parse_request(None, [1])
