"""Tables of JSON: a list of objects, or JSON Lines."""

import json
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from plexus.data.damage import damaged
from plexus.data.text_streams import open_text
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl

MAX_LINE = 1 << 25
"""Characters of a line of JSON Lines."""
MAX_LIST = 100_000_000
"""Characters of a file with one list, which is in memory as a whole."""
_BLANKS = " \t\r\n"


def json_chunks(file: Path, rows: int) -> Iterator["pl.DataFrame"]:
    """Read a list of objects, or one object per line, in parts.

    A line ends with a line feed: U+2028 and U+0085 in a text are characters. The file is read twice: the first pass
    finds the types of the columns.

    Args:
        file: The file, which may be compressed (`.gz`, `.zst`).
        rows: Rows of a part at most.

    Yields:
        The parts; a column of values of several types is text, and NaN is a missing value.

    Raises:
        InputError: If it is neither, a line or the list is too long, or a part of it is no object; the line or the row
            is named.
    """
    import polars as pl

    kinds: dict[str, set[type]] = {}
    for row in _rows(file):
        for name, value in row.items():
            kinds.setdefault(name, set()).add(_kind(value))
    types = {name: _dtype(of_column - {type(None)}) for name, of_column in kinds.items()}
    records = _rows(file)
    while part := list(islice(records, rows)):
        yield pl.DataFrame([_column(name, part, dtype) for name, dtype in types.items()])


def _rows(file: Path) -> Iterator[dict[str, object]]:
    try:
        with open_text(file, "utf-8-sig", newline="\n") as stream:
            yield from _objects(file, stream)
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8, as JSON has to be: {error.reason}; save it as UTF-8") from error
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(file, error) from error


def _objects(file: Path, stream: IO[str]) -> Iterator[dict[str, object]]:
    number, is_first = 0, True
    while line := stream.readline(MAX_LINE):
        number += 1
        if not line.strip(_BLANKS):
            continue
        if is_first and line.lstrip(_BLANKS).startswith("["):
            yield from _list(file, line, stream)
            return
        is_first = False
        place = f"{file}, line {number}"
        if len(line) == MAX_LINE:
            raise InputError(f"{place}: a line has {MAX_LINE:,} characters or more")
        yield _require_object(_parse(line, place, "one object per line"), place)


def _list(file: Path, first: str, stream: IO[str]) -> Iterator[dict[str, object]]:
    text = first + stream.read(MAX_LIST - len(first) + 1)
    if len(text) > MAX_LIST:
        raise InputError(f"{file}: a list has more than {MAX_LIST:,} characters: save it with one object per line")
    values = _parse(text, str(file), "a list of objects, or one object per line")
    for number, value in enumerate(values if isinstance(values, list) else [], 1):
        yield _require_object(value, f"{file}, row {number}")


def _parse(text: str, place: str, expected: str) -> object:
    try:
        return json.loads(text, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not JSON ({error}); expected {expected}") from error


def _constant(name: str) -> float | None:
    """Return a number that is valid in Python's JSON only: infinity, or None for NaN, which is a missing value."""
    return None if name == "NaN" else float(name)


def _require_object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InputError(f'{place}: expected an object like {{"text": …, "label": …}}, got {type(value).__name__}')
    return value


def _kind(value: object) -> type:
    """Return the type of a value; `object` for whole numbers that do not fit in 64 bits, which stay text."""
    is_large = isinstance(value, int) and not -(2**63) <= value < 2**63
    return object if is_large else type(value)


def _dtype(kinds: set[type]) -> "pl.DataType":
    import polars as pl

    if kinds == {bool}:
        return pl.Boolean()
    if kinds == {int}:
        return pl.Int64()
    return pl.Float64() if kinds and kinds <= {int, float} else pl.String()


def _column(name: str, rows: list[dict[str, object]], dtype: "pl.DataType") -> "pl.Series":
    import polars as pl

    values = [row.get(name) for row in rows]
    if dtype == pl.String:
        values = [_as_text(value) for value in values]
    return pl.Series(name, values, dtype=dtype)


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, bool | int | float) else json.dumps(value, ensure_ascii=False)
