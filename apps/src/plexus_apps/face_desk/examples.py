"""Example pictures: faces that the project draws, of the embedded data set `drawn_faces`."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from plexus import InputError
from plexus.plugins.registry import registry

ENROLLED = (0, 2, 6)
"""Persons of the example gallery, by place in the data set."""
ENROLLED_PICTURES = 3
"""Pictures of each person in the example gallery; the others are shown to it."""
GROUP = (6, 1, 0, 2)
"""Persons of the group photo, from left to right. Drawn persons are more alike to a network than people are; the one
that is not enrolled is the least similar to the others, also for the threshold of a model of people."""


@cache
def drawn_persons() -> dict[str, np.ndarray]:
    """Return the drawn faces.

    Returns:
        Pictures of shape `(n, height, width, 3)` by name of the person.

    Raises:
        InputError: If the installed face plugin has no drawn faces.
    """
    dataset = registry().dataset("drawn_faces")
    if dataset.embedded is None:
        raise InputError("the data set drawn_faces is not embedded: update plexus-faces")
    images, persons = dataset.embedded()["train"]
    persons = np.asarray(persons)
    return {name: images[persons == name] for name in dict.fromkeys(persons.tolist())}


def write_pair(same: bool) -> tuple[str, str]:
    """Write two pictures.

    Args:
        same: Whether they show one person.

    Returns:
        The files.
    """
    first, second = list(drawn_persons().values())[:2]
    return _write(first[0], "a.png"), _write((first if same else second)[-1], "b.png")


def group_photo(persons: Sequence[int] = GROUP) -> np.ndarray:
    """Return a photo of several persons, in pictures that are not enrolled.

    Args:
        persons: Places of the persons in the data set, from left to right.

    Returns:
        The photo, shape `(height, width, 3)`.
    """
    pictures = list(drawn_persons().values())
    return np.concatenate([pictures[person][-1] for person in persons], axis=1)


def write_group_photo() -> str:
    """Write the group photo.

    Returns:
        The file.
    """
    return _write(group_photo(), "group.png")


def _write(image: np.ndarray, name: str) -> str:
    from PIL import Image

    from plexus_apps.pages import temporary_folder  # with Gradio, which the demo does not need

    file: Path = temporary_folder() / name
    Image.fromarray(image).save(file)
    return str(file)
