"""CSV and TSV with one box per row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted
from plexus.data.splits import parse_split
from plexus.data.text import read_listing
from plexus_vision.detection.annotated_files import AnnotatedFiles
from plexus_vision.detection.annotation import ImageAnnotation, as_corners, parse_number, parse_size

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
SIDES = ("left", "top", "right", "bottom")


def read_box_tables(files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    """Read the tables of a folder and its sub-folders.

    A row without a label and corners stands for an image without objects. Right and bottom are exclusive. If no
    coordinate of a table is above 1, they are fractions of the image, as in Open Images.

    Args:
        files: The files.
        findings: Receives rows that name no image.

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
    if not COLUMNS.keys() <= names.keys():
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
    annotations = [_annotation(name, cells, file, files) for name, cells in groups.items()]
    return _with_fractions(annotations)


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
        corners=as_corners([[parse_number(row[side]) for side in SIDES] for row in boxes]),
        labels=tuple(row["label"] for row in boxes),
        difficult=np.array([row.get("difficult", "").lower() in {"1", "true"} for row in boxes], bool),
        size=parse_size(first.get("width"), first.get("height")),
        split=first.get("split") or files.split_of(file, image),
    )


def _with_fractions(annotations: list[ImageAnnotation]) -> list[ImageAnnotation]:
    corners = np.concatenate([annotation.corners for annotation in annotations] or [np.empty((0, 4))])
    corners = corners[np.isfinite(corners).all(axis=1)]
    if not len(corners) or corners.max() > 1:
        return annotations
    return [replace(annotation, is_normalized=True, size=None) for annotation in annotations]
