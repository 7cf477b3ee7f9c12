"""Splits and folds in which a patient is on one side only."""

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted
from plexus.data.folds import assign_folds, strata_of
from plexus.data.splits import MAX_HELD_OUT, TEST_SHARE
from plexus_medical.examples import MedicalExamples

SHARED_PATIENTS = Counted(
    "official test split has patients of training images, which were dropped",
    "official test splits have patients of training images, which were dropped",
)


def split_off_test(examples: MedicalExamples, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split off the images for testing: about `TEST_SHARE` of all, whole patients, stratified by the label.

    Args:
        examples: All images.
        seed: Random seed.

    Returns:
        Rows for training and for testing, each in ascending order; all for training if there is one patient only.
    """
    share = min(TEST_SHARE, MAX_HELD_OUT / max(len(examples), 1))
    if len(np.unique(examples.patients)) < 2:
        return np.arange(len(examples)), np.zeros(0, int)
    is_test = patient_folds(examples, max(round(1 / share), 2), seed) == 0
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def patient_folds(examples: MedicalExamples, folds: int, seed: int) -> np.ndarray:
    """Assign images to folds: whole patients, stratified by the label.

    Args:
        examples: The images, at least one.
        folds: Number of folds; at most one per patient is used.
        seed: Random seed.

    Returns:
        Fold of each image, counted from 0, shape `(n,)`.
    """
    return assign_folds(strata_of(np.array(examples.targets)), folds, seed, examples.patients)


def remove_test_patients(train: MedicalExamples, test: MedicalExamples, findings: Findings) -> MedicalExamples:
    """Drop the training images of patients who are in the official test split, too.

    Args:
        train: The images for training.
        test: The images of the official test split.
        findings: Counts what is dropped; no image is named.

    Returns:
        The other images for training.

    Raises:
        InputError: In strict mode, if a patient is in both.
    """
    is_shared = np.isin(train.patients, test.patients)
    if not is_shared.any():
        return train
    patients = len(np.unique(train.patients[is_shared]))
    findings.add(SHARED_PATIENTS, f"{_count(int(is_shared.sum()), 'training image')} of {_count(patients, 'patient')}")
    return train.take(np.flatnonzero(~is_shared))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
