"""Cells of a row as JSON types."""

import math

from plexus_tables.cell_texts import to_text
from plexus_tables.column_encoder import ColumnEncoder


def json_cell(column: ColumnEncoder, value: object) -> float | str | None:
    """Return a cell of a row as JSON has it.

    Args:
        column: Its column.
        value: The cell.

    Returns:
        The number, category or date; None if it is missing or cannot be read.
    """
    return to_text(value) if column.kind == "categorical" else json_number(column, column.number(value))


def json_number(column: ColumnEncoder, number: float) -> float | str | None:
    """Return a value of a column that is no categorical one as JSON has it.

    Args:
        column: The column.
        number: As of `ColumnEncoder.number`: a number, a rank or days since 1970; NaN if it is missing.

    Returns:
        The number, the category of the rank, or the date; None if it is missing.
    """
    if math.isnan(number):
        return None
    return number if column.kind == "numeric" else column.shown(number)
