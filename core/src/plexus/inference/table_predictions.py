"""Predictions for the rows of a table."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from plexus.bundle import Bundle
from plexus.data.spreadsheets import write_spreadsheet
from plexus.data.table_rows import TableRows
from plexus.data.tables import FORMATS, TableReader, is_table
from plexus.errors import InputError, UnreadableInputsError
from plexus.tasks.abilities import AnswersTables, Streaming
from plexus.utils.files import require_new, writing_to

if TYPE_CHECKING:
    import polars as pl

    from plexus.codec import Input
    from plexus.prediction import Prediction
    from plexus.utils.option_group import OptionGroup


class TablePredictions(NamedTuple):
    """Result of `predict_table`.

    Attributes:
        rows: Number of rows.
        unreadable: Reason why a row has no prediction, by its number, counted from 1.

    Example:
        ```python
        predict_table(bundle, Path("payments.csv"), Path("scored.csv")).unreadable
        ```
    """

    rows: int
    unreadable: dict[int, str]


def predict_table(
    bundle: Bundle, table: Path, out: Path, options: "OptionGroup | None" = None, state_file: Path | None = None
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
    names: list[str] = []
    with writing_to(out.parent), bundle.reading_numbers():
        reader = TableReader(table)
        try:
            with partial.open("wb") as stream:
                for typed, chunk, inputs in _parts(reader, task, options):
                    predictions, reasons = _predict_readable(bundle, inputs, state, bool(names))
                    names = names or list(_fields(next(iter(predictions.values()))))
                    empty = dict.fromkeys(names)
                    fields = [_fields(predictions[row]) if row in predictions else empty for row in range(len(chunk))]
                    numbers = [name for name in typed.columns if typed[name].dtype != pl.String]
                    write_spreadsheet(_joined(chunk, fields), stream, numbers, with_header=result.rows == 0)
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


def _parts(
    reader: TableReader, task: AnswersTables, options: "OptionGroup | None"
) -> "Iterator[tuple[pl.DataFrame, pl.DataFrame, Sequence[Input]]]":
    """Yield the parts of a table: with the types of its columns, with its cells as written, and as raw inputs."""
    chunks: list[tuple[pl.DataFrame, pl.DataFrame]] = []

    def rows() -> "Iterator[TableRows]":
        first = 1
        for chunk in reader.chunks():
            typed = reader.typed(chunk)
            chunks.append((typed, chunk))
            yield TableRows(typed, str(reader.file), range(first, first + len(chunk)), chunk)
            first += len(chunk)

    for inputs in task.table_inputs(rows(), options):
        yield *chunks.pop(), inputs


def _predict_readable(
    bundle: Bundle, inputs: "Sequence[Input]", state: object, some_were_readable: bool
) -> "tuple[dict[int, Prediction], dict[int, str]]":
    """Return the predictions by place, and the reasons of the rows that cannot be read."""
    size = max(len(inputs), 1)
    try:
        return dict(enumerate(bundle.predict(inputs, size, state))), {}
    except UnreadableInputsError as error:
        places = [place for place in range(len(inputs)) if place not in error.reasons]
        if not places and not some_were_readable:
            raise
        rest = inputs.take(places) if isinstance(inputs, TableRows) else [inputs[place] for place in places]
        predictions = bundle.predict(rest, size, state) if places else []
        return dict(zip(places, predictions, strict=True)), error.reasons


def _require_tables(bundle: Bundle, table: Path) -> AnswersTables:
    if not isinstance(bundle.task, AnswersTables):
        raise InputError(f"{bundle.task.id} does not predict for tables: pass inputs as its documentation says")
    if not is_table(table):
        raise InputError(f"{table} is not a table: expected {FORMATS}")
    return bundle.task


def _initial_state(bundle: Bundle, state_file: Path | None) -> object:
    task = bundle.task
    if not isinstance(task, Streaming):
        return None
    if state_file is not None and state_file.exists():
        return task.load_state(state_file)
    return task.initial_state(bundle.codec)


def _joined(chunk: "pl.DataFrame", fields: list[dict[str, object]]) -> "pl.DataFrame":
    """Return the cells as they were written, and those of the predictions."""
    import polars as pl

    answers = pl.DataFrame(fields, infer_schema_length=None)
    answers = answers.rename(lambda name: f"{name}_answer" if name in chunk.columns else name)
    return chunk.hstack(answers)


def _fields(prediction: "Prediction") -> dict[str, object]:
    """Return the fields of a prediction as cells; a cell holds one value, so lists and dictionaries become JSON."""
    values = prediction.model_dump()
    return {name: _cell(value) for name, value in values.items()}


def _cell(value: object) -> object:
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
