"""Tables from files: CSV, TSV, Parquet and ARFF, whole or a piece at a time."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.utils.messages import note

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = {".csv", ".tsv", ".parquet", ".arff"}
CHUNK = 50_000
MISSING = ["", "?", "na", "n/a", "nan", "null", "none"]
"""What stands for no value, in small letters."""


def is_table(path: Path) -> bool:
    """Whether a name is that of a table; a CSV may be packed, as in `a.csv.gz`."""
    return suffix(path) in SUFFIXES and not path.is_dir()


def suffix(path: Path) -> str:
    """The ending that tells the format: of `a.csv.gz` it is `.csv`."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in {".gz", ".zst"} else path.suffix.lower()


def read_table(file: Path) -> "pl.DataFrame":
    """All of a table; errors as for `table_chunks`.

    Columns of a CSV in which every value is a number or missing are numbers: text takes three times the memory, so
    a first look at the whole file finds out which, and only then the file is kept.
    """
    import polars as pl

    texts: set[str] = set()
    for chunk in table_chunks(file):
        texts |= {series.name for series in chunk if series.name not in texts and not _all_numbers(series)}
    if suffix(file) == ".csv" and (separator := _dialect(file)[0]) != ",":
        note(f"{file}: its columns are separated by {separator!r}, not by commas; read so")
    return pl.concat(
        chunk.with_columns(pl.exclude(texts).cast(pl.Float64, strict=False)) for chunk in table_chunks(file)
    )


def missing(series: "pl.Series") -> "pl.Series":
    """Where a column has no value: null, NaN, empty, or one of `MISSING`."""
    import polars as pl

    if series.dtype == pl.String:
        return series.is_null() | series.str.strip_chars().str.to_lowercase().is_in(MISSING).fill_null(True)
    return (series.is_null() | series.is_nan()).fill_null(True) if series.dtype.is_float() else series.is_null()


def _all_numbers(series: "pl.Series") -> bool:
    import polars as pl

    numbers = series.str.strip_chars() if series.dtype == pl.String else series
    return bool((numbers.cast(pl.Float64, strict=False).is_not_null() | missing(series)).all())


def table_chunks(file: Path) -> "Iterator[pl.DataFrame]":
    """A table, `CHUNK` rows at a time.

    The columns of CSV and TSV are text, as it stands in the file; those of Parquet and ARFF have the file's types.
    A CSV without a header (its first line is all numbers) gets the names `column_0`, `column_1`, ….

    Raises:
        InputError: there is no such file, it is damaged, a line has too many fields, or it has no rows.
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
        raise InputError(_complaint(file, error)) from error


def _dialect(file: Path) -> tuple[str, bool]:
    """The separator, and whether the first line names the columns."""
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


def _complaint(file: Path, error: Exception) -> str:
    """What is wrong, with the line if a line has a wrong number of fields."""
    if suffix(file) != ".parquet" and file.suffix.lower() not in {".gz", ".zst"} and "fields" in str(error):
        separator, _ = _dialect(file)
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.reader(stream, delimiter=separator)
            wanted = len(next(rows))
            for row in rows:
                if len(row) > wanted:
                    return f"{file}, line {rows.line_num}: {len(row)} fields; the first line has {wanted}"
    return f"{file} is damaged or not what its name says: {str(error).strip().splitlines()[0]}"


def _read_arff(file: Path) -> "pl.DataFrame":
    """ARFF by SciPy; nominal attributes as text, their unknown values (`?`) as missing."""
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
