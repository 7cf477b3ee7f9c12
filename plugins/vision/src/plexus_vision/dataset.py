"""Labelled images from folders, tables, arrays and named data sets."""

from collections import Counter
from pathlib import Path

from plexus import Examples, Findings, InputError, NamedDataset, SupervisedDataset
from plexus.data.archives import opened_folder
from plexus.data.arrays import Pair, read_arrays
from plexus.data.findings import Counted
from plexus.data.image_formats import IMAGES
from plexus.data.images import image_errors, to_image_array
from plexus.data.labelled_folders import LabelledFiles, find_labelled_files
from plexus.data.labelled_listing import list_labelled_files
from plexus.data.partly_labelled_images import PartlyLabelledImages
from plexus.data.unlabelled_images import read_unlabelled_images
from plexus.tasks.classification import LabelledDataset
from plexus_vision.options import ClassifyOptions

LABEL_COLUMNS = ("label", "class", "target", "category")
UNREADABLE = Counted("image could not be read and was dropped", "images could not be read and were dropped")
MIN_PER_LABEL = 3


def load_dataset(
    place: Path | NamedDataset, options: ClassifyOptions, unlabelled: Path | NamedDataset | None = None
) -> LabelledDataset:
    """Read labelled images, and unlabelled ones.

    Args:
        place: A named data set; a folder with one sub-folder per label, or with `train/`, `val/`, `test/` of such; an
            archive of one; a CSV with columns `path` and `label` (and `split`); IDX, `.npz`, HDF5 or CIFAR files.
        options: The options.
        unlabelled: Images without labels: a folder, an archive, arrays or a named data set; None for none.

    Returns:
        The dataset, a `PartlyLabelledImages` if some of the training images have no label.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    if isinstance(place, NamedDataset):
        parts, licence = _from_arrays(place.id, place.read_arrays(), place.labels), place.licence
    else:
        parts, licence = _read_path(place, findings), "not stated"
    _check_labels(parts, options.data, findings)
    dataset = SupervisedDataset(parts, options.seed, findings, licence)
    if unlabelled is None and options.labels is None:
        return dataset
    images = () if unlabelled is None else read_unlabelled_images(unlabelled, findings)
    return PartlyLabelledImages(dataset, images, options.labels)


def _read_path(path: Path, findings: Findings) -> dict[str, Examples[str]]:
    with opened_folder(path) as folder:
        return _read_place(folder or path, findings)


def _read_place(path: Path, findings: Findings) -> dict[str, Examples[str]]:
    arrays = read_arrays(path)
    if arrays is not None:
        return _from_arrays(str(path), arrays)
    if path.is_dir():
        files = find_labelled_files(path, IMAGES, findings)
    elif path.suffix.lower() in {".csv", ".tsv"}:
        files = list_labelled_files(path, LABEL_COLUMNS)
    else:
        raise InputError(
            f"--data {path}: expected a folder of images, an archive of one, a .csv with columns path and label, IDX, "
            ".npz or HDF5"
        )
    return {split: _readable(labelled, findings) for split, labelled in files.items()}


def _from_arrays(place: str, arrays: dict[str, Pair], names: tuple[str, ...] = ()) -> dict[str, Examples[str]]:
    parts = {}
    for split, (images, labels) in arrays.items():
        if labels is None:
            raise InputError(f"{place}: the {split} split has no labels; expected an array named like y_{split}")
        parts[split] = Examples(to_image_array(place, images), [_label_name(label, names) for label in labels.tolist()])
    if "train" not in parts:
        parts["train"] = parts.pop(next(iter(parts)))
    return parts


def _label_name(label: object, names: tuple[str, ...]) -> str:
    if names and isinstance(label, int):
        return names[label]
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return label.decode() if isinstance(label, bytes) else str(label)


def _readable(labelled: LabelledFiles, findings: Findings) -> Examples[str]:
    """Return the examples whose images can be read; the others are counted and named."""
    readable: LabelledFiles = []
    for item, error in zip(labelled, image_errors([file for file, _ in labelled]), strict=True):
        if error is None:
            readable.append(item)
        else:
            findings.add(UNREADABLE, error)
    return Examples([file for file, _ in readable], [label for _, label in readable])


def _check_labels(parts: dict[str, Examples[str]], data: str, findings: Findings) -> None:
    train = parts.get("train")
    if train is None or not len(train):
        raise InputError(findings.describe_in(f"--data {data}: there are no images to train on"))
    counts = Counter(train.targets)
    if len(counts) < 2:
        line = f"--data {data}: there is one label only, {train.targets[0]!r}; expected two or more"
        raise InputError(findings.describe_in(line))
    rare = next((label for label, count in counts.items() if count < MIN_PER_LABEL), None)
    if rare is not None and len(parts) < 3:
        line = f"--data {data}: label {rare!r} has {counts[rare]} images; expected {MIN_PER_LABEL} or more"
        raise InputError(findings.describe_in(line))
