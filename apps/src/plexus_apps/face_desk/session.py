"""Enrolled persons and photos of one visit of the page: they are in memory only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from unicodedata import normalize

import numpy as np

from plexus import InputError
from plexus.data.images import to_channels
from plexus_apps.face_desk.face_model import FaceModel, Identity
from plexus_apps.face_desk.face_task import Face, FaceGallery


@dataclass(frozen=True)
class Session:
    """Persons and photo of one visit; it is never changed.

    Attributes:
        gallery: The enrolled persons.
        portraits: The aligned face of each person's first picture, to be shown.
        photo: The photo in the tab Identify, shape `(height, width, 3)`.
        faces: Its faces.

    Example:
        ```python
        session = Session(model.new_gallery()).enrol(model, "Anna", [face], "anna.jpg")
        session.identify(model)
        ```
    """

    gallery: FaceGallery
    portraits: Mapping[str, np.ndarray] = field(default_factory=dict)
    photo: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))
    faces: Sequence[Face] = ()

    def enrol(self, model: FaceModel, person: str, faces: Sequence[Face], label: str) -> "Session":
        """Enrol faces of a person.

        Args:
            model: The model.
            person: The name.
            faces: The faces.
            label: Name of the picture.

        Returns:
            The new session.

        Raises:
            InputError: If the name is not valid, or a picture is enrolled already.
        """
        name = normalize("NFC", " ".join(person.split()))
        if not name:
            raise InputError("no name: type the name of the person first")
        gallery, repeated = model.enrol(self.gallery, name, faces, label)
        if len(repeated) == len(faces):
            raise InputError(f"{name} has this picture already: choose another one")
        return replace(self, gallery=gallery, portraits={name: faces[0].chip, **self.portraits})

    def forget(self, person: str) -> "Session":
        """Remove a person, and the photo, which may show the person.

        Args:
            person: The name.

        Returns:
            The new session.

        Raises:
            InputError: If there is no such person.
        """
        portraits = {name: chip for name, chip in self.portraits.items() if name != person}
        return Session(self.gallery.forget(person), portraits)

    def with_photo(self, photo: np.ndarray, faces: Sequence[Face]) -> "Session":
        """Return the session with a photo; its faces are numbered from left to right.

        Args:
            photo: Bytes of shape `(height, width, channels)`.
            faces: Its faces.

        Returns:
            The new session.
        """
        return replace(self, photo=to_channels(photo, 3), faces=sorted(faces, key=lambda face: face.box[0]))

    def identify(self, model: FaceModel) -> list[Identity]:
        """Identify the faces of the photo.

        Args:
            model: The model.

        Returns:
            One identity per face.
        """
        return model.identify(self.gallery, self.faces)

    def unknown_groups(self, model: FaceModel) -> dict[str, list[int]]:
        """Group the faces of the photo that are of no enrolled person.

        Args:
            model: The model.

        Returns:
            Places of the faces by name of the group: `unknown A`, `unknown B`, …
        """
        places = [place for place, identity in enumerate(self.identify(model)) if not identity.is_known]
        groups: dict[str, list[int]] = {}
        for place, number in zip(places, model.group([self.faces[place] for place in places]), strict=True):
            groups.setdefault(f"unknown {_letters(number)}", []).append(place)
        return groups


def _letters(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)
