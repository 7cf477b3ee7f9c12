"""Messages about tables that differ from the training data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.data.cells import missing
from plexus.data.table_rows import TableRows
from plexus.utils.messages import note
from plexus_tables.column_encoder import NEW, ColumnEncoder

if TYPE_CHECKING:
    import polars as pl

MAX_NAMES = 10
"""Columns that a message lists."""


class TableNotes:
    """Checks tables for prediction, and prints what is repaired.

    Args:
        columns: The columns that a table has to have.
        other_columns: Names of columns that it may have, too.

    Example:
        ```python
        TableNotes(encoder.columns, ["id"]).check_columns(rows)
        ```
    """

    def __init__(self, columns: Sequence[ColumnEncoder], other_columns: Sequence[str]) -> None:
        self._columns = [column.name for column in columns]
        self._expected = {*self._columns, *other_columns}
        self._noted: set[str] = set()  # of the parts of one file, the first is enough

    def check_columns(self, rows: TableRows) -> None:
        """Refuse a table that lacks columns; note columns that training did not have, once.

        Args:
            rows: The rows.

        Raises:
            InputError: If columns are missing.
        """
        names = rows.frame.columns
        lacking = [name for name in self._columns if name not in names]
        if lacking:
            raise InputError(
                f"{rows.name} lacks the column{'s' * (len(lacking) > 1)} {_listed(lacking)}; it has {_listed(names)}"
            )
        extra = [name for name in names if name not in self._expected]
        columns = (
            "1 column that the training data did not have is"
            if len(extra) == 1
            else (f"{len(extra):,} columns that the training data did not have are")
        )
        line = f"{rows.name}: {columns} not used: {_listed(extra)}"
        if extra and line not in self._noted:
            self._noted.add(line)
            note(line)

    def note_unreadable(self, rows: TableRows, column: ColumnEncoder, series: "pl.Series", numbers: np.ndarray) -> None:
        """Note the values of a column that are present but cannot be read.

        Args:
            rows: The rows.
            column: The column: numeric, ordinal or dates.
            series: Its values.
            numbers: What was read, shape `(n,)`, NaN where there is nothing.
        """
        wrong = np.isnan(numbers)
        if wrong.any():
            wrong &= ~missing(series).to_numpy()
        if wrong.any():
            expected = {"numeric": "numbers", "date": "dates"}.get(column.kind, f"one of {_listed(column.categories)}")
            self._note_rows(rows, column, series, wrong, f"are not {expected} and count as missing")

    def note_new(self, rows: TableRows, column: ColumnEncoder, series: "pl.Series", places: np.ndarray) -> None:
        """Note the values of a categorical column that training did not have.

        Args:
            rows: The rows.
            column: The column.
            series: Its values.
            places: Their places, shape `(n,)`.
        """
        new = places == NEW
        if new.any():
            rare = "were rare or absent" if column.rare else "were not"
            self._note_rows(rows, column, series, new, f"{rare} in the training data and count as no category")

    def _note_rows(
        self, rows: TableRows, column: ColumnEncoder, series: "pl.Series", mask: np.ndarray, problem: str
    ) -> None:
        first = int(mask.argmax())
        note(
            f"{rows.name}: column {column.name}: {mask.sum():,} of {len(mask):,} values {problem}, the first in row "
            f"{rows.numbers[first]}: {str(series[first])[:80]!r}"
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more
