"""Texts from files and tables, in UTF-8 or Latin-1."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.data.tables import is_table, read_table, suffix
from plexus.utils.messages import note

if TYPE_CHECKING:
    import polars as pl

JSON_LINES = {".jsonl", ".ndjson"}
BINARY_SUFFIXES = {".parquet", ".arff", ".gz", ".zst"}


def decode_text(content: bytes, name: str, announce: bool = False) -> str:
    """Decode UTF-8, or Latin-1 if it is not UTF-8.

    Args:
        content: The bytes.
        name: Their file, for messages.
        announce: Whether to print that they are read as Latin-1.

    Returns:
        The text.

    Raises:
        InputError: If they contain a byte 0, which no text does.
    """
    if b"\0" in content:
        raise InputError(f"{name} is not text: byte {content.index(0):,} is 0")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if announce:
            note(f"{name} is not UTF-8: read as Latin-1")
        return content.decode("latin-1")


def read_text_file(file: Path) -> str:
    """Read a text file in UTF-8, or in Latin-1, which is announced.

    Args:
        file: The file.

    Returns:
        Its text.

    Raises:
        InputError: If it cannot be read or is not text.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    return decode_text(content, str(file), announce=True)


def is_text_table(path: Path) -> bool:
    """Return whether a file is a table that `read_text_table` reads.

    Args:
        path: The file.

    Returns:
        True for tables of `plexus.data.tables` and JSON lines.
    """
    return path.suffix in JSON_LINES or is_table(path)


def read_text_table(path: Path) -> "pl.DataFrame":
    """Read a table of any kind; columns of texts are strings.

    Args:
        path: A table of `plexus.data.tables`, or JSON lines.

    Returns:
        The table.

    Raises:
        InputError: If it cannot be read; of JSON lines, the line is named.
    """
    if path.suffix in JSON_LINES:
        return _read_json_lines(path)
    return read_table(path) if _is_utf8(path) else _read_latin1(path)


def _read_json_lines(path: Path) -> "pl.DataFrame":
    import polars as pl

    rows = []
    for number, line in enumerate(read_text_file(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise InputError(
                f'{path}, line {number}: expected an object like {{"text": …, "label": …}}, got {type(row).__name__}'
            )
        rows.append(row)
    if not rows:
        raise InputError(f"{path} has no rows")
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def _is_utf8(path: Path) -> bool:
    if path.suffix.lower() in BINARY_SUFFIXES:
        return True
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read_latin1(path: Path) -> "pl.DataFrame":
    import polars as pl

    content = read_text_file(path)
    separator = "\t" if suffix(path) == ".tsv" else max(",;\t|", key=content.partition("\n")[0].count)
    return pl.read_csv(io.BytesIO(content.encode()), separator=separator, infer_schema=False)
