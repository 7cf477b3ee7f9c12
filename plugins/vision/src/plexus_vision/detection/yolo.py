"""YOLO: one text file of boxes per image."""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from plexus import Findings, InputError
from plexus.data.findings import Counted
from plexus.data.text import read_text
from plexus_vision.detection.annotated_files import AnnotatedFiles
from plexus_vision.detection.annotation import ImageAnnotation, as_corners, parse_number

MAX_YAML = 1 << 20
MAX_BYTES = 1 << 26
SPLITS = ("train", "val", "test")
UNREADABLE = Counted(
    "line of a label file could not be read and was dropped", "lines of label files could not be read and were dropped"
)
DAMAGED = Counted(
    "label file could not be read and its image was dropped",
    "label files could not be read and their images were dropped",
)
NO_LABEL_FILE = Counted(
    "image has no label file and was read as one without objects",
    "images have no label file and were read as ones without objects",
)
Names = dict[int, str]


def read_yolo(files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    """Read images and label files that a YAML file describes, or that lie in the folder of `classes.txt`.

    A line of a label file is the number of a class, then centre, width and height as fractions of the image. Of a
    polygon (six coordinates or more) the bounding box is used; a sixth number alone, a confidence, is ignored.

    Args:
        files: The files.
        findings: Receives lines that cannot be read.

    Returns:
        One annotation per image; none without a YAML file that has `names`, and without `classes.txt` or `obj.names`.

    Raises:
        InputError: If a file cannot be read, or in strict mode.
    """
    for file in files.annotations({".yaml", ".yml"}):
        content = _parse_yaml(file)
        if isinstance(content, dict) and (names := _names(content.get("names"))):
            return _read_splits(file, content, names, files, findings)
    listing = None if files.is_file else files.find_text("classes.txt") or files.find_text("obj.names")
    if listing is None:
        return []
    names = _names([line.strip() for line in read_text(listing).splitlines() if line.strip()])
    return _read_images([(image, files.split_of(image)) for image in files.images], names, files, findings)


def _parse_yaml(file: Path) -> Any:
    import yaml

    if file.stat().st_size > MAX_YAML:
        raise InputError(f"{file} has more than {MAX_YAML:,} bytes: expected names, train, val and test")
    try:
        return yaml.safe_load(read_text(file))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is no YAML: {' '.join(str(error).split())}") from error


def _names(names: object) -> Names:
    """Return names of classes by number, from a list or from numbered names."""
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict):
        return {}
    return {key: str(name) for key, name in names.items() if isinstance(key, int) and isinstance(name, str | int)}


def _read_splits(
    file: Path, content: dict[str, Any], names: Names, files: AnnotatedFiles, findings: Findings
) -> list[ImageAnnotation]:
    splits: dict[Path, str] = {}
    for split in SPLITS:
        entries = content.get("valid" if split == "val" and "val" not in content else split)
        for entry in entries if isinstance(entries, list) else [entries]:
            if isinstance(entry, str):
                splits |= dict.fromkeys(_listed_images(entry, file, files), split)
    if not splits:
        return _read_images([(image, files.split_of(image)) for image in files.images], names, files, findings)
    return _read_images(splits.items(), names, files, findings)


def _listed_images(entry: str, file: Path, files: AnnotatedFiles) -> list[Path]:
    """Return the images of a folder, or of a text file of paths.

    Paths often begin with a folder of another computer, or with `..`: the longest end that is a folder here counts.
    """
    parts = [part for part in PurePosixPath(entry.replace("\\", "/")).parts if part not in {"/", ".", ".."}]
    if entry.lower().endswith(".txt"):
        listing = files.find_text(parts[-1].lower())
        lines = read_text(listing).splitlines() if listing else []
        return [files.find_image(line.strip(), file) for line in lines if line.strip()]
    folders = {image: "/".join(("", *image.relative_to(files.folder).parts[:-1], "")) for image in files.images}
    for start in range(len(parts)):
        end = "/".join(("", *parts[start:], ""))
        if images := [image for image, folder in folders.items() if end in folder]:
            return images
    return files.images if not parts else []


def _read_images(
    images: Iterable[tuple[Path, str | None]], names: Names, files: AnnotatedFiles, findings: Findings
) -> list[ImageAnnotation]:
    annotations = []
    for image, split in images:
        file = files.find_label_file(image)
        if file is None:
            findings.remark(NO_LABEL_FILE, files.describe(image))
        try:
            lines = _lines(file) if file else []
        except InputError as error:
            findings.add(DAMAGED, str(error))
        else:
            annotations.append(_annotation(image, split, lines, files.describe(file or image), names, findings))
    return annotations


def _annotation(
    image: Path, split: str | None, lines: Sequence[str], place: str, names: Names, findings: Findings
) -> ImageAnnotation:
    labels, corners = [], []
    for number, line in enumerate(lines, 1):
        columns = [parse_number(column) for column in line.split()]
        label = names.get(int(columns[0])) if columns and np.isfinite(columns[0]) else None
        box = _corners(columns[1:])
        if label is not None and box is not None:
            labels.append(label)
            corners.append(box)
        elif columns:
            findings.add(UNREADABLE, f"{place}, line {number}: {_problem(columns, label)}")
    return ImageAnnotation(
        image=image,
        place=place,
        corners=as_corners(corners),
        labels=tuple(labels),
        difficult=np.zeros(len(labels), bool),
        split=split,
        is_normalized=True,
    )


def _lines(file: Path) -> list[str]:
    if file.stat().st_size > MAX_BYTES:
        raise InputError(f"{file} has more than {MAX_BYTES:,} bytes: expected the boxes of one image")
    return read_text(file).splitlines()


def _corners(values: list[float]) -> list[float] | None:
    """Return left, top, right and bottom of a box or a polygon; None for another number of columns."""
    if len(values) in {4, 5}:
        x, y, width, height = values[:4]
        return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    if len(values) < 6 or len(values) % 2:
        return None
    xs, ys = values[0::2], values[1::2]
    return [min(xs), min(ys), max(xs), max(ys)]


def _problem(columns: list[float], label: str | None) -> str:
    if label is None:
        return f"no class has the number {columns[0]:g}"
    return f"{len(columns)} columns; expected class, centre, width and height, or a polygon"
