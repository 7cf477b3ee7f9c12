"""Enrolment of pictures, of drawn persons, and of the unknown persons of a photo."""

from pathlib import Path

import numpy as np

from plexus import InputError
from plexus.data.images import read_image
from plexus_apps.face_desk.examples import ENROLLED, ENROLLED_PICTURES, drawn_persons
from plexus_apps.face_desk.face_model import FaceModel
from plexus_apps.face_desk.face_task import Face
from plexus_apps.face_desk.session import Session


def enrol_picture(model: FaceModel, session: Session | None, name: str, file: str | None) -> Session:
    """Enrol a picture of a person.

    Args:
        model: The model.
        session: The session; None before anyone is enrolled.
        name: Name of the person.
        file: The picture; None if none is chosen.

    Returns:
        The new session.

    Raises:
        InputError: If name or picture is missing, or the picture has not exactly one face.
    """
    if file is None:
        raise InputError("no picture: choose or take one first")
    face = _only_face(model, Path(file))
    return (session or Session(model.new_gallery())).enrol(model, name, [face], Path(file).name)


def enrol_drawn(model: FaceModel, session: Session | None) -> Session:
    """Enrol drawn persons, unless they are enrolled already.

    Args:
        model: The model.
        session: The session; None before anyone is enrolled.

    Returns:
        The new session.
    """
    session = session or Session(model.new_gallery())
    persons = list(drawn_persons().items())
    for name, pictures in (persons[place] for place in ENROLLED):
        if name not in session.gallery.persons:
            faces = [_only_face(model, picture) for picture in pictures[:ENROLLED_PICTURES]]
            session = session.enrol(model, name, faces, f"{name}.png")
    return session


def open_photo(model: FaceModel, session: Session | None, file: str) -> Session:
    """Read a photo and detect its faces.

    Args:
        model: The model.
        session: The session; None before anyone is enrolled.
        file: The photo.

    Returns:
        The session with the photo.

    Raises:
        InputError: If it cannot be read, or has no face.
    """
    photo = read_image(Path(file))
    return (session or Session(model.new_gallery())).with_photo(photo, model.find_faces(photo))


def enrol_unknown(model: FaceModel, session: Session | None, group: str | None, name: str) -> Session:
    """Enrol the faces of an unknown person of the photo.

    Args:
        model: The model.
        session: The session; None before a photo is chosen.
        group: Name of the group of faces; None if none is chosen.
        name: Name of the person.

    Returns:
        The new session.

    Raises:
        InputError: If there is no such group, or the name is missing or not valid.
    """
    groups = session.unknown_groups(model) if session else {}
    if session is None or group not in groups:
        raise InputError("no unknown person: choose a photo with one first")
    return session.enrol(model, name, [session.faces[place] for place in groups[group]], "photo")


def _only_face(model: FaceModel, image: Path | np.ndarray) -> Face:
    faces = model.find_faces(image)
    if len(faces) > 1:
        raise InputError(f"{len(faces)} faces were detected: expected one: crop the picture to the person")
    return faces[0]
