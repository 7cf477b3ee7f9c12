"""Encoding of the rows of a table."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import InputError
from plexus.codec import Arrays, JsonObject
from plexus.data.table_rows import TableRows
from plexus.errors import UnreadableInputsError
from plexus_clustering.column_encoder import ColumnEncoder
from plexus_clustering.input_encoder import InputEncoder

if TYPE_CHECKING:
    import polars as pl

    from plexus_clustering.input_encoder import RawInputs


class TableEncoder(InputEncoder):
    """Standardizes numeric columns, and encodes categories one-hot with the weight of one column.

    Args:
        columns: Encoders of the columns that are used.

    Example:
        ```python
        encoder = TableEncoder(fit_columns(table, Findings()))
        encoder.encode([{"height": 1.8, "color": "red"}])["x"]
        ```
    """

    kind = "table"

    def __init__(self, columns: Sequence[ColumnEncoder]) -> None:
        self.columns = list(columns)
        self.features = [feature for column in columns for feature in column.features()]
        self.shape = (len(self.features),)
        ends = np.cumsum([len(column.features()) for column in columns], dtype=int).tolist()
        self.fields = [
            slice(end - len(column.categories), end)
            for column, end in zip(columns, ends, strict=True)
            if column.categories is not None
        ]

    def encode(self, inputs: "RawInputs") -> Arrays:
        """Encode rows.

        Args:
            inputs: A table, or rows as dictionaries.

        Returns:
            `x`: floats of shape `(n, features)`.

        Raises:
            InputError: If an input is not a row, or a column is missing.
        """
        table = _as_table(inputs)
        return {"x": np.concatenate([column.encode(table) for column in self.columns], axis=1)}

    def missing(self, table: "pl.DataFrame") -> np.ndarray:
        """Return which features of numbers are filled with the median, as the table has no value.

        Args:
            table: The table.

        Returns:
            Booleans of shape `(n, features)`.
        """
        return np.concatenate([column.missing(table) for column in self.columns], axis=1)

    def to_json(self) -> JsonObject:
        """Return the columns.

        Returns:
            The object that `from_json` takes.
        """
        return {"kind": self.kind, "columns": [column.to_json() for column in self.columns]}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an encoder from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The encoder.
        """
        return cls([ColumnEncoder(**column) for column in state["columns"]])


def _as_table(inputs: "RawInputs") -> "pl.DataFrame":
    import polars as pl

    if isinstance(inputs, pl.DataFrame | TableRows):
        return inputs.frame if isinstance(inputs, TableRows) else inputs
    invalid = next((row for row in inputs if not isinstance(row, dict)), None)
    if invalid is not None:
        raise InputError(f'expected a table, or a row as JSON, {{"column": value}}; got {invalid!r}')
    reasons = {place: reason for place, row in enumerate(inputs) if (reason := _nested_value(row))}
    if reasons:
        raise UnreadableInputsError(reasons)
    names = dict.fromkeys(name for row in inputs for name in row)
    as_text = {name: [None if row.get(name) is None else str(row[name]) for row in inputs] for name in names}
    return pl.DataFrame(as_text, schema=dict.fromkeys(names, pl.String))


def _nested_value(row: Mapping[str, object]) -> str:
    """Return why a row cannot be read: one of its values is a list or an object; empty if none is."""
    nested = ((name, value) for name, value in row.items() if isinstance(value, list | tuple | dict))
    return next((f"column {name!r}: expected a number or a string, got {value!r:.80}" for name, value in nested), "")
