"""Raw inputs that an argument of `plexus predict` stands for."""

import json
import sys
from pathlib import Path

from plexus.codec import Input
from plexus.data.images import SUFFIXES, find_images
from plexus.data.table_rows import TableRows
from plexus.data.tables import is_table, read_table
from plexus.data.text import read_text


def read_inputs(argument: str) -> list[tuple[str, Input]]:
    """Return named raw inputs.

    Args:
        argument: A table, a .txt file with one document per line, a folder of images, an image, a row as JSON, or a
            text; `-` for rows or texts on the lines of standard input.

    Returns:
        Pairs of a name and a raw input.

    Raises:
        InputError: If a file does not exist or has no inputs.
    """
    path = Path(argument)
    if argument == "-":
        text = sys.stdin.read().removesuffix("\n")
        lines = text.split("\n") if text else []
        return [(f"line {n}", _row_or_text(line)) for n, line in enumerate(lines, 1)]
    if is_table(path):
        return [(f"{argument} row {n}", row) for n, row in enumerate(TableRows(read_table(path)), 1)]
    if path.suffix.lower() == ".txt":
        return [(f"{argument} line {n}", line) for n, line in enumerate(read_lines(path), 1) if line]
    if path.is_dir():
        return [(str(file), file) for file in find_images(path)]
    return [(argument, path if path.suffix.lower() in SUFFIXES else _row_or_text(argument))]


def read_lines(file: Path) -> list[str]:
    """Read the lines of a text file, without surrounding blanks.

    Args:
        file: The file.

    Returns:
        The lines.

    Raises:
        InputError: If the file does not exist or is not UTF-8.
    """
    return [line.strip() for line in read_text(file).split("\n")]


def _row_or_text(text: str) -> Input:
    try:
        row = json.loads(text)
    except ValueError:
        return text
    return row if isinstance(row, dict) else text
