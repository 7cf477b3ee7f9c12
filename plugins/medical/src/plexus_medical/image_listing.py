"""Tables of images: paths, labels, patients and columns for subgroups."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from plexus import InputError
from plexus.data.cells import MISSING
from plexus.data.labelled_listing import PATH_COLUMNS
from plexus.data.splits import parse_split
from plexus.data.text import read_listing

LABEL_COLUMNS = ("label", "class", "target", "diagnosis", "finding", "outcome", "category")
PATIENT_COLUMNS = ("patient", "patientid", "patientnumber", "subject", "subjectid")
"""Names of the column of patients, in lower case, without spaces, dashes and underscores."""
_WHOLE = re.compile(r"^([0-9]+)\.0+$")


@dataclass(frozen=True)
class ListedImage:
    """An image of a table or a folder.

    Args:
        file: The file.
        label: Its label.
        place: File and line of the table, for messages; empty for a folder.
        patient: Identifier of the patient; empty if the cell is, None if there is no column.
        attributes: Values of the columns for subgroups.

    Example:
        ```python
        ListedImage(Path("xrays/1.dcm"), "normal", "xrays.csv, line 2", patient="A7", attributes={"sex": "f"})
        ```
    """

    file: Path
    label: str
    place: str = ""
    patient: str | None = field(default=None, repr=False)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Columns:
    path: str
    label: str
    split: str | None
    patient: str | None
    subgroups: Sequence[str]

    @classmethod
    def find(cls, file: Path, names: Sequence[str], patient: str | None, subgroups: Sequence[str]) -> Self:
        if patient is not None:
            _require(file, names, patient, "--patient")
        columns = cls(
            _first(file, names, PATH_COLUMNS),
            _first(file, names, LABEL_COLUMNS),
            next((name for name in names if _plain(name) == "split"), None),
            patient or next((name for name in names if _plain(name) in PATIENT_COLUMNS), None),
            subgroups,
        )
        for name in subgroups:
            _require(file, names, name, "--subgroups")
            if name in {columns.path, columns.patient} or _plain(name) in PATIENT_COLUMNS:
                raise InputError(f"--subgroups {name}: expected a column that does not identify an image or a patient")
        return columns


def list_images(file: Path, patient: str | None = None, subgroups: Sequence[str] = ()) -> dict[str, list[ListedImage]]:
    """Read a table with a column of paths, relative to the table, one of labels, and optionally `split` and patients.

    Args:
        file: A CSV, or a TSV if its suffix says so.
        patient: Column of the patients; None: one that is named patient, patient_id, subject or the like, if any.
        subgroups: Columns whose values are read, too. No other column is.

    Returns:
        Images by split.

    Raises:
        InputError: If a column or a value is missing, a split has no common name, or there are no rows; the line
            names the file and the row.
    """
    parts: dict[str, list[ListedImage]] = {}
    rows = read_listing(file)
    columns = _Columns.find(file, rows.fieldnames or [], patient, subgroups)
    for row in rows:
        place = f"{file}, line {rows.line_num}"
        label = row[columns.label].strip()
        if not row[columns.path] or not label:
            raise InputError(f"{place}: {columns.path} and {columns.label} must both have a value")
        split = parse_split(place, row[columns.split] if columns.split else None)
        identifier = _identifier(row[columns.patient]) if columns.patient else None
        attributes = {name: row[name] for name in columns.subgroups}
        image = ListedImage(file.parent / row[columns.path], label, place, identifier, attributes)
        parts.setdefault(split, []).append(image)
    if not parts:
        raise InputError(f"{file} has no rows: expected one image per row")
    return parts


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.lower())


def _identifier(cell: str) -> str:
    """Return the identifier of a patient, empty if the cell names none.

    Where a cell of the column is missing, programs write the others as floats: 7 and 7.0 are one patient.
    """
    text = cell.strip()
    if text.lower() in MISSING:
        return ""
    return _WHOLE.sub(r"\1", text)


def _first(file: Path, names: Sequence[str], usual: Sequence[str]) -> str:
    column = next((name for name in names if name.strip().lower() in usual), None)
    if column is None:
        raise InputError(f"{file}: no column is named {' or '.join(usual[:2])}; there are {', '.join(names) or 'none'}")
    # The second of two columns with one name is read under another name.
    copies = [name for name in names if re.fullmatch(rf"{re.escape(column)}_duplicated_[0-9]+", name)]
    if copies:
        raise InputError(f"{file}: {len(copies) + 1} columns are named {column}: rename or remove all but one")
    return column


def _require(file: Path, names: Sequence[str], name: str, option: str) -> None:
    if name not in names:
        raise InputError(f"{option} {name}: {file} has no such column; there are {', '.join(names) or 'none'}")
