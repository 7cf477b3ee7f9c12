"""Tables of JSON: a list of objects, or JSON Lines."""

import gzip
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

from plexus.data.damage import damaged
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl

_BLANKS = " \t\r\n"


def read_json(file: Path) -> "pl.DataFrame":
    """Read a list of objects, or one object per line.

    A line ends with a line feed: U+2028 and U+0085 in a text are characters.

    Args:
        file: The file, which may be compressed (`.gz`).

    Returns:
        The table; a column of values of several types is text.

    Raises:
        InputError: If it is neither; the line or the row is named.
    """
    import polars as pl

    opener = gzip.open if file.suffix.lower() == ".gz" else open
    try:
        with opener(file, "rt", encoding="utf-8-sig", newline="\n") as stream:
            rows = list(_rows(file, stream))
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8, as JSON has to be: {error.reason}; save it as UTF-8") from error
    except (OSError, EOFError) as error:
        raise damaged(file, error) from error
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame([_column(name, [row.get(name) for row in rows]) for name in names])


def _rows(file: Path, stream: IO[str]) -> Iterator[dict[str, object]]:
    lines = ((number, line) for number, line in enumerate(stream, 1) if line.strip(_BLANKS))
    first = next(lines, (0, ""))
    if first[1].lstrip(_BLANKS).startswith("["):
        text = first[1] + "".join(line for _, line in lines)
        values = _parse(text, str(file), "a list of objects, or one object per line")
        for number, value in enumerate(values if isinstance(values, list) else [], 1):
            yield _require_object(value, f"{file}, row {number}")
    elif first[1]:
        for number, line in chain([first], lines):
            place = f"{file}, line {number}"
            yield _require_object(_parse(line, place, "one object per line"), place)


def _parse(text: str, place: str, expected: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not JSON ({error}); expected {expected}") from error


def _require_object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InputError(f'{place}: expected an object like {{"text": …, "label": …}}, got {type(value).__name__}')
    return value


def _column(name: str, values: list[object]) -> "pl.Series":
    import polars as pl

    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool} or kinds <= {int} or kinds <= {int, float} or kinds <= {str}:
        dtype = pl.Float64 if float in kinds else None
        try:
            return pl.Series(name, values, dtype=dtype if kinds else pl.String)
        except (OverflowError, TypeError, pl.exceptions.PolarsError):  # whole numbers of 20 digits or more
            pass
    return pl.Series(name, [_as_text(value) for value in values], dtype=pl.String)


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, bool | int | float) else json.dumps(value, ensure_ascii=False)
