"""What an argument of `plexus predict` stands for."""

import json
import sys
from pathlib import Path
from typing import Any

from plexus.data.images import SUFFIXES, find_images
from plexus.data.tables import is_table, read_table
from plexus.data.text import read_text


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
        return [(f"{given} line {n}", line) for n, line in enumerate(read_lines(path), 1) if line]
    if path.is_dir():
        return [(str(file), file) for file in find_images(path)]
    return [(given, path if path.suffix.lower() in SUFFIXES else _row_or_text(given))]


def read_lines(file: Path) -> list[str]:
    """The lines of a text file, without the blanks around them.

    Raises:
        InputError: there is no such file, or it is not UTF-8.
    """
    return [line.strip() for line in read_text(file).splitlines()]


def _row_or_text(given: str) -> Any:
    try:
        row = json.loads(given)
    except ValueError:
        return given
    return row if isinstance(row, dict) else given
