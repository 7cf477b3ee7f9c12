"""Pascal VOC: one XML file of boxes per image."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from defusedxml.common import DTDForbidden
from defusedxml.ElementTree import ParseError, fromstring

from plexus import Findings, InputError
from plexus.data.findings import Counted
from plexus.data.text import read_text
from plexus.errors import os_error
from plexus_vision.detection.annotated_files import AnnotatedFiles, image_stem
from plexus_vision.detection.annotation import ImageAnnotation, as_corners, parse_number, parse_size, with_fractions

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_BYTES = 1 << 26
"""Largest size of an annotation file; 10,000 boxes have some megabytes."""
SIDES = ("xmin", "ymin", "xmax", "ymax")
LISTS = {"test": "test", "val": "val", "train": "train", "trainval": "train"}
"""Lists in `ImageSets/Main` and the split of their images; that of the first list counts."""
_FLAG = re.compile(r"\s+-?[01]$")
"""In some lists a number after each name says whether the image shows a class."""
UNREADABLE = Counted("annotation could not be read and was dropped", "annotations could not be read and were dropped")
OTHER_XML = Counted(
    "XML file is no annotation of Pascal VOC and was left out",
    "XML files are no annotations of Pascal VOC and were left out",
)
NOT_ANNOTATED = Counted(
    "image of a list has no annotation and was left out", "images of lists have no annotation and were left out"
)
TWICE_LISTED = Counted(
    "image is in the lists of two splits and was used in one",
    "images are in the lists of two splits and were used in one",
)


def read_voc(files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    """Read the XML files of a folder and its sub-folders.

    The name of an XML file decides which image it belongs to, not its `filename`, which is often that of another
    computer. `ImageSets/Main/{train,val,trainval,test}.txt`, in the folder above that of the XML files, give the
    splits; without them, folders that are named like a split do.

    Pascal VOC counts pixels from 1 and includes the right and bottom side (Everingham et al. 2010, annotation
    guidelines); many programs write the same files from 0. The data decide: if all coordinates are whole numbers and
    none is below 1, left and top are reduced by 1. For data without a box at an edge this may be wrong by a pixel.

    Args:
        files: The files.
        findings: Receives annotations that cannot be read, and lists that do not fit.

    Returns:
        One annotation per XML file, without those that no list of theirs names; none if no XML file is an annotation.

    Raises:
        InputError: If a list cannot be read, or in strict mode.
    """
    folders: dict[Path, list[Path]] = {}
    for file in files.annotations({".xml"}):
        folders.setdefault(file.parent.parent, []).append(file)
    annotations = [
        annotation for folder, places in folders.items() for annotation in _read_folder(folder, places, files, findings)
    ]
    if _counts_from_one(annotations):
        annotations = [replace(annotation, first_pixel=1) for annotation in annotations]
    return with_fractions(annotations, findings)


def parse_xml(file: Path) -> "Element":
    """Parse an untrusted XML file.

    Args:
        file: The file.

    Returns:
        Its root.

    Raises:
        InputError: If it is no XML, has more than `MAX_BYTES` bytes, or a document type: with one, a small file can
            expand to gigabytes or refer to other files.
    """
    if file.stat().st_size > MAX_BYTES:
        raise InputError(f"{file} has more than {MAX_BYTES:,} bytes: expected the boxes of one image")
    try:
        root: Element = fromstring(file.read_bytes(), forbid_dtd=True)
    except OSError as error:
        raise os_error(error, "read", file) from error
    except DTDForbidden as error:
        raise InputError(
            f"{file} has a document type, <!DOCTYPE {error.name}>, which no annotation needs: remove that line"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(f"{file} is no XML: {error}") from error
    return root


def _read_folder(
    folder: Path, places: Sequence[Path], files: AnnotatedFiles, findings: Findings
) -> list[ImageAnnotation]:
    """Read the XML files that share lists; without lists, all of them."""
    annotations = [(image_stem(file.stem), _read_file(file, files, findings)) for file in places]
    splits = _read_lists(folder / "ImageSets" / "Main", {name for name, _ in annotations}, findings)
    for name in sorted(splits.keys() - {name for name, _ in annotations}):
        findings.add(NOT_ANNOTATED, f"{files.describe(folder)}: {name}")
    return [
        replace(annotation, split=splits.get(name, annotation.split))
        for name, annotation in annotations
        if annotation is not None and (name in splits or not splits)
    ]


def _read_file(file: Path, files: AnnotatedFiles, findings: Findings) -> ImageAnnotation | None:
    place = files.describe(file)
    try:
        root = parse_xml(file)
    except InputError as error:
        findings.add(UNREADABLE, f"{place}: {error}".replace(f"{place}: {file}", place))
        return None
    if root.tag != "annotation":
        findings.remark(OTHER_XML, f"{place}: the root is <{root.tag}> instead of <annotation>")
        return None
    objects = [(item, box) for item in root.findall("object") for box in item.findall("bndbox") or [item]]
    image = files.find_image(file.stem, file)
    return ImageAnnotation(
        image=image,
        place=place,
        corners=as_corners([[parse_number(box.findtext(side)) for side in SIDES] for _, box in objects]),
        labels=tuple(item.findtext("name") or "" for item, _ in objects),
        difficult=np.array([(item.findtext("difficult") or "0").strip() == "1" for item, _ in objects], bool),
        size=parse_size(root.findtext("size/width"), root.findtext("size/height")),
        split=files.split_of(file),
        agreement=files.agreement(image, file.stem, file),
    )


def _read_lists(folder: Path, names: Collection[str], findings: Findings) -> dict[str, str]:
    """Return the split of each listed image; empty without lists. Names such as `cell 1` end like a flag."""
    splits: dict[str, str] = {}
    for name in LISTS:
        file = folder / f"{name}.txt"
        for line in read_text(file).splitlines() if file.is_file() else ():
            stem = image_stem(line.strip())
            stem = stem if stem in names else image_stem(_FLAG.sub("", line.strip()))
            other = splits.setdefault(stem, LISTS[name]) if stem else LISTS[name]
            if other != LISTS[name] and (name, other) != ("trainval", "val"):
                findings.add(TWICE_LISTED, f"{stem} in {other} and {LISTS[name]}")
    return splits


def _counts_from_one(annotations: Sequence[ImageAnnotation]) -> bool:
    corners = np.concatenate([annotation.corners for annotation in annotations] or [np.empty((0, 4))])
    corners = corners[np.isfinite(corners).all(axis=1)]
    return bool(len(corners) and corners.min() >= 1 and (corners == corners.round()).all())
