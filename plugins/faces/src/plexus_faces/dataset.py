"""Faces and their persons from folders, tables and named data sets."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
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
from plexus_faces.calibration import impostor_pairs
from plexus_faces.face import Face
from plexus_faces.face_finder import find_faces, main_face
from plexus_faces.group_column import read_groups
from plexus_faces.options import RecognizeOptions

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


class FaceDataset(SupervisedDataset[Examples[str]]):
    """Faces with their persons, and the groups of the persons.

    Args:
        parts: Faces and persons of each split, no person in two of them; without `train` for an evaluation alone.
        seed: Random seed.
        findings: What was dropped while the data was read.
        licence: Licence of the data, for the model card.
        whole: All faces, for data without splits of its own.
        groups: Group by person, such as an age band or a site, if the data name groups.

    Example:
        ```python
        dataset = FaceDataset({"test": Examples(faces, persons)}, 0, Findings(), groups={"anna": "18-39"})
        ```
    """

    def __init__(
        self,
        parts: Mapping[str, Examples[str]],
        seed: int,
        findings: Findings,
        licence: str = "not stated",
        whole: Examples[str] | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(parts, seed, findings, licence, whole=whole)
        self.groups = groups or {}


def load_dataset(place: Path | NamedDataset, options: RecognizeOptions) -> FaceDataset:
    """Read images of persons, detect and align the face of each, and split by person.

    Args:
        place: A named data set; a folder with one sub-folder per person, or with `train/`, `val/`, `test/` of such; an
            archive of one; a CSV with columns `path` and `person`, optionally `split` and `group`.
        options: The options.

    Returns:
        The dataset: no person is in two splits. If the network is not trained, the validation split is the training
        split: both calibrate. Two persons suffice to evaluate a model; see `require_training_persons`.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings, groups = Findings(options.strict), {}
    if isinstance(place, NamedDataset):
        images, licence = _read_named(place, findings), place.licence
    else:
        with opened_folder(place) as folder:
            images = _read_place(folder or place, findings)
        groups = read_groups(place, PERSON_COLUMNS) if _is_table(place) else {}
        licence = "not stated"
    images = _without_copies(images, findings)
    parts = {split: _aligned(labelled, findings) for split, labelled in images.items()}
    whole = None if len(parts) > 1 else next(iter(parts.values()))
    parts = _split_persons(parts, options)
    dataset = FaceDataset(parts, options.seed, findings, licence, whole, groups)
    least, persons = MIN_PERSONS["test"], len(_comparable(dataset["unseen"]))
    if persons < least:
        split = " in the test split" if whole is None else ""
        line = (
            f"--data {options.data}: expected {least} or more persons with two images or more{split}, found {persons}"
        )
        raise InputError(findings.describe_in(f"{line}: add persons"))
    return dataset


def require_training_persons(dataset: FaceDataset, options: RecognizeOptions) -> None:
    """Check that each split has enough persons for a training.

    Args:
        dataset: The dataset.
        options: The options.

    Raises:
        InputError: If a split is missing or has too few persons; the line says how many each has and needs.
    """
    splits = ("val", "test") if is_frozen(options) else tuple(MIN_PERSONS)
    persons = {split: len(_comparable(dataset[split])) for split in splits}
    pairs = impostor_pairs(dataset["val"].targets)
    if pairs >= MIN_IMPOSTORS and all(count >= MIN_PERSONS[split] for split, count in persons.items()):
        return
    expected = ", ".join(f"{split} {MIN_PERSONS[split]} or more" for split in splits)
    counts = ", ".join(f"{split} {count}" for split, count in persons.items())
    raise InputError(
        dataset.findings.describe_in(
            f"--data {options.data}: too few persons for a training: persons with two images or more: expected "
            f"{expected}, none in two splits, found {counts}; pairs of images of different persons in val: expected "
            f"{MIN_IMPOSTORS} or more, found {pairs}; add persons"
        )
    )


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
    return _read_place(dataset.fetch(), findings)


def _read_place(path: Path, findings: Findings) -> dict[str, LabelledImages]:
    if path.is_dir():
        parts = find_labelled_files(path, IMAGES, findings, target="person")
    elif _is_table(path):
        parts = list_labelled_files(path, PERSON_COLUMNS)
    else:
        raise InputError(
            f"--data {path}: expected a folder with one sub-folder of images per person, an archive of one, or a .csv "
            "with columns path and person"
        )
    return {split: _readable(labelled, findings) for split, labelled in parts.items()}


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in {".csv", ".tsv"}


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
    checksums = {split: [_checksum(image) for image, _ in labelled] for split, labelled in parts.items()}
    copies: dict[bytes, LabelledImages] = defaultdict(list)
    for split, labelled in parts.items():
        for item, checksum in zip(labelled, checksums[split], strict=True):
            copies[checksum].append(item)
    seen: set[bytes] = set()
    distinct: dict[str, LabelledImages] = {split: [] for split in parts}
    for split, labelled in parts.items():
        for item, checksum in zip(labelled, checksums[split], strict=True):
            files, persons = (dict.fromkeys(map(str, values)) for values in zip(*copies[checksum], strict=True))
            if len(persons) == 1 and checksum in seen:
                findings.add(REPEATED, str(item[0]))
            elif len(persons) == 1:
                distinct[split].append(item)
            elif checksum not in seen:
                findings.add(TWO_PERSONS, f"{' and '.join(files)}: {' and '.join(sorted(persons))}")
            seen.add(checksum)
    return distinct


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


def _split_persons(parts: dict[str, Examples[str]], options: RecognizeOptions) -> dict[str, Examples[str]]:
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
    return parts


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
    """Take a share of the persons with two images or more out of the examples, never all of them."""
    comparable = _comparable(examples)
    number = min(max(round(share * len(comparable)), MIN_PERSONS[split]), max(len(comparable) - 1, 0))
    drawn = set(generator.permutation(comparable)[:number].tolist())
    held_out = np.array([person in drawn for person in examples.targets], bool)
    return examples.take(np.flatnonzero(~held_out)), examples.take(np.flatnonzero(held_out))


def _comparable(examples: Examples[str]) -> list[str]:
    """Return the persons with two images or more."""
    return sorted(person for person, count in Counter(examples.targets).items() if count > 1)


def _joined(*parts: Examples[str]) -> Examples[str]:
    return Examples(
        [face for part in parts for face in part.inputs], [person for part in parts for person in part.targets]
    )
