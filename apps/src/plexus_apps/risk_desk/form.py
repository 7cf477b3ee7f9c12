"""The values of a form with a field for each column of a table."""

from collections.abc import Sequence

from plexus_apps.risk_desk.columns import typical_value
from plexus_apps.risk_desk.table_codec import Column, Row, Value
from plexus_apps.risk_desk.table_model import TableModel

MAX_FIELDS = 60
"""Most columns with a field."""
MISSING = ""
"""Value of a drop-down that stands for a missing category: Gradio has no None among the choices."""


def typical_values(columns: Sequence[Column]) -> list[Value]:
    """Return the values of the fields for the typical row.

    Args:
        columns: The columns.

    Returns:
        One value per field.
    """
    return [typical_value(column) for column in columns[:MAX_FIELDS]]


def form_row(model: TableModel, values: Sequence[Value]) -> Row:
    """Return the row that is filled in.

    Args:
        model: The model.
        values: Values of the fields.

    Returns:
        The row; columns without a field have their typical value, empty fields are missing.
    """
    filled = {
        column.name: None if value is None or str(value).strip() == MISSING else value
        for column, value in zip(model.columns[: len(values)], values, strict=True)
    }
    return {**model.typical, **filled}
