"""Raw inputs that an argument of `plexus predict` stands for."""

import json
from pathlib import Path

from plexus.codec import Input
from plexus.data.archives import as_folder
from plexus.data.folders import read_head
from plexus.data.image_formats import SUFFIXES, classify_image
from plexus.data.images import find_images
from plexus.data.table_rows import TableRows
from plexus.data.tables import is_table, read_table
from plexus.data.text import read_standard_input_text, read_text
from plexus.utils.printable import printable

MAX_PATH = 1000
"""A longer argument is a text, and no file is looked for."""


def read_inputs(argument: str) -> list[tuple[str, Input]]:
    """Return named raw inputs.

    Args:
        argument: A table, a .txt file with one document per line, a folder or an archive of images, an image, a row as
            JSON, or a text; `-` for rows or texts on the lines of standard input.

    Returns:
        Pairs of a name and a raw input.

    Raises:
        InputError: If a file does not exist or has no inputs.
    """
    path = Path(argument)
    if argument == "-":
        text = read_standard_input_text().removesuffix("\n")
        lines = text.split("\n") if text else []
        return [(f"line {n}", _row_or_text(line)) for n, line in enumerate(lines, 1)]
    if is_table(path):
        return [(f"{argument} row {n}", row) for n, row in enumerate(TableRows(read_table(path)), 1)]
    if path.suffix.lower() == ".txt":
        return [(f"{argument} line {n}", line) for n, line in enumerate(read_lines(path), 1) if line]
    folder = as_folder(path)
    if folder is not None:
        return [(printable(str(file)), file) for file in find_images(folder)]
    return [(argument, path if _is_image(path) else _row_or_text(argument))]


def read_lines(file: Path) -> list[str]:
    """Read the lines of a text file, without surrounding blanks.

    Args:
        file: The file.

    Returns:
        The lines.

    Raises:
        InputError: If the file does not exist or is no text.
    """
    return [line.strip() for line in read_text(file).removesuffix("\n").split("\n")]


def _is_image(path: Path) -> bool:
    """Return whether an argument is an image, by its suffix or its content, rather than a text."""
    if path.suffix.lower() in SUFFIXES:
        return True
    return len(str(path)) < MAX_PATH and path.is_file() and classify_image(read_head(path), "") is not False


def _row_or_text(text: str) -> Input:
    try:
        row = json.loads(text)
    except ValueError:
        return text
    return row if isinstance(row, dict) else text
