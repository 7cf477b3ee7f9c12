"""Rows of tables as raw inputs: a dictionary of columns each."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from plexus.data.archives import opened_folder
from plexus.data.cells import parse_number
from plexus.data.examples import Examples
from plexus.data.named import NamedDataset
from plexus.data.tables import FORMATS, is_table, read_table, spreadsheet_hint
from plexus.errors import InputError

Row = Mapping[str, object]

MIN_ROWS = 20


def read_labelled_rows(place: Path | NamedDataset, label: str = "label") -> Examples[str]:
    """Read the rows of a table and their labels.

    Args:
        place: A table, or a named data set with arrays, whose columns are named `column_0`, `column_1`, ….
        label: Column of the labels.

    Returns:
        The examples.

    Raises:
        InputError: If it is not a table, it has no such column, or it has fewer than `MIN_ROWS` rows.
    """
    if isinstance(place, NamedDataset):
        return _embedded_rows(place)
    if not is_table(place):
        with opened_folder(place):  # the error names the tables in an archive
            raise InputError(f"--data {place}: expected a table ({FORMATS}){spreadsheet_hint(place)}")
    table = read_table(place)
    if label not in table.columns or len(table.columns) < 2:
        raise InputError(
            f"--data {place}: expected a column {label} and others to predict it from, found {', '.join(table.columns)}"
        )
    if len(table) < MIN_ROWS:
        raise InputError(f"--data {place}: expected {MIN_ROWS} rows or more, found {len(table)}")
    empty = table[label].is_null()
    if empty.any():
        raise InputError(f"--data {place}, row {empty.arg_true()[0] + 1}: column {label} has no value")
    return Examples(table.drop(label).to_dicts(), [_label(value) for value in table[label]])


def row_numbers(rows: Sequence[Row], columns: Sequence[str]) -> np.ndarray:
    """Return numeric columns of rows.

    Args:
        rows: The rows; numbers may be text.
        columns: Names of the columns.

    Returns:
        Array of shape `(rows, columns)`, float32.

    Raises:
        InputError: If an input is no row, or a value is missing or not a finite number; the line has the row and the
            column.
    """
    other = next((row for row in rows if not isinstance(row, Mapping)), None)
    if other is not None:
        raise InputError(f"expected a row, an object of its columns, got {other!r:.80}")
    return np.array([[_number(row, column) for column in columns] for row in rows], np.float32)


def _embedded_rows(dataset: NamedDataset) -> Examples[str]:
    if dataset.embedded is None:
        raise InputError(f"--data {dataset.id}: expected a data set of rows, found one of files")
    inputs, classes = dataset.embedded()["train"]
    names = [f"column_{index}" for index in range(inputs.shape[1])]
    rows = [dict(zip(names, values, strict=True)) for values in inputs.tolist()]
    return Examples(rows, [dataset.labels[index] for index in np.asarray(classes).tolist()])


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(row: Row, column: str) -> float:
    value = row.get(column)
    number = parse_number(value)
    if not math.isfinite(number):
        raise InputError(f"{dict(row)}: column {column!r}: expected a number, got {value!r}")
    return number
