"""Tables from files: CSV, TSV, Parquet and ARFF, whole or in chunks."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError, raise_system_error
from plexus.utils.messages import note

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = {".csv", ".tsv", ".parquet", ".arff"}
CHUNK = 50_000
"""Rows of a chunk."""
MISSING = ["", "?", "na", "n/a", "nan", "null", "none"]
"""Texts that stand for a missing value, in lower case."""


def is_table(path: Path) -> bool:
    """Return whether a file is a table by its suffix; a CSV may be compressed, as in `a.csv.gz`.

    Args:
        path: The file, which need not exist.

    Returns:
        True for a table; False for a folder.
    """
    return suffix(path) in SUFFIXES and not path.is_dir()


def suffix(path: Path) -> str:
    """Return the suffix that names the format.

    Args:
        path: The file.

    Returns:
        The suffix in lower case, `.csv` for `a.csv.gz`.
    """
    return Path(path.stem).suffix.lower() if path.suffix.lower() in {".gz", ".zst"} else path.suffix.lower()


def read_table(file: Path) -> "pl.DataFrame":
    """Read a table.

    Columns of a CSV in which all values are numbers or missing become numbers. The file is read twice: the first pass
    finds these columns, because as text the table would take three times the memory.

    Args:
        file: The file.

    Returns:
        The table.

    Raises:
        InputError: As for `table_chunks`.
    """
    import polars as pl

    texts: set[str] = set()
    for chunk in table_chunks(file):
        texts |= {series.name for series in chunk if series.name not in texts and not _all_numbers(series)}
    if suffix(file) == ".csv" and (separator := _dialect(file)[0]) != ",":
        note(f"{file}: columns are separated by {separator!r} instead of commas")
    return pl.concat(
        chunk.with_columns(pl.exclude(texts).cast(pl.Float64, strict=False)) for chunk in table_chunks(file)
    )


def missing(series: "pl.Series") -> "pl.Series":
    """Return where a column has no value: null, NaN, empty, or one of `MISSING`.

    Args:
        series: The column.

    Returns:
        A Boolean column.
    """
    import polars as pl

    if series.dtype == pl.String:
        return series.is_null() | series.str.strip_chars().str.to_lowercase().is_in(MISSING).fill_null(True)
    return (series.is_null() | series.is_nan()).fill_null(True) if series.dtype.is_float() else series.is_null()


def _all_numbers(series: "pl.Series") -> bool:
    import polars as pl

    numbers = series.str.strip_chars() if series.dtype == pl.String else series
    return bool((numbers.cast(pl.Float64, strict=False).is_not_null() | missing(series)).all())


def table_chunks(file: Path) -> Iterator["pl.DataFrame"]:
    """Read a table in chunks.

    The columns of CSV and TSV are text; those of Parquet and ARFF have the types of the file. Columns of a CSV without
    a header (its first line is all numbers) are named `column_0`, `column_1`, ….

    Args:
        file: The file.

    Yields:
        Tables of `CHUNK` rows at most.

    Raises:
        InputError: If there is no such file, it is damaged, a line has too many fields, or it has no rows.
    """
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    chunks = iter([_read_arff(file)]) if suffix(file) == ".arff" else _scan(file)
    rows = 0
    for chunk in chunks:
        rows += len(chunk)
        yield chunk
    if not rows:
        raise InputError(f"{file} has no rows")


def _scan(file: Path) -> "Iterator[pl.DataFrame]":
    import polars as pl

    try:
        if suffix(file) == ".parquet":
            frame = pl.scan_parquet(file)
        else:
            separator, header = _dialect(file)
            frame = pl.scan_csv(file, separator=separator, has_header=header, infer_schema=False)
        yield from frame.collect_batches(chunk_size=CHUNK, maintain_order=True)
    except (pl.exceptions.PolarsError, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise_system_error(error, file)
        raise InputError(_describe(file, error)) from error


def _dialect(file: Path) -> tuple[str, bool]:
    """Return the separator, and whether the first line names the columns."""
    if file.suffix.lower() == ".zst":
        return ("\t" if suffix(file) == ".tsv" else ","), True
    opener = gzip.open if file.suffix.lower() == ".gz" else open
    with opener(file, "rt", encoding="utf-8-sig") as stream:
        first = stream.readline().strip()
    separator = "\t" if suffix(file) == ".tsv" else max(",;\t|", key=first.count)
    return separator, not all(_is_number(field) for field in first.split(separator))


def _is_number(field: str) -> bool:
    try:
        float(field.strip('" '))
    except ValueError:
        return False
    return True


def _describe(file: Path, error: Exception) -> str:
    """Return the error message, with the line if a line has too many fields."""
    if suffix(file) != ".parquet" and file.suffix.lower() not in {".gz", ".zst"} and "fields" in str(error):
        separator, _ = _dialect(file)
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.reader(stream, delimiter=separator)
            fields = len(next(rows))
            for row in rows:
                if len(row) > fields:
                    return f"{file}, line {rows.line_num}: {len(row)} fields; the first line has {fields}"
    return f"{file} is damaged or not what its name says: {str(error).strip().splitlines()[0]}"


def _read_arff(file: Path) -> "pl.DataFrame":
    """Read ARFF with SciPy; nominal attributes become text, their unknown values (`?`) missing."""
    import polars as pl
    from scipy.io import arff

    header = re.split(r"(?im)^@data", file.read_text(errors="replace"))[0]
    other = re.search(r"(?im)^@attribute\s+('[^']*'|\S+)\s+(string|date|relational)", header)
    if other:
        raise InputError(
            f"{file}: attribute {other[1]} is a {other[2].lower()}; only numbers and categories can be read: remove it"
        )
    try:
        data, meta = arff.loadarff(file)
    except (ValueError, IndexError, StopIteration, arff.ArffError, NotImplementedError) as error:
        raise InputError(f"{file} is damaged or not ARFF: {error}") from error
    columns = {}
    for name in meta.names():
        values = data[name]
        if meta[name][0] == "nominal":
            text = [value.decode() for value in values.tolist()]
            columns[name] = pl.Series([None if value == "?" else value for value in text], dtype=pl.String)
        else:
            columns[name] = pl.Series(values.astype(float)).fill_nan(None)
    return pl.DataFrame(columns)
