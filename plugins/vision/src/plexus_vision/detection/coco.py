"""COCO: one JSON file of images, boxes and categories."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from plexus import Findings, InputError
from plexus.data.findings import Counted
from plexus.data.splits import split_name
from plexus.data.text import read_text
from plexus_vision.detection.annotated_files import AnnotatedFiles
from plexus_vision.detection.annotation import ImageAnnotation, as_corners, parse_number, parse_size, with_fractions

MAX_BYTES = 1 << 30
UNUSABLE = Counted("entry of a COCO file could not be used", "entries of COCO files could not be used")
POLYGON = Counted(
    "entry of a COCO file has no box: that of its polygons was used",
    "entries of COCO files have no boxes: those of their polygons were used",
)
KEYS = ("id", "image_id", "category_id")
MAX_DIGITS = 19
"""Digits from which on a text is no number that programs use as an id."""
MIN_POLYGON = 6
"""Coordinates of a triangle."""


def read_coco(files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    """Read the COCO files of a folder and its sub-folders.

    If there are files named `instances_*.json`, other ones are not read: those of key points and captions list the same
    images. The name of a file, `instances_train2017.json`, gives the split of its images, else the folders do. A crowd
    (`iscrowd`) is a difficult box. A box is left, top, width and height in pixels from 0; an entry without one has that
    of its polygons.

    Args:
        files: The files.
        findings: Receives entries that cannot be used.

    Returns:
        One annotation per image of the files, also for those without boxes; none if no file is a COCO file.

    Raises:
        InputError: If a file is too large or no JSON, or in strict mode.
    """
    json_files = files.annotations({".json"})
    json_files = [file for file in json_files if file.name.startswith("instances")] or json_files
    contents = [(file, _parse(file)) for file in json_files]
    return [
        annotation
        for file, content in contents
        if isinstance(content, dict) and isinstance(content.get("images"), list) and "annotations" in content
        for annotation in _read_content(file, content, files, findings)
    ]


def _parse(file: Path) -> Any:
    if file.stat().st_size > MAX_BYTES:
        raise InputError(f"{file} has more than {MAX_BYTES:,} bytes: split it")
    try:
        return json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file} is no JSON: {error}") from error


def _read_content(
    file: Path, content: dict[str, Any], files: AnnotatedFiles, findings: Findings
) -> list[ImageAnnotation]:
    place = files.describe(file)
    names = _by_id(content, "categories", "name", place, findings)
    images = _by_id(content, "images", "file_name", place, findings)
    boxes: dict[object, list[dict[str, Any]]] = {key: [] for key in images}
    for number, entry in _entries(content, "annotations", place, findings):
        image, category = entry.get("image_id"), entry.get("category_id")
        if image not in boxes:
            findings.add(UNUSABLE, f"{place}, annotation {number}: no image has the id {image!r}")
        elif category not in names:
            findings.add(UNUSABLE, f"{place}, annotation {number}: no category has the id {category!r}")
        else:
            corners = _corners(entry, f"{place}, annotation {number}", findings)
            boxes[image].append({**entry, "corners": corners, "name": names[category]["name"]})
    annotations = [_annotation(entry, boxes[key], file, files) for key, entry in images.items()]
    return with_fractions(annotations, findings, place)


def _by_id(
    content: dict[str, Any], name: str, key: str, place: str, findings: Findings
) -> dict[object, dict[str, Any]]:
    """Return the entries that have a name, by their id; of two with one id the first."""
    entries: dict[object, dict[str, Any]] = {}
    for number, entry in _entries(content, name, place, findings):
        value = str(entry[key]) if isinstance(entry.get(key), int) else entry.get(key)
        if entry.get("id") is None or not isinstance(value, str):
            findings.add(UNUSABLE, f"{place}, {name} {number}: expected an id and a {key}")
        elif entry["id"] in entries:
            first = entries[entry["id"]][key]
            findings.add(UNUSABLE, f"{place}, {name} {number}: {value} has the id {entry['id']!r} of {first}")
        else:
            entries[entry["id"]] = {**entry, key: value}
    return entries


def _entries(
    content: dict[str, Any], name: str, place: str, findings: Findings
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the objects of a list with their numbers; ids that are lists or objects cannot be looked up."""
    entries = content.get(name)
    if not isinstance(entries, list | None):
        raise InputError(f"{place}: expected a list of {name}, found {type(entries).__name__}")
    for number, entry in enumerate(entries or []):
        try:
            yield number, {**entry, **{key: _id(entry[key]) for key in KEYS if key in entry}}
        except TypeError:
            findings.add(UNUSABLE, f"{place}, {name} {number}: expected an object with numbers as ids")


def _id(value: object) -> int | str | None:
    """Return an id; `1.0` and `"1"` are 1, as programs write one number in different ways."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isdecimal() and value.isascii() and (value == "0" or value[0] != "0"):
        return int(value) if len(value) < MAX_DIGITS else value
    if not isinstance(value, int | str | None):
        raise TypeError("an id is a whole number or a text")
    return value


def _annotation(
    entry: dict[str, Any], boxes: list[dict[str, Any]], file: Path, files: AnnotatedFiles
) -> ImageAnnotation:
    image = files.find_image(entry["file_name"], file)
    return ImageAnnotation(
        image=image,
        place=f"{files.describe(file)}, {entry['file_name']}",
        corners=as_corners([box["corners"] for box in boxes]),
        labels=tuple(box["name"] for box in boxes),
        difficult=np.array([box.get("iscrowd") == 1 for box in boxes], bool),
        size=parse_size(entry.get("width"), entry.get("height")),
        split=split_name(file.stem, part=True) or files.split_of(file, image),
        agreement=files.agreement(image, entry["file_name"], file),
    )


def _corners(entry: dict[str, Any], place: str, findings: Findings) -> list[float]:
    box, segmentation = entry.get("bbox"), entry.get("segmentation")
    polygons = [each for each in segmentation if isinstance(each, list)] if isinstance(segmentation, list) else []
    points = [parse_number(side) for polygon in polygons for side in polygon]
    if not box and len(points) >= MIN_POLYGON and all(len(polygon) % 2 == 0 for polygon in polygons):
        findings.remark(POLYGON, place)
        return [min(points[0::2]), min(points[1::2]), max(points[0::2]), max(points[1::2])]
    left, top, width, height = map(parse_number, box) if isinstance(box, list) and len(box) == 4 else [np.nan] * 4
    return [left, top, left + width, top + height]
