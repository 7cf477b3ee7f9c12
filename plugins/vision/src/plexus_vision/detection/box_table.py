"""CSV and TSV with one box per row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted
from plexus.data.splits import parse_split
from plexus.data.text import read_listing
from plexus_vision.detection.annotated_files import AnnotatedFiles
from plexus_vision.detection.annotation import ImageAnnotation, as_corners, parse_number, parse_size, with_fractions

COLUMNS = {
    "image": ("path", "file", "filename", "file_name", "image", "image_path", "image_name", "image_id", "imageid"),
    "label": ("label", "class", "class_name", "label_name", "labelname", "category", "name"),
    "left": ("xmin", "x_min", "x1", "left"),
    "top": ("ymin", "y_min", "y1", "top"),
    "right": ("xmax", "x_max", "x2", "right"),
    "bottom": ("ymax", "y_max", "y2", "bottom"),
}
"""Names that the columns may have, in lower case."""
OPTIONAL = {
    "split": ("split",),
    "width": ("width", "image_width"),
    "height": ("height", "image_height"),
    "difficult": ("difficult",),
}
NO_IMAGE = Counted("row names no image and was dropped", "rows name no image and were dropped")
OTHER_COLUMNS = Counted("table has other columns and was left out", "tables have other columns and were left out")
TWO_SPLITS = Counted(
    "image has rows of two splits and was used in that of the first",
    "images have rows of two splits and were used in that of the first",
)
DECIMAL_COMMA = Counted("table has decimal commas", "tables have decimal commas")
SIDES = ("left", "top", "right", "bottom")
_COMMA = re.compile(r"-?\d+,\d+")
_DECIMAL_COMMA = re.compile(r"-?(0,\d+|\d+,(\d{1,2}|\d{4,}))")
"""A number whose comma separates no thousands."""


def read_box_tables(files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    """Read the tables of a folder and its sub-folders.

    A row without a label and corners stands for an image without objects. Right and bottom are exclusive. If most
    coordinates of a table are at most 1, they are fractions of the image, as in Open Images.

    Args:
        files: The files.
        findings: Receives rows that name no image, and tables with other columns.

    Returns:
        One annotation per image of a table; none if no table has the columns of `COLUMNS`.

    Raises:
        InputError: If a table cannot be read, or a split has no common name.
    """
    return [
        annotation for file in files.annotations({".csv", ".tsv"}) for annotation in _read_table(file, files, findings)
    ]


def _read_table(file: Path, files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    rows = read_listing(file)
    names = _column_names(rows.fieldnames)
    if missing := [usual[0] for column, usual in COLUMNS.items() if column not in names]:
        columns = ", ".join(rows.fieldnames)
        findings.remark(OTHER_COLUMNS, f"{files.describe(file)} has no column {', '.join(missing)}, but {columns}")
        return []
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        cells = {column: row[name].strip() for column, name in names.items()} | {"line": str(rows.line_num)}
        if "split" in cells:
            cells["split"] = parse_split(f"{file}, line {rows.line_num}", cells["split"])
        if cells["image"]:
            groups.setdefault(cells["image"], []).append(cells)
        else:
            findings.add(NO_IMAGE, f"{files.describe(file)}, line {rows.line_num} names no image")
    _replace_commas([cells for group in groups.values() for cells in group], files.describe(file), findings)
    for name, group in groups.items():
        other = next((cells for cells in group if cells.get("split") != group[0].get("split")), None)
        if other is not None:
            place = f"{files.describe(file)}, line {other['line']}: {name}"
            findings.add(TWO_SPLITS, f"{place} in {other['split']} instead of {group[0]['split']}")
    annotations = [_annotation(name, cells, file, files) for name, cells in groups.items()]
    return with_fractions(annotations, findings, files.describe(file))


def _replace_commas(rows: Sequence[dict[str, str]], name: str, findings: Findings) -> None:
    """Replace decimal commas in the cells of coordinates; 1,234 alone may be a thousand and is no number."""
    if any(_DECIMAL_COMMA.fullmatch(row[side]) for row in rows for side in SIDES):
        findings.remark(DECIMAL_COMMA, name)
        for row in rows:
            row |= {side: row[side].replace(",", ".") for side in SIDES if _COMMA.fullmatch(row[side])}


def _column_names(names: Iterable[str]) -> dict[str, str]:
    lower = {name.strip().lower(): name for name in reversed(list(names))}
    names_by_column = {
        column: next((lower[usual] for usual in usual_names if usual in lower), None)
        for column, usual_names in {**COLUMNS, **OPTIONAL}.items()
    }
    return {column: name for column, name in names_by_column.items() if name is not None}


def _annotation(name: str, rows: Sequence[Mapping[str, str]], file: Path, files: AnnotatedFiles) -> ImageAnnotation:
    first, image = rows[0], files.find_image(name, file)
    boxes = [row for row in rows if any(row[column] for column in ("label", *SIDES))]
    return ImageAnnotation(
        image=image,
        place=f"{files.describe(file)}, line {first['line']}",
        places=tuple(f"{files.describe(file)}, line {row['line']}" for row in boxes),
        agreement=files.agreement(image, name, file),
        corners=as_corners([[parse_number(row[side]) for side in SIDES] for row in boxes]),
        labels=tuple(row["label"] for row in boxes),
        difficult=np.array([row.get("difficult", "").lower() in {"1", "true"} for row in boxes], bool),
        size=parse_size(first.get("width"), first.get("height")),
        split=first.get("split") or files.split_of(file, image),
    )
