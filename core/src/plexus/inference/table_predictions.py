"""A table, row by row, with answers beside it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexus.bundle import Bundle
from plexus.data.tables import is_table, table_chunks
from plexus.errors import InputError
from plexus.utils.files import require_new, writing_to

if TYPE_CHECKING:
    import polars as pl


def answer_table(bundle: Bundle, table: Path, to: Path, flags: Any) -> int:
    """Write a CSV: the table's columns, then the fields of each row's answer. Takes a piece of the table at a time.

    Args:
        flags: the task's own, of `predict`.

    Returns:
        The number of rows.

    Raises:
        InputError: the table cannot be read, lacks a column, or the file to write exists already.
    """
    if not is_table(table):
        raise InputError(f"{table} is not a table: .csv, .tsv, .parquet or .arff is wanted")
    require_new(to)
    beside, rows = to.with_name(f".{to.name}.partial"), 0
    with writing_to(to.parent):
        try:
            with beside.open("wb") as stream:
                for chunk in table_chunks(table):
                    _beside(bundle, chunk, flags).write_csv(stream, include_header=rows == 0)
                    rows += len(chunk)
            beside.rename(to)
        finally:
            beside.unlink(missing_ok=True)
    return rows


def _beside(bundle: Bundle, chunk: "pl.DataFrame", flags: Any) -> "pl.DataFrame":
    import polars as pl

    answers = bundle.predict(bundle.task.table_inputs(chunk, flags), batch_size=len(chunk))
    fields = pl.DataFrame([{name: _cell(value) for name, value in answer} for answer in answers])
    return chunk.hstack(fields.rename(lambda name: f"{name}_answer" if name in chunk.columns else name))


def _cell(value: Any) -> Any:
    """Lists and dictionaries as JSON: a cell holds one value."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | tuple) else value
