"""CSV and TSV as text: separator, encoding, header and quotes as the file has them."""

import csv
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from plexus.data.cells import parse_number
from plexus.data.damage import damaged
from plexus.data.listing_reader import MAX_CELL, ListingReader
from plexus.data.text_streams import open_bytes, open_text
from plexus.data.text_survey import TextSurvey, require_western
from plexus.errors import InputError
from plexus.utils.messages import note_once

if TYPE_CHECKING:
    import polars as pl

BLOCK = 1 << 20
MAX_COLUMNS = 100_000
SEPARATORS = ",;\t|"
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
ENCODING_NAMES = {"utf-16": "UTF-16", "cp1252": "Windows-1252"}


class DelimitedFile:
    """A CSV or TSV, whose columns are text.

    Polars reads what is plain. What it refuses or would misread (another encoding than UTF-8, blank lines, a lone
    quote, lines that end with a carriage return) is read by the standard library's `csv`, which names the line.

    Args:
        file: The file, which may be compressed: `.gz` or `.zst`.
        is_tsv: Whether columns are separated by tabs; else the separator is that of the first line.

    Attributes:
        separator: Between columns.
        names: Names of the columns.

    Raises:
        InputError: If it is not text, or damaged.

    Example:
        ```python
        for chunk in DelimitedFile(Path("payments.csv"), is_tsv=False).chunks(50_000): ...
        ```
    """

    def __init__(self, file: Path, is_tsv: bool) -> None:
        self.file, self._is_tsv = file, is_tsv
        self.separator, self._skipped, self._has_header = "\t" if self._is_tsv else ",", 0, True
        self.names: list[str] | None = None
        self._encoding, self._is_plain = "utf-8-sig", True
        self._quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
        self._inspect()

    def announce(self) -> None:
        """Print what differs from a CSV in UTF-8 with commas, once for each file."""
        if not self._has_header:
            self._note("the first line has numbers only: columns are named column_0, column_1, …")
        if self.separator != "," and not self._is_tsv:
            self._note(f"columns are separated by {self.separator!r} instead of commas")
        if self._encoding != "utf-8-sig":
            note_once(self.file, f"{self.file} is not UTF-8: read as {ENCODING_NAMES[self._encoding]}")
        if self._quoting == csv.QUOTE_NONE:
            self._note("quotes are read as they are, because some are not closed")

    def _note(self, line: str) -> None:
        note_once(self.file, f"{self.file}: {line}")

    def chunks(self, rows: int) -> "Iterator[pl.DataFrame]":
        """Read the rows.

        Args:
            rows: Rows of a chunk at most.

        Yields:
            Tables of text; empty cells are null.

        Raises:
            InputError: If a line has too many fields, a quote is not closed, or the file is damaged.
        """
        import polars as pl

        done = 0
        if self._is_plain:
            try:
                for chunk in self._scan(rows):
                    yield chunk
                    done += len(chunk)
            except pl.exceptions.PolarsError:
                pass
            else:
                return
        yield from self._read(rows, done)

    def listing(self) -> "ListingReader":
        """Return a reader of the rows as dictionaries of text, for small tables.

        Returns:
            The reader; its `line_num` is the line of the last row.
        """
        with _reading(self.file), open_text(self.file, self._encoding) as stream:
            content = io.StringIO(stream.read(), newline="")
        return ListingReader(self.file, self._body(content), self.names or [])

    def _inspect(self) -> None:
        """Look at all bytes once: encoding, blank lines, carriage returns and quotes."""
        survey = TextSurvey(self.file)
        for block in self._blocks():
            survey.add(block)
        self._encoding = survey.encoding()
        if self._encoding == "cp1252":
            require_western(self._blocks(), str(self.file), survey.invalid or 0)
        self._is_plain = survey.is_plain and self._encoding == "utf-8-sig"
        with _reading(self.file), open_text(self.file, self._encoding) as stream:
            self._inspect_header(stream)
        if self.separator == "\t" and survey.has_quotes and self._has_open_quotes():
            self._quoting, self._is_plain = csv.QUOTE_NONE, False

    def _blocks(self) -> Iterator[bytes]:
        with _reading(self.file), open_bytes(self.file) as stream:
            while block := stream.read(BLOCK):
                yield block

    def _inspect_header(self, stream: IO[str]) -> None:
        lines = (
            (number, line) for number, line in enumerate(iter(lambda: stream.readline(MAX_CELL), ""), 1) if line.strip()
        )
        number, first = next(lines, (0, ""))
        named = _SEPARATOR_LINE.match(first)
        if named:
            self.separator, self._skipped, first = named[1], number, next(lines, (0, ""))[1]
        elif not self._is_tsv:
            outside = re.sub(r'"[^"]*"', "", first) or first
            self.separator = max(SEPARATORS, key=outside.count)
        fields = next(csv.reader([first], delimiter=self.separator, skipinitialspace=True), [])
        if "\n" not in first and first.count('"') % 2:  # no line ends within MAX_CELL
            raise self._open_quote(1)
        if first.count('"') % 2:
            with open_text(self.file, self._encoding) as again:
                fields = next(self._rows(again), (0, []))[1]
        if not fields:
            raise InputError(f"{self.file} is damaged or not what its name says: it has no columns")
        require_columns(self.file, len(fields))
        self._has_header = any(_is_no_number(field) for field in fields)
        self.names = _unique_names(fields) if self._has_header else [f"column_{i}" for i in range(len(fields))]

    def _scan(self, rows: int) -> "Iterator[pl.DataFrame]":
        import polars as pl

        frame = pl.scan_csv(
            self.file,
            separator=self.separator,
            has_header=self._has_header,
            skip_rows=self._skipped,
            infer_schema=False,
            new_columns=self.names,
        )
        for chunk in frame.collect_batches(chunk_size=rows, maintain_order=True):
            yield chunk.with_columns(pl.all().replace("", None))

    def _read(self, rows: int, done: int) -> "Iterator[pl.DataFrame]":
        import polars as pl

        names = self.names or []
        with _reading(self.file), open_text(self.file, self._encoding) as stream:
            records = self._records(stream, len(names))
            for _ in islice(records, done):
                pass
            while part := list(islice(records, rows)):
                columns = zip(*part, strict=True)
                yield pl.DataFrame(dict(zip(names, map(list, columns), strict=True)), dict.fromkeys(names, pl.String))

    def _records(self, stream: IO[str], width: int) -> Iterator[list[str | None]]:
        """Read rows of the header's width; short ones are filled with nothing, as by other readers."""
        for line, row in self._body(stream):
            if len(row) > width:
                raise InputError(f"{self.file}, line {line}: {len(row)} fields; the first line has {width}")
            yield [field or None for field in row] + [None] * (width - len(row))

    def _body(self, stream: IO[str]) -> Iterator[tuple[int, list[str]]]:
        """Return the rows after the header."""
        rows = self._rows(stream)
        if self._has_header:
            next(rows, None)
        yield from rows

    def _rows(self, stream: IO[str]) -> Iterator[tuple[int, list[str]]]:
        """Return the rows that are no blank lines, with the number of each one's last line."""
        for _ in range(self._skipped):
            stream.readline()
        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(
            stream, delimiter=self.separator, quoting=self._quoting, strict=True, skipinitialspace=not self._is_tsv
        )
        while True:
            before = reader.line_num
            try:
                row = next(reader, None)
            except csv.Error as error:
                line = self._skipped + before + 1
                if "end of data" in str(error) or "field limit" in str(error):
                    raise self._open_quote(line) from None
                raise InputError(
                    f"{self.file}, line {line}: {error}: put the whole field in quotes, and double those in it"
                ) from None
            if row is None:
                return
            if row and (len(row) > 1 or row[0].strip() or reader.line_num - before > 1):
                yield self._skipped + reader.line_num, row

    def _open_quote(self, line: int) -> InputError:
        return InputError(
            f"{self.file}, line {line}: a quote is opened that is not closed: close it, or double quotes that belong "
            "to the text"
        )

    def _has_open_quotes(self) -> bool:
        """Return whether quotes are no more than characters: all lines have the same fields, and some end unquoted."""
        fields, is_open = len(self.names or []), False
        with _reading(self.file), open_text(self.file, self._encoding) as stream:
            for line in islice(stream, self._skipped, None):
                cells = line.rstrip("\r\n").split("\t")
                if line.strip() and len(cells) != fields:
                    return False
                is_open = is_open or any(_is_open(cell) for cell in cells)
        return is_open


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise damaged(file, error) from error


def require_columns(file: Path, count: int) -> None:
    """Refuse a table of too many columns: each takes time, however few rows there are.

    Args:
        file: The file, for the error message.
        count: Number of its columns.

    Raises:
        InputError: If there are more than `MAX_COLUMNS`.
    """
    if count > MAX_COLUMNS:
        raise InputError(
            f"{file} has {count:,} columns, expected at most {MAX_COLUMNS:,}: select columns, or transpose it if its "
            "rows are columns"
        )


def _is_no_number(field: str) -> bool:
    return parse_number(field) != parse_number(field)


def _is_open(cell: str) -> bool:
    """Return whether a field begins with a quote that nothing closes."""
    return cell.startswith('"') and (len(cell) == 1 or not re.fullmatch(r'"(?:[^"]|"")*"', cell))


def _unique_names(fields: list[str]) -> list[str]:
    """Return the names without blanks around; one that repeats gets a number, one that is empty its place."""
    names: dict[str, None] = {}
    next_numbers: dict[str, int] = {}
    for place, field in enumerate(fields):
        base = name = field.strip() or f"column_{place}"
        while name in names:
            number = next_numbers.get(base, 0)
            name, next_numbers[base] = f"{base}_duplicated_{number}", number + 1
        names[name] = None
    return list(names)
