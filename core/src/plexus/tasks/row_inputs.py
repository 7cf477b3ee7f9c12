"""Raw inputs that are rows of a table."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.codec import Codec, Input
from plexus.data.rows import Row
from plexus.data.table_rows import TableRows
from plexus.data.tables import is_table, read_table, spreadsheet_hint
from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.utils.option_group import OptionGroup

_MAX_NAME = 1000
"""Characters of the name of a file."""
SEND_JSON = "send JSON with the header content-type: application/json"


class RowInputs:
    """Mixin for tasks whose raw input is a row: JSON objects, rows of tables, and requests.

    With it a task is `Servable` and `AnswersTables`.

    Example:
        ```python
        class Rain(RowInputs, ClassificationTask[RainCodec, RainOptions]): ...
        ```
    """

    request_description = "a row: an object of its columns"

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return a row as a JSON object, or all rows of a table.

        Args:
            argument: The object or the table's file.

        Returns:
            Pairs of a name and a row.

        Raises:
            InputError: If it is neither.
        """
        if is_table(Path(argument)):
            rows = read_table(Path(argument)).to_dicts()
            return [(f"{argument} row {number}", row) for number, row in enumerate(rows, 1)]
        try:
            return [(argument, dict(json.loads(argument)))]
        except (ValueError, TypeError, RecursionError) as error:
            hint = spreadsheet_hint(Path(argument)) if len(argument) < _MAX_NAME else ""
            raise InputError(
                f'{argument}: expected a table, or a row as a JSON object: {{"column": 1.5}}{hint}'
            ) from error

    def parse_request(self, codec: Codec, value: Input) -> Row:
        """Return the row that a request holds.

        Args:
            codec: The codec.
            value: The value of the request.

        Returns:
            The row.

        Raises:
            InputError: If it is not an object.
        """
        if not isinstance(value, dict):
            other = f"a file: {SEND_JSON}" if isinstance(value, bytes) else type(value).__name__
            raise InputError(f"expected a row, an object of its columns, got {other}")
        return value

    def table_inputs(self, parts: Iterable[TableRows], options: "OptionGroup | None") -> Iterator[TableRows]:
        """Return the rows of a table.

        Args:
            parts: The table in parts.
            options: Not used.

        Returns:
            The same parts.
        """
        return iter(parts)
