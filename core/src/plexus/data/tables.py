"""Tables from files: CSV, TSV, JSON Lines, Parquet and ARFF, whole or in chunks, with the types of the file."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.data.arff import read_arff
from plexus.data.cells import missing
from plexus.data.column_types import ColumnTypes
from plexus.data.damage import damaged
from plexus.data.delimited import DelimitedFile, require_columns
from plexus.data.json_tables import json_chunks
from plexus.data.number_format import has_decimal_comma
from plexus.data.text_streams import COMPRESSED
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "CHUNK",
    "SUFFIXES",
    "TableReader",
    "is_table",
    "missing",
    "read_table",
    "spreadsheet_hint",
    "suffix",
    "table_chunks",
]

DELIMITED, JSON = {".csv", ".tsv"}, {".jsonl", ".ndjson", ".json"}
SUFFIXES = {*DELIMITED, *JSON, ".parquet", ".arff"}
FORMATS = ".csv, .tsv, .jsonl, .json, .parquet, .arff; the first four also with .gz or .zst"
"""The suffixes of tables, for messages."""
SPREADSHEETS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"}
"""Suffixes of files of spreadsheet programs, which are no tables here: they have sheets, formulas and merged cells."""
CHUNK = 50_000
"""Rows of a chunk."""


def is_table(path: Path) -> bool:
    """Return whether a file is a table by its suffix; one of text may be compressed, as in `a.csv.gz`.

    Args:
        path: The file, which need not exist.

    Returns:
        True for a table; False for a folder.
    """
    return suffix(path) in SUFFIXES and not path.is_dir()


def spreadsheet_hint(path: Path) -> str:
    """Return what to do with the file of a spreadsheet program, for the end of a message.

    Args:
        path: The file, which need not exist.

    Returns:
        How it is saved as CSV or Parquet; empty if it is another file.
    """
    if path.suffix.lower() not in SPREADSHEETS:
        return ""
    name = f"{path.stem}.parquet"
    return (
        "; a spreadsheet is not read: save its sheet as CSV (in Excel: File, Save As, CSV UTF-8; in LibreOffice: File, "
        f"Save As, Text CSV), or in Python pandas.read_excel({path.name!r}).to_parquet({name!r})"
    )


def suffix(path: Path) -> str:
    """Return the suffix that names the format.

    Args:
        path: The file.

    Returns:
        The suffix in lower case, `.csv` for `a.csv.gz`.
    """
    return Path(path.stem).suffix.lower() if path.suffix.lower() in COMPRESSED else path.suffix.lower()


def read_table(file: Path) -> "pl.DataFrame":
    """Read a table with the types of its columns.

    The columns of Parquet, ARFF and JSON have the types of the file. Columns of a CSV in which all values are
    numbers or missing become whole numbers or numbers, also those with decimal commas, separators of thousands or
    currency signs, which is printed; all others are text. Identifiers (digits with a leading zero, more than 19 digits)
    stay text.

    Args:
        file: The file.

    Returns:
        The table.

    Raises:
        InputError: As for `TableReader`.
    """
    import polars as pl

    reader = TableReader(file)
    return pl.concat([reader.typed(chunk) for chunk in reader.chunks()], how="vertical_relaxed")


def table_chunks(file: Path) -> Iterator["pl.DataFrame"]:
    """Read a table in chunks, with the types that `read_table` gives.

    Args:
        file: The file.

    Yields:
        Tables of `CHUNK` rows at most.

    Raises:
        InputError: As for `TableReader`.
    """
    reader = TableReader(file)
    for chunk in reader.chunks():
        yield reader.typed(chunk)


class TableReader:
    """A table as it is written, and with the types of its columns.

    A CSV is read twice: the first pass finds the types, because as text the table would take three times the memory.
    Columns of a CSV without a header (its first line is all numbers) are named `column_0`, `column_1`, ….

    Args:
        file: The file.

    Raises:
        InputError: If there is no such file, it is damaged, or compressed though it is no text, a line has too many
            fields, or it has no rows or too many columns.

    Example:
        ```python
        reader = TableReader(Path("payments.csv"))
        for chunk in reader.chunks():
            rows = reader.typed(chunk)
        ```
    """

    def __init__(self, file: Path) -> None:
        import polars as pl

        if not file.is_file():
            raise InputError(f"{file}: there is no such file")
        unpack = COMPRESSED.get(file.suffix.lower())
        if unpack and suffix(file) not in DELIMITED | JSON:
            raise InputError(f"{file}: a {suffix(file)} is not read with {file.suffix}: unpack it first ({unpack})")
        self.file = file
        self._delimited = DelimitedFile(file, suffix(file) == ".tsv") if suffix(file) in DELIMITED else None
        self._types = ColumnTypes()
        if self._delimited is not None:
            self._delimited.announce()
            self._types = ColumnTypes.infer(self.chunks(), self._delimited.separator)
            self._types.announce(file)
        else:  # their columns have types; texts may be numbers with a decimal comma
            ColumnTypes.infer((chunk.select(pl.col(pl.String)) for chunk in self.chunks()), ",")

    @property
    def separator(self) -> str:
        """Character between the columns of a CSV; of other formats a comma, or a semicolon if it has decimal commas."""
        if self._delimited is not None and suffix(self.file) == ".csv":
            return self._delimited.separator
        return ";" if self._delimited is not None and self.has_decimal_comma else ","

    @property
    def has_decimal_comma(self) -> bool:
        """Whether the numbers of the table have decimal commas, or those of the bundle's training had."""
        return has_decimal_comma() or "european" in self._types.numbers.values()

    def chunks(self) -> Iterator["pl.DataFrame"]:
        """Read the table; cells of a CSV as they are written.

        Yields:
            Tables of `CHUNK` rows at most.

        Raises:
            InputError: As for the class.
        """
        rows = 0
        for chunk in self._delimited.chunks(CHUNK) if self._delimited is not None else self._whole():
            require_columns(self.file, chunk.width)
            rows += len(chunk)
            yield chunk
        if not rows:
            raise InputError(f"{self.file} has no rows: expected one example per row, below the names of the columns")

    def typed(self, chunk: "pl.DataFrame") -> "pl.DataFrame":
        """Convert a chunk to the types of the columns.

        Args:
            chunk: A chunk of this table.

        Returns:
            Its rows as numbers, texts, truth values and times.
        """
        return chunk if self._delimited is None else self._types.apply(chunk)

    def _whole(self) -> Iterator["pl.DataFrame"]:
        import polars as pl

        try:
            if suffix(self.file) == ".arff":
                yield read_arff(self.file)
            elif suffix(self.file) in JSON:
                yield from json_chunks(self.file, CHUNK)
            else:
                frame = pl.scan_parquet(self.file)
                for chunk in frame.collect_batches(chunk_size=CHUNK, maintain_order=True):
                    yield plain_types(chunk)
        except (pl.exceptions.PolarsError, OSError, EOFError) as error:
            raise damaged(self.file, error) from error


def with_cells_as_written(table: "pl.DataFrame", file: Path, names: Iterable[str]) -> "pl.DataFrame":
    """Replace columns of numbers that are not whole by their cells as text: labels and identifiers such as 1.10.

    Args:
        table: The table of the file, with the types of `read_table`.
        file: The file.
        names: The columns that hold no quantities.

    Returns:
        The table; of a file whose columns have types of their own, it is the same.
    """
    import polars as pl

    numbers = [name for name in names if table[name].dtype.is_float()]
    if not numbers or suffix(file) not in DELIMITED:
        return table
    chunks = DelimitedFile(file, suffix(file) == ".tsv").chunks(CHUNK)  # what is particular was printed already
    written = pl.concat([chunk.select(numbers) for chunk in chunks])
    missing_too = (written[name].str.strip_chars().set(table[name].is_null(), None) for name in numbers)
    return table.with_columns(missing_too)


def plain_types(table: "pl.DataFrame") -> "pl.DataFrame":
    """Convert columns of rarer types: categories to text, decimals and durations to numbers, nested values to JSON.

    NaN is a missing value, as in the other formats.

    Args:
        table: A table, of a Parquet file or a database.

    Returns:
        The table with whole numbers, numbers, truth values, texts, dates and times only.
    """
    return table.with_columns(_plain_type(series) for series in table)


def _plain_type(series: "pl.Series") -> "pl.Series":
    import polars as pl

    if series.dtype in (pl.Categorical, pl.Enum):
        return series.cast(pl.String)
    if series.dtype.is_float():
        return series.fill_nan(None)
    if series.dtype.is_decimal():
        return series.cast(pl.Float64)
    if series.dtype == pl.Duration:
        return series.dt.total_microseconds() / 1e6
    if series.dtype == pl.Null:
        return series.cast(pl.String)
    if series.dtype == pl.Binary:
        return pl.Series(series.name, [value and value.decode(errors="replace") for value in series], dtype=pl.String)
    if series.dtype.is_nested() or series.dtype == pl.Object:
        values = [None if value is None else _nested_text(value) for value in series.to_list()]
        return pl.Series(series.name, values, dtype=pl.String)
    return series


def _nested_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
