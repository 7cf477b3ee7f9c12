"""Tables that list files and their labels."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from plexus.data.labelled_folders import LabelledFiles
from plexus.data.splits import parse_split
from plexus.data.text import read_listing
from plexus.errors import InputError

PATH_COLUMNS = ("path", "file", "filename", "image", "picture")
"""Names of the column of paths, in lower case."""


def list_labelled_files(file: Path, label_columns: Sequence[str]) -> dict[str, LabelledFiles]:
    """Read a table with a column of paths, relative to the table, one of labels, and optionally `split`.

    Args:
        file: A CSV, or a TSV if its suffix says so.
        label_columns: Names that the column of labels may have, in lower case.

    Returns:
        Files and labels by split.

    Raises:
        InputError: If a column or a value is missing, a split has no common name, or there are no rows; the line
            names the file and the row.
    """
    files: dict[str, LabelledFiles] = {}
    rows = read_listing(file)
    path_column = _column(file, rows.fieldnames or [], PATH_COLUMNS)
    label_column = _column(file, rows.fieldnames or [], label_columns)
    for row in rows:
        if not row[path_column] or not row[label_column]:
            raise InputError(
                f"{file}, line {rows.line_num}: {path_column} and {label_column} must both have a value: "
                "fill it in, or remove the row"
            )
        split = parse_split(f"{file}, line {rows.line_num}", row.get("split"))
        files.setdefault(split, []).append((file.parent / row[path_column], row[label_column]))
    if not files:
        raise InputError(f"{file} has no rows: expected one image per row")
    return files


def _column(file: Path, names: Iterable[str], usual: Sequence[str]) -> str:
    column = next((name for name in names if name.strip().lower() in usual), None)
    if column is None:
        raise InputError(f"{file}: no column is named {' or '.join(usual[:2])}; there are {', '.join(names) or 'none'}")
    return column
