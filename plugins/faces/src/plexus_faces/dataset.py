"""Faces and their persons from folders, tables and named data sets."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus import Examples, Findings, InputError, NamedDataset, SupervisedDataset
from plexus.codec import Input
from plexus.data.archives import opened_folder
from plexus.data.findings import Counted
from plexus.data.image_formats import IMAGES
from plexus.data.images import image_errors
from plexus.data.labelled_folders import find_labelled_files
from plexus.data.labelled_listing import list_labelled_files
from plexus_faces.face import Face
from plexus_faces.face_finder import find_faces, main_face
from plexus_faces.options import RecognizeOptions

FaceDataset = SupervisedDataset[Examples[str]]
LabelledImages = list[tuple[Input, str]]

PERSON_COLUMNS = ("person", "label", "name", "identity", "subject")
UNREADABLE = Counted("image could not be read and was dropped", "images could not be read and were dropped")
NO_FACE = Counted("image shows no face or several and was dropped", "images show no face or several and were dropped")
REPEATED = Counted("image is a copy of another one and was dropped", "images are copies of others and were dropped")
TWO_PERSONS = Counted(
    "image belongs to two persons and was dropped",
    "images belong to two persons and were dropped",
)
TEST_SHARE, VAL_SHARE = 0.3, 0.2
MIN_PERSONS = {"train": 2, "val": 3, "test": 2}
"""Persons of a split with two images or more, at least: comparisons of different persons need two."""
MIN_IMPOSTORS = 20
"""Pairs of different persons that the calibration needs."""
DETECTED_AT_ONCE = 64
"""Images whose faces are detected in one call."""


def load_dataset(place: Path | NamedDataset, options: RecognizeOptions) -> FaceDataset:
    """Read images of persons, detect and align the face of each, and split by person.

    Args:
        place: A named data set; a folder with one sub-folder per person, or with `train/`, `val/`, `test/` of such; an
            archive of one; a CSV with columns `path` and `person` (and `split`).
        options: The options.

    Returns:
        The dataset: no person is in two splits. If the network is not trained, the validation split is the training
        split: both calibrate.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    if isinstance(place, NamedDataset):
        images, licence = _read_named(place, findings), place.licence
    else:
        with opened_folder(place) as folder:
            images = _read_place(folder or place, findings)
        licence = "not stated"
    images = _without_copies(images, findings)
    parts = {split: _aligned(labelled, findings) for split, labelled in images.items()}
    official = len(parts) > 1
    everything = next(iter(parts.values()))
    parts = _split_persons(parts, options, findings)
    whole = None if official else everything
    return SupervisedDataset(parts, options.seed, findings, licence, whole=whole)


def is_frozen(options: RecognizeOptions) -> bool:
    """Return whether the network keeps its pretrained weights.

    Args:
        options: The options, resolved or not.

    Returns:
        Whether nothing is trained.
    """
    epochs = 0 if options.epochs is None and options.weights == "dlib" else options.epochs
    return options.weights != "none" and epochs == 0


def _read_named(dataset: NamedDataset, findings: Findings) -> dict[str, LabelledImages]:
    if dataset.embedded:
        images, persons = dataset.embedded()["train"]
        return {"train": list(zip(images, [] if persons is None else persons, strict=True))}
    folder = dataset.fetch()
    if not any(folder.glob(dataset.unpacked or "*")):
        raise InputError(
            f"{dataset.id} cannot be downloaded: put its files into {folder} ({dataset.unpacked}), or set PLEXUS_DATA "
            "to the folder that holds the data sets"
        )
    return _read_place(folder, findings)


def _read_place(path: Path, findings: Findings) -> dict[str, LabelledImages]:
    if path.is_dir():
        parts = find_labelled_files(path, IMAGES, findings)
    elif path.suffix.lower() in {".csv", ".tsv"}:
        parts = list_labelled_files(path, PERSON_COLUMNS)
    else:
        raise InputError(
            f"--data {path}: expected a folder with one sub-folder of images per person, an archive of one, or a .csv "
            "with columns path and person"
        )
    return {split: _readable(labelled, findings) for split, labelled in parts.items()}


def _readable(labelled: list[tuple[Path, str]], findings: Findings) -> LabelledImages:
    readable: LabelledImages = []
    for item, error in zip(labelled, image_errors([file for file, _ in labelled]), strict=True):
        if error is None:
            readable.append(item)
        else:
            findings.add(UNREADABLE, error)
    return readable


def _without_copies(parts: dict[str, LabelledImages], findings: Findings) -> dict[str, LabelledImages]:
    """Drop images whose bytes occur twice: two copies are no comparison of two images."""
    persons: dict[bytes, set[str]] = defaultdict(set)
    for labelled in parts.values():
        for image, person in labelled:
            persons[_checksum(image)].add(person)
    seen: set[bytes] = set()
    kept: dict[str, LabelledImages] = {}
    for split, labelled in parts.items():
        kept[split] = []
        for image, person in labelled:
            checksum = _checksum(image)
            if len(persons[checksum]) > 1:
                findings.add(TWO_PERSONS, f"{image}: {' and '.join(sorted(persons[checksum]))}")
            elif checksum in seen:
                findings.add(REPEATED, str(image))
            else:
                kept[split].append((image, person))
            seen.add(checksum)
    return kept


def _checksum(image: Input) -> bytes:
    return hashlib.sha256(image.read_bytes() if isinstance(image, Path) else np.ascontiguousarray(image).data).digest()


def _aligned(labelled: LabelledImages, findings: Findings) -> Examples[str]:
    """Return the faces of images with their persons; images without one main face are dropped."""
    faces: list[Face] = []
    persons: list[str] = []
    for start in range(0, len(labelled), DETECTED_AT_ONCE):
        part = labelled[start : start + DETECTED_AT_ONCE]
        for (image, person), detections in zip(part, find_faces([image for image, _ in part]), strict=True):
            try:
                faces.append(main_face(image, detections))
            except InputError as error:
                findings.add(NO_FACE, str(error))
            else:
                persons.append(person)
    return Examples(faces, persons)


def _split_persons(
    parts: dict[str, Examples[str]], options: RecognizeOptions, findings: Findings
) -> dict[str, Examples[str]]:
    """Return the splits, no person in two of them; those that the data lacks are taken from the training persons."""
    _require_disjoint(parts, options)
    if "train" not in parts:
        return parts
    generator = np.random.default_rng(options.seed)
    for split, share in (("test", TEST_SHARE), ("val", VAL_SHARE)):
        if split not in parts and not (split == "val" and is_frozen(options)):
            parts["train"], parts[split] = _hold_out(parts["train"], split, share, generator)
    if is_frozen(options):
        parts["train"] = parts["val"] = _joined(*(parts[split] for split in ("train", "val") if split in parts))
    for split, least in MIN_PERSONS.items():
        _require_persons(parts[split].targets, split, least, options, findings)
    return parts


def _require_persons(
    targets: Sequence[str], split: str, least: int, options: RecognizeOptions, findings: Findings
) -> None:
    counts = np.array(list(Counter(targets).values()))
    persons, impostors = int(np.sum(counts > 1)), (len(targets) ** 2 - int(np.sum(counts**2))) // 2
    if persons < least or (split == "val" and impostors < MIN_IMPOSTORS):
        raise InputError(
            findings.describe_in(
                f"--data {options.data}: the {split} split has {persons} persons with two images or more, and "
                f"{impostors} pairs of different persons; expected {least} persons or more, for val {MIN_IMPOSTORS} "
                "pairs, and no person in two splits: add persons"
            )
        )


def _require_disjoint(parts: dict[str, Examples[str]], options: RecognizeOptions) -> None:
    splits: dict[str, str] = {}
    for split, examples in parts.items():
        for person in examples.targets:
            other = splits.setdefault(person, split)
            if other != split:
                raise InputError(
                    f"--data {options.data}: {person!r} is in the splits {other} and {split}; expected each person in "
                    "one split: a model is tested on persons that training never saw"
                )


def _hold_out(
    examples: Examples[str], split: str, share: float, generator: np.random.Generator
) -> tuple[Examples[str], Examples[str]]:
    """Take a share of the persons with two images or more out of the examples."""
    counts = Counter(examples.targets)
    comparable = sorted(person for person, count in counts.items() if count > 1)
    number = max(round(share * len(comparable)), MIN_PERSONS[split])
    drawn = set(generator.permutation(comparable)[:number].tolist())
    held_out = np.array([person in drawn for person in examples.targets], bool)
    return examples.take(np.flatnonzero(~held_out)), examples.take(np.flatnonzero(held_out))


def _joined(*parts: Examples[str]) -> Examples[str]:
    return Examples(
        [face for part in parts for face in part.inputs], [person for part in parts for person in part.targets]
    )
