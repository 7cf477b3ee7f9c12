"""The rows of small tables as dictionaries."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from plexus.errors import InputError

MAX_CELL = 1 << 24
"""Characters of a cell; a longer one follows from a quote that is not closed."""


class ListingReader(Iterator[dict[str, str]]):
    """The rows of a small table as dictionaries of text.

    Args:
        file: The file, for messages.
        content: Its text, with the header.
        names: Names of the columns, which replace the header.
        separator: Between columns.
        quoting: A constant of the module `csv`.

    Attributes:
        fieldnames: Names of the columns.

    Example:
        ```python
        for row in read_listing(Path("manifest.csv")):
            row["path"]
        ```
    """

    def __init__(self, file: Path, content: str, names: list[str], separator: str, quoting: "Literal[0, 3]") -> None:
        self._file, self.fieldnames = file, names
        csv.field_size_limit(MAX_CELL)
        self._rows = csv.reader(
            io.StringIO(content, newline=""),
            delimiter=separator,
            quoting=quoting,
            strict=True,
            skipinitialspace=separator != "\t",
        )
        self._next_row()

    @property
    def line_num(self) -> int:
        """Line of the last row."""
        return self._rows.line_num

    def __next__(self) -> dict[str, str]:
        row: list[str] = []
        while not row:
            row = self._next_row()
        fields = len(self.fieldnames)
        if len(row) > fields:
            raise InputError(
                f"{self._file}, line {self.line_num}: {len(row)} fields; the first line has {fields}: "
                "put a field that contains the separator in quotes"
            )
        return dict(zip(self.fieldnames, row + [""] * (fields - len(row)), strict=True))

    def _next_row(self) -> list[str]:
        before = self.line_num
        try:
            return next(self._rows)
        except csv.Error as error:
            raise InputError(f"{self._file}, line {before + 1}: {error}: a quote may not be closed") from None
