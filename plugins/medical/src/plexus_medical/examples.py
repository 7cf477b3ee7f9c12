"""Labelled images with the patient of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from plexus import Examples


@dataclass
class MedicalExamples(Examples[str]):
    """Medical images, their labels and their patients.

    Args:
        inputs: Grey or colored images of equal size, `uint8` or of more bits, shape `(n, height, width)` or
            `(n, height, width, 3)`; or a list of files.
        targets: The label of each image.
        patients: Number of the patient of each image, shape `(n,)`, counted from 0 over all splits; by default each
            image is a patient of its own. A number says nothing else about a patient.
        attributes: Values of columns for subgroups, one per image, by name of the column.

    Example:
        ```python
        examples = MedicalExamples(images, ["normal", "pneumonia", "normal"], np.array([0, 1, 1]))
        examples.take(np.array([1, 2])).patients  # [1, 1]
        ```
    """

    patients: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.patients):
            self.patients = np.arange(len(self.inputs))

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the examples.

        Args:
            rows: Indices of shape `(n,)`.

        Returns:
            The examples of these rows, with their patients and attributes.
        """
        part = super().take(rows)
        attributes = {name: [values[row] for row in rows] for name, values in self.attributes.items()}
        return type(self)(part.inputs, part.targets, patients=self.patients[rows], attributes=attributes)

    def with_patients(self, patients: np.ndarray) -> Self:
        """Return the examples with other numbers of patients.

        Args:
            patients: Number of the patient of each image, shape `(n,)`.

        Returns:
            The examples.
        """
        return type(self)(self.inputs, self.targets, patients=patients, attributes=self.attributes)

    def with_targets(self, targets: Sequence[str]) -> Self:
        """Return the examples with other labels.

        Args:
            targets: The label of each image.

        Returns:
            The examples.
        """
        return type(self)(self.inputs, targets, patients=self.patients, attributes=self.attributes)


def joined(first: MedicalExamples, second: MedicalExamples) -> MedicalExamples:
    """Return the examples of two parts, one after the other.

    Args:
        first: Examples.
        second: Examples whose patients are counted with those of the first ones, with the same attributes.

    Returns:
        All examples: an array if both parts are arrays of images of one size and type, else a list.
    """
    inputs: np.ndarray | list[object]
    parts = first.inputs, second.inputs
    if (
        all(isinstance(part, np.ndarray) for part in parts)
        and np.shape(first.inputs)[1:] == np.shape(second.inputs)[1:]
    ):
        inputs = np.concatenate(parts)
    else:
        inputs = [*first.inputs, *second.inputs]
    attributes = {name: [*values, *second.attributes[name]] for name, values in first.attributes.items()}
    patients = np.concatenate([first.patients, second.patients])
    return MedicalExamples(inputs, [*first.targets, *second.targets], patients=patients, attributes=attributes)
