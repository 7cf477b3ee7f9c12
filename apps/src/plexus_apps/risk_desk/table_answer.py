"""Answers for all rows of a table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexus.inference.table_predictions import predict_table
from plexus_apps.results import without_folders
from plexus_apps.risk_desk.table_model import TableModel

if TYPE_CHECKING:
    import polars as pl

MAX_ROWS, MAX_UNREADABLE = 200, 5
"""Most rows that are shown, and most unreadable rows that the summary names."""
NUMBERS = ("probability", "risk", "value", "low", "high", "threshold")
"""Fields of predictions that are numbers."""


@dataclass(frozen=True)
class TableAnswer:
    """The answers for the rows of a table.

    Args:
        summary: HTML: the number of rows, of predicted events, and the rows that cannot be read.
        headers: Columns of the first rows: those of `answer_headers`, before the last one, which is the warnings, those
            of the table.
        rows: The first rows.

    Example:
        ```python
        answer_table(model, Path("loans.csv"), Path("answered.csv")).summary
        ```
    """

    summary: str
    headers: list[str]
    rows: list[list[object]]


def answer_table(model: TableModel, table: Path, out: Path) -> TableAnswer:
    """Predict for all rows of a table.

    Args:
        model: The model.
        table: The table.
        out: CSV to write: all rows with the fields of their predictions, with the separator and the decimal comma of
            the table if it is a CSV.

    Returns:
        The answers.

    Raises:
        InputError: If the table cannot be read, or lacks a column.
    """
    import polars as pl

    written = predict_table(model.bundle, table, out, like_table=True)
    unreadable, answered = written.unreadable, pl.read_csv(out, infer_schema=False, separator=written.separator)
    fields = _fields(model, answered)
    if written.decimal_comma:
        fields = fields.with_columns(pl.col(set(NUMBERS) & set(fields.columns)).str.replace(",", ".", literal=True))
    cells = answered.drop(answered.columns[-fields.width :])
    pairs = zip(fields.head(MAX_ROWS).iter_rows(named=True), cells.head(MAX_ROWS).iter_rows(), strict=True)
    rows = [
        [number, *_answer(model, prediction), *row, _warnings(prediction, unreadable.get(number))]
        for number, (prediction, row) in enumerate(pairs, 1)
    ]
    *first, last = answer_headers(model)
    return TableAnswer(_summary(model, fields, unreadable), [*first, *cells.columns, last], rows)


def answer_headers(model: TableModel) -> list[str]:
    """Return the columns that `answer_table` shows in addition to those of the table.

    Args:
        model: The model.

    Returns:
        Number of the row, answer, decision of models with labels, warnings.
    """
    answer = [f"probability of {model.event}", "counts as"] if model.event else [f"predicted {model.target}".strip()]
    return ["row", *answer, "warnings"]


def _fields(model: TableModel, answered: "pl.DataFrame") -> "pl.DataFrame":
    """Return the fields of the predictions: they are the last columns, whatever those of the table are called."""
    names = list(type(model.bundle.predict([model.typical])[0]).model_fields)
    return answered.select(answered.columns[-len(names) :]).rename(
        dict(zip(answered.columns[-len(names) :], names, strict=True))
    )


def _answer(model: TableModel, fields: Mapping[str, Any]) -> list[object]:
    """Return the cells of one row's answer: number and decision; empty ones if the row cannot be read."""
    if fields["warnings"] is None:
        return ["", *[""] * bool(model.event)]
    number = model.number(fields)
    return [model.shown(number), *[model.decision(number)] * bool(model.event)]


def _warnings(fields: Mapping[str, Any], unreadable: str | None) -> str:
    return "; ".join(json.loads(fields["warnings"])) if unreadable is None else f"cannot be read: {unreadable}"


def _summary(model: TableModel, fields: "pl.DataFrame", unreadable: Mapping[int, str]) -> str:
    text = f"<b>{len(fields):,} rows</b>"
    if model.event:
        events = int((fields["positive"] == "true" if "positive" in fields else fields["label"] == model.event).sum())
        text += f"; <b>{events:,}</b> count as {escape(model.event)}, from the threshold of {model.threshold:.1%} on"
    warned = int((fields["warnings"].fill_null("[]") != "[]").sum())
    text += f"; {warned:,} with warnings."
    if unreadable:
        first = "; ".join(f"row {place}: {reason}" for place, reason in sorted(unreadable.items())[:MAX_UNREADABLE])
        text += f" <b>{len(unreadable):,} cannot be read</b> and have no prediction: {escape(without_folders(first))}"
    return text
