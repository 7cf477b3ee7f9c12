"""Labelled medical images in splits and folds, no patient on two sides."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples, Findings, InputError, NamedDataset, SupervisedDataset
from plexus.data.findings import Counted
from plexus_medical.examples import MedicalExamples
from plexus_medical.image_source import ImageSource, read_source
from plexus_medical.options import ClassifyOptions
from plexus_medical.outcome import outcome_labels, remark_merged, to_outcomes
from plexus_medical.patient_splits import patient_folds, remove_test_patients, split_off_test
from plexus_medical.repeats import remove_repeats
from plexus_medical.source_images import SourceImages
from plexus_medical.unlabelled import read_unlabelled

if TYPE_CHECKING:
    from plexus_medical.codec import MedicalCodec

VAL_MERGED = Counted(
    "validation split was added to the training images: validation metrics are computed out of fold",
    "validation splits were added to the training images: validation metrics are computed out of fold",
)
NO_PATIENTS = Counted(
    "data set names no patients, so that each image is a patient of its own",
    "data sets name no patients, so that each image is a patient of its own",
)


class MedicalDataset(SupervisedDataset[MedicalExamples]):
    """Medical images with a binary outcome: training images with folds, and test images.

    `train` and `val` are the same object, all images that are not for testing: metrics on them are computed from
    out-of-fold predictions. No patient is in two folds, or in training and test images. `unseen` is the official test
    split, else all images.

    Args:
        parts: `train` and, if the data has an official test split, `test`, no patient in both; `test` alone for an
            evaluation.
        labels: The negative and the positive label.
        options: The options: `folds`, `seed` and `patient`.
        findings: What was dropped or merged while the data was read.
        licence: Licence of the data, for the model card.
        source: The file, folder or data set, for messages.
        has_patients: Whether patients are named; else each image is a patient of its own.
        unlabelled: Training images without labels, none of them a labelled one; None if there are none.

    Attributes:
        folds: Fold of each training image, counted from 0, shape `(train,)`.

    Example:
        ```python
        dataset = load_dataset(DRAWN_XRAYS, ClassifyOptions.parse({"data": "drawn_xrays"}))
        inner = dataset["train"].take(np.flatnonzero(dataset.folds != 0))
        ```
    """

    def __init__(
        self,
        parts: Mapping[str, MedicalExamples],
        labels: tuple[str, str],
        options: ClassifyOptions,
        findings: Findings,
        licence: str = "not stated",
        source: str = "the data",
        has_patients: bool = True,
        unlabelled: Examples[str] | None = None,
    ) -> None:
        self.labels, self.options, self.source, self.has_patients = labels, options, source, has_patients
        self._source_parts = dict(parts)
        splits, whole = dict(parts), None
        if "test" not in parts:
            whole = parts["train"]
            train_rows, test_rows = split_off_test(whole, options.seed)
            splits = {"train": whole.take(train_rows), "test": whole.take(test_rows)}
        if "train" in splits:
            splits["val"] = splits["train"]
        train = splits.get("train")
        self.folds = patient_folds(train, options.folds, options.seed) if train else np.zeros(0, int)
        protocol = self._protocol(splits["test"], whole)
        super().__init__(splits, options.seed, findings, licence, evaluation_protocol=protocol, whole=whole)
        self.unlabelled = unlabelled
        self._graph_labels: tuple[MedicalCodec, np.ndarray] | None = None

    def graph_labels(self, codec: "MedicalCodec") -> np.ndarray:
        """Return the result of `plexus_medical.few_labels.graph_labels`, which is computed once for a codec.

        Args:
            codec: The codec.

        Returns:
            Probabilities of shape `(unlabelled images, folds, 2)`.
        """
        from plexus_medical.few_labels import graph_labels

        if self._graph_labels is None or self._graph_labels[0] is not codec:
            self._graph_labels = codec, graph_labels(self, codec)
        return self._graph_labels[1]

    @cached_property
    def fingerprint(self) -> str:
        """Checksum of images (of files: names and sizes), labels and patients.

        Returns:
            SHA-256 in hexadecimal digits.
        """
        # Parts that are not named train are not split.
        parts = {f"images of {name}": examples for name, examples in self._source_parts.items()}
        digest = hashlib.sha256(SupervisedDataset(parts, self.seed, self.findings).fingerprint.encode())
        for name, examples in sorted(self._source_parts.items()):
            digest.update(f"{name} {self.labels}".encode())
            digest.update(np.unique(examples.patients, return_inverse=True)[1].astype("<i8").tobytes())
        return digest.hexdigest()

    def _protocol(self, test: MedicalExamples, whole: MedicalExamples | None) -> str:
        """Return how the test split was made, as a part of a sentence."""
        people = f" of {len(np.unique(test.patients)):,} patients" if self.has_patients else ""
        count = f"on {len(test):,} images{people}"
        if whole is None:
            return f"{count}, the official test split"
        sides = "; no patient is on both sides" if self.has_patients else "; patients are not known"
        return f"{count} out of {len(whole):,}, at random, stratified by the label{sides}"


def load_dataset(
    place: Path | NamedDataset, options: ClassifyOptions, unlabelled: Path | NamedDataset | None = None
) -> MedicalDataset:
    """Read medical images with a binary outcome.

    An official validation split is added to the training images, since validation metrics are computed out of fold.
    Repeats are dropped as `remove_repeats` describes.

    Args:
        place: As for `read_source`.
        options: The options.
        unlabelled: Images without labels, as for `read_unlabelled`; None for none.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    source = read_source(place, options, findings)
    parts, labels = _with_outcomes(source, options, findings)
    if not source.has_patients:
        findings.remark(NO_PATIENTS, f"{source.place} (if patients have several images, name them in a .csv)")
    parts = remove_repeats(parts, findings)
    examples = {split: images.examples for split, images in _without_val(parts, findings).items()}
    if {"train", "test"} <= examples.keys():
        examples["train"] = remove_test_patients(examples["train"], examples["test"], findings)
    if not any(map(len, examples.values())):
        raise InputError(findings.describe_in(f"--data {options.data}: there are no images"))
    images = None if unlabelled is None else read_unlabelled(unlabelled, _digests(source), findings)
    return MedicalDataset(
        examples, labels, options, findings, source.licence, source.place, source.has_patients, images
    )


def _digests(source: ImageSource) -> set[bytes]:
    return {digest for images in source.parts.values() for digest in images.digests}


def require_training_images(dataset: MedicalDataset) -> None:
    """Check that a model can be trained on the data: for `check_dataset`.

    Args:
        dataset: The dataset.

    Raises:
        InputError: If there are too few patients with one of the labels for the folds, or none for testing; the line
            says how many there are and how many are needed.
    """
    place, folds = f"--data {dataset.options.data}", dataset.options.folds
    for split, least in (("train", folds), ("test", 1)):
        examples = dataset.splits.get(split)
        for label in dataset.labels:
            patients = set() if examples is None else _patients_with(examples, label)
            if len(patients) < least:
                unit = "patients with images" if dataset.has_patients else "images"
                line = (
                    f"{place}: label {label!r}: expected {least} or more {unit} in the {split} split, found "
                    f"{len(patients)}: {_remedy(dataset, split)}"
                )
                raise InputError(dataset.findings.describe_in(line))


def _remedy(dataset: MedicalDataset, split: str) -> str:
    whole = dataset.whole
    if whole is not None and dataset.has_patients and len(whole) > 1 and len(np.unique(whole.patients)) == 1:
        return (
            "all images name the same patient, as after an anonymization: list them in a .csv with a column of "
            "patients, or pass --patient path if each image is a patient of its own"
        )
    return f"add images{' or pass fewer --folds' if split == 'train' else ''}"


def _patients_with(examples: MedicalExamples, label: str) -> set[int]:
    pairs = zip(examples.patients.tolist(), examples.targets, strict=True)
    return {patient for patient, target in pairs if target == label}


def _with_outcomes(
    source: ImageSource, options: ClassifyOptions, findings: Findings
) -> tuple[dict[str, SourceImages], tuple[str, str]]:
    """Return the images with the two labels of the outcome, and these labels."""
    targets = [target for images in source.parts.values() for target in images.examples.targets]
    positive = options.positive or (source.labels[1] if len(source.labels) == 2 else None)
    try:
        labels = outcome_labels(targets, positive, source.place)
    except InputError as error:
        raise InputError(findings.describe_in(str(error))) from error
    remark_merged(targets, labels[1], findings)
    parts = {
        split: images.with_examples(images.examples.with_targets(to_outcomes(images.examples.targets, labels)))
        for split, images in source.parts.items()
    }
    return parts, labels


def _without_val(parts: Mapping[str, SourceImages], findings: Findings) -> dict[str, SourceImages]:
    """Return the splits with the validation images among those for training."""
    if "val" not in parts:
        return dict(parts)
    val = parts["val"]
    findings.remark(VAL_MERGED, f"{len(val):,} images")
    train = parts["train"].followed_by(val) if "train" in parts else val
    return {"train": train} | ({"test": parts["test"]} if "test" in parts else {})
