"""What an argument of `plexus predict` stands for."""

import json
import sys
from pathlib import Path
from typing import Any

from plexus import InputError
from plexus.data.pictures import SUFFIXES
from plexus.data.tables import is_table, read_table


def read_inputs(given: str) -> list[tuple[str, Any]]:
    """Raw inputs, each with a name.

    Args:
        given: a table, a .txt of one document a line, a folder of pictures, a picture, a row as JSON, a text; `-`: rows
            or texts on the lines of standard input.

    Raises:
        InputError: there is no such file, or nothing in it.
    """
    path = Path(given)
    if given == "-":
        return [(f"line {n}", _row_or_text(line)) for n, line in enumerate(sys.stdin.read().splitlines(), 1)]
    if is_table(path):
        return [(f"{given} row {n}", row) for n, row in enumerate(read_table(path).iter_rows(named=True), 1)]
    if path.suffix.lower() == ".txt":
        return _lines(path)
    if path.is_dir():
        return _pictures(path)
    return [(given, path if path.suffix.lower() in SUFFIXES else _row_or_text(given))]


def _lines(file: Path) -> list[tuple[str, Any]]:
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return [(f"{file} line {n}", line.strip()) for n, line in enumerate(lines, 1) if line.strip()]


def _pictures(folder: Path) -> list[tuple[str, Any]]:
    found = [(str(file), file) for file in sorted(folder.rglob("*")) if file.suffix.lower() in SUFFIXES]
    if not found:
        raise InputError(f"{folder} has no pictures ({', '.join(sorted(SUFFIXES))})")
    return found


def _row_or_text(given: str) -> Any:
    try:
        row = json.loads(given)
    except ValueError:
        return given
    return row if isinstance(row, dict) else given
