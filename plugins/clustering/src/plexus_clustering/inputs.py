"""Raw inputs that an argument of `plexus predict` stands for."""

import json
import os
from pathlib import Path

from plexus.codec import Input
from plexus.data.archives import opened_folder
from plexus.data.folders import read_head
from plexus.data.image_formats import SUFFIXES, classify_image
from plexus.data.images import find_images
from plexus.data.table_rows import TableRows
from plexus.data.tables import is_table, read_table
from plexus.data.text import read_text
from plexus.data.text_arguments import argument_lines
from plexus.utils.printable import printable


def read_inputs(argument: str) -> list[tuple[str, Input]]:
    """Return named raw inputs.

    Args:
        argument: A table, a text file with one document per line, a folder or an archive of images, an image, a row as
            JSON, or a text; `-` for rows or texts on the lines of standard input.

    Returns:
        Pairs of a name and a raw input.

    Raises:
        InputError: If a file does not exist, has no inputs, or is of another kind.
    """
    path = Path(argument)
    if is_table(path):
        return [(f"{argument} row {n}", row) for n, row in enumerate(TableRows(read_table(path)), 1)]
    if os.path.lexists(argument):
        with opened_folder(path) as folder:
            if folder is not None:
                return [(printable(str(file)), file) for file in find_images(folder)]
    if _is_image(path):
        return [(argument, path)]
    lines = argument_lines(argument)
    if lines is None:
        return [(argument, _row_or_text(argument))]
    return [(name, _row_or_text(text) if argument == "-" else text) for name, text in lines]


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
    return os.path.lexists(path) and path.is_file() and classify_image(read_head(path), "") is not False


def _row_or_text(text: str) -> Input:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return row if isinstance(row, dict) else text
