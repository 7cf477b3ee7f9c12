"""Predictions for the rows of a table."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from plexus.bundle import Bundle
from plexus.data.spreadsheets import write_spreadsheet
from plexus.data.table_rows import TableRows
from plexus.data.tables import FORMATS, TableReader, is_table, spreadsheet_hint
from plexus.errors import InputError, UnreadableInputsError
from plexus.inference.cancellation import Cancellation
from plexus.tasks.abilities import AnswersInColumns, AnswersTables, Streaming
from plexus.utils.files import require_new, writing_to
from plexus.utils.ordered_map import ordered_map

if TYPE_CHECKING:
    import polars as pl

    from plexus.codec import Input
    from plexus.utils.option_group import OptionGroup

PARALLEL_PARTS = 2
"""Parts of a table whose predictions are computed at the same time."""
_JSON = json.JSONEncoder(ensure_ascii=False, default=str)


class TablePredictions(NamedTuple):
    """Result of `predict_table`.

    Attributes:
        rows: Number of rows.
        unreadable: Reason why a row has no prediction, by its number, counted from 1.
        separator: Separator of the columns of the CSV that was written.
        decimal_comma: Whether its predictions have a decimal comma.

    Example:
        ```python
        predict_table(bundle, Path("payments.csv"), Path("scored.csv")).unreadable
        ```
    """

    rows: int
    unreadable: dict[int, str]
    separator: str = ","
    decimal_comma: bool = False


class _Part(NamedTuple):
    """A part of a table: with the types of its columns, with its cells as written, and as raw inputs."""

    typed: "pl.DataFrame"
    written: "pl.DataFrame"
    inputs: "Sequence[Input]"


def predict_table(
    bundle: Bundle,
    table: Path,
    out: Path,
    options: "OptionGroup | None" = None,
    state_file: Path | None = None,
    like_table: bool = False,
) -> TablePredictions:
    """Write a CSV with the columns of a table and the fields of each row's prediction, a part of the table at a time.

    The cells of a CSV stay as they are written. Texts and names of columns that begin with `=`, `+`, `-` or `@` and are
    no numbers get an apostrophe first: spreadsheets would run them as formulas.

    Args:
        bundle: The model.
        table: The table.
        out: The CSV to write.
        options: The options of `Task.predict_options`; None if the task has none.
        state_file: For tasks that are `Streaming`: file of the state to continue from, which is updated.
        like_table: Whether columns are separated as in the table, if it is a CSV, and numbers of predictions have a
            decimal comma if its numbers have; else by commas, and with a decimal point. The program that wrote the
            table, such as Excel in many languages, opens it then.

    Returns:
        The number of rows, and why some have no prediction: their cells of it are empty.

    Raises:
        InputError: If the table cannot be read or lacks a column, if none of its first rows can be read, or if `out`
            exists.
    """
    import polars as pl

    task = _require_tables(bundle, table)
    require_new(out)
    partial, state = out.with_name(f".{out.name}.partial"), _initial_state(bundle, state_file)
    result = TablePredictions(0, {})
    with writing_to(out.parent), bundle.reading_numbers():
        reader = TableReader(table)
        separator = reader.separator if like_table else ","
        decimal_comma = separator != "," and reader.has_decimal_comma
        result = result._replace(separator=separator, decimal_comma=decimal_comma)
        try:
            with partial.open("wb") as stream:
                for (typed, chunk, _), answers, reasons in _predict_parts(bundle, _parts(reader, task, options), state):
                    numbers = [name for name in typed.columns if typed[name].dtype != pl.String]
                    write_spreadsheet(
                        _joined(chunk, answers), stream, numbers, result.rows == 0, separator, decimal_comma
                    )
                    result.unreadable.update((result.rows + row + 1, reason) for row, reason in reasons.items())
                    result = result._replace(rows=result.rows + len(chunk))
            partial.rename(out)
        finally:
            partial.unlink(missing_ok=True)
    if state_file is not None and isinstance(task, Streaming):
        task.save_state(state, state_file)
    return result


def table_inputs(bundle: Bundle, table: Path, options: "OptionGroup | None" = None) -> "list[tuple[str, Input]]":
    """Return the rows of a table as raw inputs.

    Args:
        bundle: The model.
        table: The table.
        options: The options of `Task.predict_options`; None if the task has none.

    Returns:
        Pairs of a name and a raw input, one per row.

    Raises:
        InputError: If the task does not predict for tables, or the table cannot be read or lacks a column.
    """
    import polars as pl

    task = _require_tables(bundle, table)
    with bundle.reading_numbers():
        reader = TableReader(table)
        written = pl.concat(list(reader.chunks()), how="vertical_relaxed")
        rows = TableRows(reader.typed(written), str(table), written=written)
    inputs = next(iter(task.table_inputs([rows], options)))
    return [(f"{table} row {row}", inputs[row - 1]) for row in range(1, len(inputs) + 1)]


def _parts(reader: TableReader, task: AnswersTables, options: "OptionGroup | None") -> Iterator[_Part]:
    """Yield the parts of a table."""
    chunks: list[tuple[pl.DataFrame, pl.DataFrame]] = []

    def rows() -> "Iterator[TableRows]":
        first = 1
        for chunk in reader.chunks():
            typed = reader.typed(chunk)
            chunks.append((typed, chunk))
            yield TableRows(typed, str(reader.file), range(first, first + len(chunk)), chunk)
            first += len(chunk)

    for inputs in task.table_inputs(rows(), options):
        yield _Part(*chunks.pop(), inputs)


def _predict_parts(
    bundle: Bundle, parts: Iterator[_Part], state: object
) -> "Iterator[tuple[_Part, pl.DataFrame, dict[int, str]]]":
    """Yield each part with the fields of its predictions as cells, and the reasons of rows that cannot be read.

    Tasks that predict by column do so for two parts at the same time, after the first one: one is encoded or converted
    to cells while networks compute for the other.
    """
    first = next(parts)
    answers, reasons = _predict_readable(bundle, first.inputs, state, [], None)
    yield first, answers, reasons
    by_column, cancellation = state is None and isinstance(bundle.task, AnswersInColumns), Cancellation()

    def predict(part: _Part) -> "tuple[_Part, pl.DataFrame, dict[int, str]]":
        return part, *_predict_readable(bundle, part.inputs, state, answers.columns, cancellation)

    try:
        yield from ordered_map(predict, parts, PARALLEL_PARTS) if by_column else map(predict, parts)
    except BaseException:
        cancellation.cancel()
        raise


def _predict_readable(
    bundle: Bundle,
    inputs: "Sequence[Input]",
    state: object,
    names: Sequence[str],
    cancellation: Cancellation | None,
) -> "tuple[pl.DataFrame, dict[int, str]]":
    """Return the fields of the predictions as cells, and the reasons of the rows that cannot be read, which have none.

    Args:
        bundle: The model.
        inputs: The rows as raw inputs.
        state: State of a task that is `Streaming`.
        names: Names of the fields; empty before a row was read.
        cancellation: Ends predictions by column from another thread.

    Returns:
        The cells, one row per input, and the reasons by place.
    """
    import polars as pl

    try:
        return _predict_cells(bundle, inputs, state, cancellation), {}
    except UnreadableInputsError as error:
        places = [place for place in range(len(inputs)) if place not in error.reasons]
        if not places and not names:
            raise
        rest = inputs.take(places) if isinstance(inputs, TableRows) else [inputs[place] for place in places]
        answers = _predict_cells(bundle, rest, state, cancellation) if places else pl.DataFrame(schema=list(names))
        rows: list[int | None] = [None] * len(inputs)
        for row, place in enumerate(places):
            rows[place] = row
        return answers.select(pl.all().gather(pl.Series(rows, dtype=pl.UInt32))), error.reasons


def _predict_cells(
    bundle: Bundle, inputs: "Sequence[Input]", state: object, cancellation: Cancellation | None
) -> "pl.DataFrame":
    import polars as pl

    if state is None and isinstance(bundle.task, AnswersInColumns):
        columns = bundle.predict_columns(inputs, cancellation)
        return pl.DataFrame([_cells(name, values) for name, values in columns.items()])
    predictions = bundle.predict(inputs, max(len(inputs), 1), state)
    fields = [{name: _cell(value) for name, value in prediction.model_dump().items()} for prediction in predictions]
    return pl.DataFrame(fields, infer_schema_length=None)


def _require_tables(bundle: Bundle, table: Path) -> AnswersTables:
    if not isinstance(bundle.task, AnswersTables):
        raise InputError(
            f"{bundle.task.id} does not predict for tables or write a .csv: pass inputs as its documentation says; "
            "--json prints all fields of their predictions"
        )
    if not is_table(table):
        raise InputError(f"{table} is not a table: expected {FORMATS}{spreadsheet_hint(table)}")
    return bundle.task


def _initial_state(bundle: Bundle, state_file: Path | None) -> object:
    task = bundle.task
    if not isinstance(task, Streaming):
        return None
    if state_file is not None and state_file.exists():
        return task.load_state(state_file)
    return task.initial_state(bundle.codec)


def _joined(chunk: "pl.DataFrame", answers: "pl.DataFrame") -> "pl.DataFrame":
    """Return the cells as they were written, and those of the predictions."""
    answers = answers.rename(lambda name: f"{name}_answer" if name in chunk.columns else name)
    return chunk.hstack(answers)


def _cells(name: str, values: "Sequence[object] | np.ndarray") -> "pl.Series":
    """Return the cells of a field; an object that many rows have, such as an empty tuple, is converted once."""
    import polars as pl

    if isinstance(values, np.ndarray):
        return pl.Series(name, values)
    cells = {key: _cell(value) for key, value in {id(value): value for value in values}.items()}
    return pl.Series(name, [cells[id(value)] for value in values], strict=False)


def _cell(value: object) -> object:
    """Return the value of a field as a cell, which holds one value: lists and dictionaries become JSON."""
    if isinstance(value, list | dict | tuple):
        return _JSON.encode(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
