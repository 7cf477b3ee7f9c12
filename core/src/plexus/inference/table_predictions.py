"""Predictions for the rows of a table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.bundle import Bundle
from plexus.data.tables import is_table, table_chunks
from plexus.errors import InputError
from plexus.tasks.abilities import AnswersTables, Streaming
from plexus.utils.files import require_new, writing_to

if TYPE_CHECKING:
    import polars as pl

    from plexus.utils.option_group import OptionGroup


def predict_table(
    bundle: Bundle, table: Path, out: Path, options: "OptionGroup | None" = None, state_file: Path | None = None
) -> int:
    """Write a CSV with the columns of a table and the fields of each row's prediction, a part of the table at a time.

    Args:
        bundle: The model.
        table: The table.
        out: The CSV to write.
        options: The options of `Task.predict_options`; None if the task has none.
        state_file: For tasks that are `Streaming`: file of the state to continue from, which is updated.

    Returns:
        The number of rows.

    Raises:
        InputError: If the table cannot be read or lacks a column, or if `out` exists.
    """
    task = bundle.task
    if not isinstance(task, AnswersTables):
        raise InputError(f"{task.id} does not predict for tables: pass inputs as its documentation says")
    if not is_table(table):
        raise InputError(f"{table} is not a table: expected .csv, .tsv, .parquet or .arff")
    require_new(out)
    partial, rows, state = out.with_name(f".{out.name}.partial"), 0, _initial_state(bundle, state_file)
    with writing_to(out.parent):
        try:
            with partial.open("wb") as stream:
                for chunk in table_chunks(table):
                    inputs = task.table_inputs(chunk, options)
                    predictions = bundle.predict(inputs, batch_size=max(len(chunk), 1), state=state)
                    fields = [{name: _cell(value) for name, value in prediction} for prediction in predictions]
                    _joined(chunk, fields).write_csv(stream, include_header=rows == 0)
                    rows += len(chunk)
            partial.rename(out)
        finally:
            partial.unlink(missing_ok=True)
    if state_file is not None and isinstance(task, Streaming):
        task.save_state(state, state_file)
    return rows


def _initial_state(bundle: Bundle, state_file: Path | None) -> object:
    task = bundle.task
    if not isinstance(task, Streaming):
        return None
    if state_file is not None and state_file.exists():
        return task.load_state(state_file)
    return task.initial_state(bundle.codec)


def _joined(chunk: "pl.DataFrame", fields: list[dict[str, object]]) -> "pl.DataFrame":
    import polars as pl

    columns = pl.DataFrame(fields, infer_schema_length=None)
    return chunk.hstack(columns.rename(lambda name: f"{name}_answer" if name in chunk.columns else name))


def _cell(value: object) -> object:
    """Return lists and dictionaries as JSON: a cell holds one value."""
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=lambda item: item.model_dump())
    return value
