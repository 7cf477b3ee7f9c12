"""COCO: one JSON file of images, boxes and categories."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from plexus import Findings, InputError
from plexus.data.findings import Counted
from plexus.data.splits import split_name
from plexus.data.text import read_text
from plexus_vision.detection.annotated_files import AnnotatedFiles
from plexus_vision.detection.annotation import ImageAnnotation, as_corners, parse_number, parse_size

MAX_BYTES = 1 << 30
UNUSABLE = Counted("entry of a COCO file could not be used", "entries of COCO files could not be used")


def read_coco(files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    """Read the COCO files of a folder and its sub-folders.

    If there are files named `instances_*.json`, other ones are not read: those of key points and captions list the same
    images. The name of a file, `instances_train2017.json`, gives the split of its images, else the folders do. A crowd
    (`iscrowd`) is a difficult box. A box is left, top, width and height in pixels from 0.

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
    names = {entry.get("id"): entry.get("name") for entry in _entries(content, "categories", place, findings)}
    boxes: dict[object, list[dict[str, Any]]] = {}
    images = [entry for entry in _entries(content, "images", place, findings) if _is_named(entry, place, findings)]
    for entry in images:
        boxes[entry["id"]] = []
    for number, entry in enumerate(_entries(content, "annotations", place, findings)):
        if entry.get("image_id") not in boxes:
            findings.add(UNUSABLE, f"{place}, annotation {number}: no image has the id {entry.get('image_id')!r}")
        elif not isinstance(names.get(entry.get("category_id")), str):
            findings.add(UNUSABLE, f"{place}, annotation {number}: no category has the id {entry.get('category_id')!r}")
        else:
            boxes[entry["image_id"]].append({**entry, "name": names[entry["category_id"]]})
    return [_annotation(entry, boxes[entry["id"]], file, files) for entry in images]


def _entries(content: dict[str, Any], name: str, place: str, findings: Findings) -> list[dict[str, Any]]:
    """Return the objects of a list; ids that are lists or objects cannot be looked up."""
    entries = content.get(name)
    usable = []
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        keys = [entry.get(key) for key in ("id", "image_id", "category_id")] if isinstance(entry, dict) else [[]]
        if all(isinstance(key, int | str | None) for key in keys):
            usable.append(entry)
        else:
            findings.add(UNUSABLE, f"{place}, {name} {number}: expected an object with numbers as ids")
    return usable


def _is_named(entry: dict[str, Any], place: str, findings: Findings) -> bool:
    is_named = entry.get("id") is not None and isinstance(entry.get("file_name"), str)
    if not is_named:
        findings.add(UNUSABLE, f"{place}: an image has no id or no file_name")
    return is_named


def _annotation(
    entry: dict[str, Any], boxes: list[dict[str, Any]], file: Path, files: AnnotatedFiles
) -> ImageAnnotation:
    image = files.find_image(entry["file_name"], file)
    return ImageAnnotation(
        image=image,
        place=f"{files.describe(file)}, {entry['file_name']}",
        corners=as_corners([_corners(box.get("bbox")) for box in boxes]),
        labels=tuple(box["name"] for box in boxes),
        difficult=np.array([box.get("iscrowd") == 1 for box in boxes], bool),
        size=parse_size(entry.get("width"), entry.get("height")),
        split=split_name(file.stem, part=True) or files.split_of(file, image),
    )


def _corners(box: object) -> list[float]:
    left, top, width, height = map(parse_number, box) if isinstance(box, list) and len(box) == 4 else [np.nan] * 4
    return [left, top, left + width, top + height]
