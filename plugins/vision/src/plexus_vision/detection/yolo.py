"""YOLO: one text file of boxes per image."""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from plexus import Findings, InputError
from plexus.data.findings import Counted
from plexus.data.splits import split_name
from plexus.data.text import read_text
from plexus_vision.detection.annotated_files import AnnotatedFiles
from plexus_vision.detection.annotation import ImageAnnotation, as_corners, parse_number

MAX_YAML = 1 << 20
MAX_BYTES = 1 << 26
SPLITS = ("train", "val", "test")
MAX_DIGITS = 10
"""Digits from which on a text is no number of a class."""
UNREADABLE = Counted(
    "line of a label file could not be read and was dropped", "lines of label files could not be read and were dropped"
)
NO_IMAGE = Counted("label file belongs to no image and was dropped", "label files belong to no image and were dropped")
NO_IMAGES = Counted(
    "folder or list of a split has no images here and was left out",
    "folders or lists of splits have no images here and were left out",
)
TWICE_LISTED = Counted("image is in two splits and was used in one", "images are in two splits and were used in one")
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
    polygon (six coordinates or more) the bounding box is used; a sixth number alone, a confidence, is ignored, and so
    are key points, if the YAML file has a `kpt_shape`. An image of two splits is used in that which is held out, unless
    no training image remained.

    Args:
        files: The files.
        findings: Receives lines that cannot be read, label files without an image, and splits without images.

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
    names = _names([line.strip() for line in read_text(listing).splitlines()])  # a blank line has a number, too
    return _read_images([(image, files.split_of(image)) for image in files.images], names, files, findings)


def _parse_yaml(file: Path) -> Any:
    import yaml

    if file.stat().st_size > MAX_YAML:
        raise InputError(f"{file} has more than {MAX_YAML:,} bytes: expected names, train, val and test")
    try:
        # All scalars as text: of `names: [on, off]` the safe loader makes booleans.
        return yaml.BaseLoader(read_text(file)).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is no YAML: {' '.join(str(error).split())}") from error


def _names(names: object) -> Names:
    """Return names of classes by number, from a list or from numbered names."""
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict):
        return {}
    return {
        int(key): name
        for key, name in names.items()
        if str(key).isdecimal() and len(str(key)) < MAX_DIGITS and isinstance(name, str) and name
    }


def _read_splits(
    file: Path, content: dict[str, Any], names: Names, files: AnnotatedFiles, findings: Findings
) -> list[ImageAnnotation]:
    images: dict[str, list[Path]] = {}
    for split in SPLITS:
        entries = content.get("valid" if split == "val" and "val" not in content else split)
        for entry in entries if isinstance(entries, list) else [entries]:
            if isinstance(entry, str) and entry:
                listed = _listed_images(entry, file, files)
                images.setdefault(split, []).extend(listed)
                if not listed:
                    findings.add(NO_IMAGES, f"{files.describe(file)}, {split}: {entry}")
    splits = _distinct(images, files, findings)
    if not splits:
        splits = [(image, files.split_of(image)) for image in files.images]
    return _read_images(splits, names, files, findings, has_key_points="kpt_shape" in content)


def _distinct(
    images: dict[str, list[Path]], files: AnnotatedFiles, findings: Findings
) -> list[tuple[Path, str | None]]:
    """Return each image with one split."""
    held_out = {image for split in SPLITS[1:] for image in images.get(split, ())}
    order = SPLITS if held_out.issuperset(images.get("train", ())) else ("test", "val", "train")
    splits: dict[Path, str | None] = {}
    for split in order:
        for image in dict.fromkeys(images.get(split, ())):
            if splits.setdefault(image, split) != split:
                findings.add(TWICE_LISTED, f"{files.describe(image)} in {splits[image]} and {split}")
    return sorted(splits.items())


def _listed_images(entry: str, file: Path, files: AnnotatedFiles) -> list[Path]:
    """Return the images of a folder, or of a text file of paths.

    Paths often begin with a folder of another computer, or with `..`: the longest end that is a folder here counts. If
    the path names a split, the end does, too: `images` of `../valid/images` may be those of the training split.
    """
    parts = [part for part in PurePosixPath(entry.replace("\\", "/")).parts if part not in {"/", ".", ".."}]
    if entry.lower().endswith(".txt"):
        listing = files.find_text(parts[-1].lower())
        lines = read_text(listing).splitlines() if listing else []
        return [files.find_image(line.strip(), file) for line in lines if line.strip()]
    folders = {image: "/".join(("", *image.relative_to(files.folder).parts[:-1], "")) for image in files.images}
    of_split = [number for number, part in enumerate(parts) if split_name(part, part=True)]
    for start in range(of_split[-1] + 1 if of_split else len(parts)):
        end = "/".join(("", *parts[start:], ""))
        if images := [image for image, folder in folders.items() if end in folder]:
            return images
    return files.images if not parts else []


def _read_images(
    images: Iterable[tuple[Path, str | None]],
    names: Names,
    files: AnnotatedFiles,
    findings: Findings,
    has_key_points: bool = False,
) -> list[ImageAnnotation]:
    annotations, label_files = [], set()
    for image, split in images:
        file = files.find_label_file(image)
        if file is None:
            findings.remark(NO_LABEL_FILE, files.describe(image))
        else:
            label_files.add(file)
        try:
            lines = _lines(file) if file else []
        except InputError as error:
            findings.add(DAMAGED, str(error))
        else:
            lines = [" ".join(line.split()[:5]) for line in lines] if has_key_points else lines
            annotations.append(_annotation(image, split, lines, files.describe(file or image), names, findings))
    for file in files.other_label_files(label_files):
        if _has_boxes(file):
            findings.add(NO_IMAGE, files.describe(file))
    return annotations


def _annotation(
    image: Path, split: str | None, lines: Sequence[str], place: str, names: Names, findings: Findings
) -> ImageAnnotation:
    labels, corners, places = [], [], []
    for number, line in enumerate(lines, 1):
        columns = line.split()
        label = names.get(_class(columns[0])) if columns else None
        box = _corners([parse_number(column) for column in columns[1:]])
        if label is not None and box is not None:
            labels.append(label)
            corners.append(box)
            places.append(f"{place}, line {number}")
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
        places=tuple(places),
    )


def _lines(file: Path) -> list[str]:
    if file.stat().st_size > MAX_BYTES:
        raise InputError(f"{file} has more than {MAX_BYTES:,} bytes: expected the boxes of one image")
    return read_text(file).splitlines()


def _has_boxes(file: Path) -> bool:
    """Return whether the first line of a text is that of a label file."""
    try:
        columns = next((line.split() for line in _lines(file) if line.strip()), [])
    except InputError:
        return False
    return len(columns) > 4 and not np.isnan([parse_number(column) for column in columns]).any()


def _class(text: str) -> int:
    """Return the number of a class, -1 for what is none; `1.0` is 1, as some programs write it."""
    number = parse_number(text)
    return int(number) if number.is_integer() and number >= 0 else -1


def _corners(values: list[float]) -> list[float] | None:
    """Return left, top, right and bottom of a box or a polygon; None for another number of columns."""
    if len(values) in {4, 5}:
        x, y, width, height = values[:4]
        return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    if len(values) < 6 or len(values) % 2:
        return None
    xs, ys = values[0::2], values[1::2]
    return [min(xs), min(ys), max(xs), max(ys)]


def _problem(columns: list[str], label: str | None) -> str:
    if label is None:
        return f"no class has the number {columns[0]}"
    return f"{len(columns)} columns; expected class, centre, width and height, or a polygon"
