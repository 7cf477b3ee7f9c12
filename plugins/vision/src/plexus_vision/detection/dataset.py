"""Images with boxes from folders, archives, single files and named data sets."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from plexus import Examples, Findings, InputError, NamedDataset, Options, SupervisedDataset
from plexus.data.archives import opened_folder
from plexus.data.findings import Counted
from plexus_vision.detection.annotated_files import AnnotatedFiles
from plexus_vision.detection.annotation import ImageAnnotation
from plexus_vision.detection.box_repairs import merge_spellings, repair_boxes
from plexus_vision.detection.box_splits import complete_splits
from plexus_vision.detection.box_table import read_box_tables
from plexus_vision.detection.coco import read_coco
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.near_duplicates import summarize_images
from plexus_vision.detection.voc import read_voc
from plexus_vision.detection.yolo import read_yolo

BoxDataset = SupervisedDataset[Examples[ImageBoxes]]
Reader = Callable[[AnnotatedFiles, Findings], list[ImageAnnotation]]

READERS: tuple[Reader, ...] = (read_coco, read_voc, read_box_tables, read_yolo)
"""The formats in the order in which a folder is searched for them; the first that is there is read."""
FORMATS = (
    "Pascal VOC (.xml), COCO (.json with images, annotations and categories), YOLO (.yaml with names, or .txt files "
    "and classes.txt), or a .csv with columns path, label, xmin, ymin, xmax, ymax"
)
SUFFIXES = {".json", ".yaml", ".yml", ".csv", ".tsv"}
"""Suffixes of annotation files that `--data` may name."""
UNREADABLE = Counted(
    "image is missing or could not be read and was dropped", "images are missing or could not be read and were dropped"
)
TWICE_ANNOTATED = Counted(
    "annotation of an image that has one already was dropped",
    "annotations of images that have one already were dropped",
)
OTHER_FORMAT = Counted(
    "XML file was not read, as there are annotations in COCO format",
    "XML files were not read, as there are annotations in COCO format",
)
LEFT_OUT = Counted(
    "image has no annotation, or is in no split, and was left out",
    "images have no annotation, or are in no split, and were left out",
)


def load_dataset(place: Path | NamedDataset, options: Options) -> BoxDataset:
    """Read images and their boxes.

    An image whose annotation has no boxes is an example, too: it shows what is no object. Splits that the data come
    with are used; others are made by `box_splits.complete_splits`.

    Args:
        place: A named data set; a folder or an archive with annotations in Pascal VOC, COCO, YOLO or a table of boxes;
            or one such file: `.json`, `.yaml`, `.csv`, `.tsv`.
        options: The options: `seed` of the splits, and `strict`.

    Returns:
        The dataset. Inputs are files, targets have pixels of the image as displayed.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    if isinstance(place, NamedDataset) and place.embedded:
        arrays = place.embedded()
        parts = {
            split: Examples(images, list(() if boxes is None else boxes)) for split, (images, boxes) in arrays.items()
        }
        return SupervisedDataset(parts, options.seed, findings, place.licence)
    path, licence = (place.fetch(), place.licence) if isinstance(place, NamedDataset) else (place, "not stated")
    with opened_folder(path) as folder:
        parts, thumbnails = _read_examples(folder or path, findings)
        _require_boxes(parts, options.data, findings)
    whole = parts["train"] if len(parts) == 1 and "train" in parts else None
    return SupervisedDataset(
        complete_splits(parts, thumbnails, options.seed), options.seed, findings, licence, whole=whole
    )


def _read_examples(path: Path, findings: Findings) -> tuple[dict[str, Examples[ImageBoxes]], np.ndarray]:
    """Return the examples of each split that the data have, and the thumbnails of the training images."""
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        raise InputError(f"--data {path}: expected a folder or an archive of images with {FORMATS}")
    files = AnnotatedFiles(path, findings)
    annotations = _read_first_format(files, findings)
    if not annotations:
        raise InputError(findings.describe_in(f"--data {path} has no annotations of boxes: expected {FORMATS}"))
    _remark_left_out(files, annotations, findings)
    annotations = merge_spellings(_without_second(annotations, findings), findings)
    images: dict[str, list[Path]] = {}
    targets: dict[str, list[ImageBoxes]] = {}
    thumbnails = []
    for annotation, summary in zip(annotations, summarize_images([item.image for item in annotations]), strict=True):
        if isinstance(summary, str):
            findings.add(UNREADABLE, f"{annotation.place}: {summary}")
            continue
        boxes = repair_boxes(annotation, summary.size, findings)
        if boxes is not None:
            split = annotation.split or "train"
            images.setdefault(split, []).append(annotation.image)
            targets.setdefault(split, []).append(boxes)
            if split == "train":
                thumbnails.append(summary.thumbnail)
    return {split: Examples(images[split], targets[split]) for split in images}, np.array(thumbnails)


def _read_first_format(files: AnnotatedFiles, findings: Findings) -> list[ImageAnnotation]:
    """Read the files of the first format that is there; COCO is read before the XML files of Pascal VOC."""
    for reader in READERS:
        if annotations := reader(files, findings):
            for file in files.annotations({".xml"}) if reader is read_coco else ():
                findings.remark(OTHER_FORMAT, files.describe(file))
            return annotations
    return []


def _remark_left_out(files: AnnotatedFiles, annotations: Sequence[ImageAnnotation], findings: Findings) -> None:
    if not files.is_file:
        for image in sorted(set(files.images) - {annotation.image for annotation in annotations}):
            findings.remark(LEFT_OUT, files.describe(image))


def _without_second(annotations: Sequence[ImageAnnotation], findings: Findings) -> list[ImageAnnotation]:
    """Return one annotation of each image: that whose name and folder agree best, or the first of these."""
    best: dict[Path, ImageAnnotation] = {}
    for annotation in annotations:
        if best.setdefault(annotation.image, annotation).agreement < annotation.agreement:
            best[annotation.image] = annotation
    for annotation in annotations:
        if best[annotation.image] is not annotation:
            findings.add(TWICE_ANNOTATED, f"{annotation.place}: also {best[annotation.image].place}")
    return [annotation for annotation in annotations if best[annotation.image] is annotation]


def _require_boxes(parts: dict[str, Examples[ImageBoxes]], data: str, findings: Findings) -> None:
    split = "train" if "train" in parts else next(iter(parts), "train")
    targets = parts[split].targets if parts else []
    if not any(len(target) for target in targets):
        line = f"--data {data}: the {len(targets):,} images of the {split} split have no boxes; expected one or more"
        raise InputError(findings.describe_in(line))
