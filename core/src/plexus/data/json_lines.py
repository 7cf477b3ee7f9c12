"""Tables of JSON Lines."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.data.damage import damaged
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl


def read_json_lines(file: Path) -> "pl.DataFrame":
    """Read one object per line. A line ends with a line feed: U+2028 and U+0085 in a text are characters.

    Args:
        file: The file, which may be compressed (`.gz`).

    Returns:
        The table; a column of values of several types is text.

    Raises:
        InputError: If a line is not an object; the line is named.
    """
    import polars as pl

    try:
        rows = [_parse_line(file, number, line) for number, line in _lines(file)]
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8, as JSON Lines has to be: {error.reason}; save it as UTF-8") from error
    except (OSError, EOFError) as error:
        raise damaged(file, error) from error
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame([_column(name, [row.get(name) for row in rows]) for name in names])


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    opener = gzip.open if file.suffix.lower() == ".gz" else open
    with opener(file, "rt", encoding="utf-8-sig", newline="\n") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip(" \t\r\n"):
                yield number, line


def _parse_line(file: Path, number: int, line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}, line {number}: not JSON ({error}); expected one object per line") from error
    if not isinstance(row, dict):
        raise InputError(
            f'{file}, line {number}: expected an object like {{"text": …, "label": …}}, got {type(row).__name__}'
        )
    return row


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
