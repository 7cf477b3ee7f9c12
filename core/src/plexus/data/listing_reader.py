"""The rows of small tables as dictionaries."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from plexus.errors import InputError

MAX_CELL = 1 << 24
"""Characters of a cell; a longer one follows from a quote that is not closed."""


class ListingReader(Iterator[dict[str, str]]):
    """The rows of a small table as dictionaries of text.

    Args:
        file: The file, for messages.
        rows: Line and fields of each row after the header.
        names: Names of the columns.

    Attributes:
        fieldnames: Names of the columns.
        line_num: Line of the last row.

    Example:
        ```python
        for row in read_listing(Path("manifest.csv")):
            row["path"]
        ```
    """

    def __init__(self, file: Path, rows: Iterable[tuple[int, list[str]]], names: list[str]) -> None:
        self._file, self._rows = file, iter(rows)
        self.fieldnames, self.line_num = names, 0

    def __next__(self) -> dict[str, str]:
        self.line_num, row = next(self._rows)
        fields = len(self.fieldnames)
        if len(row) > fields:
            raise InputError(
                f"{self._file}, line {self.line_num}: {len(row)} fields; the first line has {fields}: "
                "put a field that contains the separator in quotes"
            )
        return dict(zip(self.fieldnames, row + [""] * (fields - len(row)), strict=True))
