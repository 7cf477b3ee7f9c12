"""Labelled medical images from folders, tables, arrays and named data sets."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plexus import Findings, InputError, NamedDataset
from plexus.data.archives import opened_folder
from plexus.data.arrays import Pair, read_arrays
from plexus.data.findings import Counted
from plexus.data.images import to_image_array
from plexus.data.labelled_folders import find_labelled_files
from plexus_medical.examples import MedicalExamples
from plexus_medical.image_listing import ListedImage, list_images
from plexus_medical.options import ClassifyOptions
from plexus_medical.patient_numbers import PatientNumbers
from plexus_medical.pixel_data import MEDICAL_IMAGES, read_pixels, without_equal_channels
from plexus_medical.source_images import SourceImages, pixel_digest

UNREADABLE = Counted("image could not be read and was dropped", "images could not be read and were dropped")
NO_PATIENT = Counted(
    "image has no patient and is a patient of its own", "images have no patient and are patients of their own each"
)


@dataclass(frozen=True)
class ImageSource:
    """Images by split, as they are read.

    Args:
        parts: Images by split.
        place: The file, folder or data set, for messages.
        licence: Licence of the data, for the model card.
        has_patients: Whether patients are named; else each image is a patient of its own.
        labels: The negative and the positive label, if the data set names them.

    Example:
        ```python
        source = read_source(Path("xrays.csv"), options, Findings())
        source.parts["train"].examples.patients
        ```
    """

    parts: Mapping[str, SourceImages]
    place: str
    licence: str = "not stated"
    has_patients: bool = False
    labels: tuple[str, ...] = ()


class _FileDigests(NamedTuple):
    pixels: bytes
    patient: bytes | None


def read_source(place: Path | NamedDataset, options: ClassifyOptions, findings: Findings) -> ImageSource:
    """Read labelled images.

    Args:
        place: A named data set; a folder with one sub-folder per label, or with `train/`, `val/`, `test/` of such; an
            archive of one; a CSV with columns `path` and `label`, optionally `split`, a patient and columns for
            subgroups; `.npz`, HDF5 or IDX files. Images may be DICOM files.
        options: The options.
        findings: Counts and names what is dropped.

    Returns:
        The images; those that cannot be read are dropped.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    if isinstance(place, NamedDataset):
        return _read_named(place, options)
    with opened_folder(place) as folder:
        path = folder or place
        if not path.is_dir() and path.suffix.lower() in {".csv", ".tsv"}:
            return _from_files(list_images(path, options.patient, subgroup_columns(options)), str(place), findings)
        _refuse_columns(options, str(place))
        arrays = read_arrays(path)
        if arrays is not None:
            return ImageSource(_from_arrays(str(place), arrays), str(place))
        if not path.is_dir():
            raise InputError(
                f"--data {place}: expected a folder with one sub-folder of images per label, an archive of one, a .csv "
                "with columns path and label, .npz or HDF5"
            )
        files = find_labelled_files(path, MEDICAL_IMAGES, findings)
        parts = {split: [ListedImage(file, label) for file, label in labelled] for split, labelled in files.items()}
        return _from_files(parts, str(place), findings)


def subgroup_columns(options: ClassifyOptions) -> list[str]:
    """Return the columns that the option `subgroups` names.

    Args:
        options: The options.

    Returns:
        The names, each once.
    """
    return list(dict.fromkeys(name.strip() for name in options.subgroups.split(",") if name.strip()))


def _refuse_columns(options: ClassifyOptions, place: str) -> None:
    columns = {"--patient": options.patient or "", "--subgroups": ", ".join(subgroup_columns(options))}
    for option, names in columns.items():
        if names:
            raise InputError(f"{option} {names}: {place} has no columns: list the images in a .csv with this column")


def _read_named(dataset: NamedDataset, options: ClassifyOptions) -> ImageSource:
    _refuse_columns(options, dataset.id)
    patients = getattr(dataset, "patients", None)
    parts = _from_arrays(dataset.id, dataset.read_arrays(), dataset.labels, patients() if patients else None)
    return ImageSource(parts, dataset.id, dataset.licence, patients is not None, dataset.labels)


def _from_arrays(
    place: str, arrays: Mapping[str, Pair], names: Sequence[str] = (), patients: Mapping[str, np.ndarray] | None = None
) -> dict[str, SourceImages]:
    parts, count = {}, 0
    for split, (images, labels) in arrays.items():
        if labels is None:
            raise InputError(f"{place}: the {split} split has no labels; expected an array named like {split}_labels")
        pixels = without_equal_channels(to_image_array(place, images))
        numbers = count + np.arange(len(pixels)) if patients is None else patients[split]
        count += len(pixels)
        targets = [_label_name(label, names) for label in labels.tolist()]
        parts[split] = SourceImages(
            MedicalExamples(pixels, targets, patients=numbers),
            [f"{split} image {number:,}" for number in range(1, len(pixels) + 1)],
            [pixel_digest(image) for image in pixels],
        )
    return parts if len(parts) > 1 or not parts else {"train": next(iter(parts.values()))}


def _label_name(label: object, names: Sequence[str]) -> str:
    if names and isinstance(label, int) and 0 <= label < len(names):
        return names[label]
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return label.decode() if isinstance(label, bytes) else str(label)


def _from_files(parts: Mapping[str, list[ListedImage]], place: str, findings: Findings) -> ImageSource:
    patients = PatientNumbers()
    sources = {split: _read_files(images, patients, findings) for split, images in parts.items()}
    return ImageSource(sources, place, has_patients=patients.has_named)


def _read_files(images: list[ListedImage], patients: PatientNumbers, findings: Findings) -> SourceImages:
    """Return the images that can be read; the others are counted and named."""
    readable: list[tuple[ListedImage, _FileDigests]] = []
    with ThreadPoolExecutor() as pool:
        results = pool.map(lambda image: _digests_or_error(image, patients), images)
        for image, result in zip(images, results, strict=True):
            if isinstance(result, InputError):
                findings.add(UNREADABLE, str(result))
            else:
                readable.append((image, result))
    numbers = [_patient_number(image, digests.patient, patients, findings) for image, digests in readable]
    columns = readable[0][0].attributes if readable else ()
    examples = MedicalExamples(
        [image.file for image, _ in readable],
        [image.label for image, _ in readable],
        patients=np.array(numbers, int),
        attributes={name: [image.attributes[name] for image, _ in readable] for name in columns},
    )
    return SourceImages(examples, [str(image.file) for image, _ in readable], [each.pixels for _, each in readable])


def _digests_or_error(image: ListedImage, patients: PatientNumbers) -> _FileDigests | InputError:
    try:
        pixels = pixel_digest(read_pixels(image.file))
        return _FileDigests(pixels, patients.digest_of_file(image.file) if image.patient is None else None)
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
        return error


def _patient_number(image: ListedImage, digest: bytes | None, patients: PatientNumbers, findings: Findings) -> int:
    if image.patient is None:
        return patients.number_of_digest(digest)
    if image.patient:
        return patients.number(image.patient)
    findings.add(NO_PATIENT, f"{image.place} names no patient")
    return patients.new()
