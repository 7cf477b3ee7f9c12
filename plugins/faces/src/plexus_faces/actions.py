"""The actions of `plexus faces`: parsed arguments to JSON documents."""

import argparse
import getpass
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from plexus import InputError, load
from plexus.data.images import find_images
from plexus.utils.files import read_regular
from plexus.utils.messages import note
from plexus_faces.audit import audit
from plexus_faces.codec import FaceCodec
from plexus_faces.command import PASSPHRASE
from plexus_faces.enrolled_picture import EnrolledPicture
from plexus_faces.face_finder import main_face
from plexus_faces.gallery import Gallery, person_name
from plexus_faces.gallery_file import change_gallery, read_gallery
from plexus_faces.grouping import group
from plexus_faces.task import Recognize

if TYPE_CHECKING:
    from plexus import Bundle
    from plexus.codec import JsonObject
    from plexus_faces.face import Face

MIN_ENROLLED_WIDTH = 40
"""Narrowest face in pixels that is enrolled."""
TASK = "faces.recognize"


def _enrol(arguments: argparse.Namespace) -> "JsonObject":
    name = person_name(arguments.name)
    passphrase = _passphrase(arguments, is_new=not os.path.lexists(arguments.gallery))
    bundle, files = _open(arguments.values[0]), _images(arguments.values[1:])
    pictures, skipped = _enrolled_pictures(bundle, files)
    repeated: list[str] = []

    def add(gallery: Gallery) -> Gallery:
        changed, labels = gallery.enrol(name, pictures)
        repeated.extend(labels)
        return changed

    gallery = change_gallery(arguments.gallery, add, passphrase, _model(bundle))
    return {
        "gallery": str(arguments.gallery),
        "person": name,
        "enrolled": len(pictures) - len(repeated),
        "skipped": [*skipped, *({"input": label, "reason": "enrolled already"} for label in repeated)],
        "pictures": len(gallery.persons[name]),
        "persons": len(gallery),
    }


def _identify(arguments: argparse.Namespace) -> "JsonObject":
    passphrase = _passphrase(arguments)
    bundle, files = _open(arguments.values[0]), _images(arguments.values[1:])
    gallery = read_gallery(arguments.gallery, passphrase, _model(bundle))
    if not len(gallery):
        raise InputError(f"{arguments.gallery} has no persons: enrol some first (plexus faces enrol)")
    threshold = _codec(bundle).identification_threshold(len(gallery))

    def identify(faces: "Sequence[Face]") -> "JsonObject":
        return {"faces": [_identified(gallery, face, threshold, arguments.top) for face in faces]}

    results = _for_each(bundle, files, identify)
    return {"gallery": str(arguments.gallery), "threshold": threshold, "results": results}


def _verify(arguments: argparse.Namespace) -> "JsonObject":
    bundle, files = _open(arguments.values[0]), list(map(Path, arguments.values[1:]))
    codec = _codec(bundle)
    first, second = (main_face(file, _find(bundle, file)) for file in files)
    similarity = float(first.unit_embedding @ second.unit_embedding)
    return {
        "inputs": list(map(str, files)),
        "same_person": similarity >= codec.threshold,
        "similarity": similarity,
        "threshold": codec.threshold,
        "probability": codec.match_probability(similarity),
    }


def _forget(arguments: argparse.Namespace) -> "JsonObject":
    name, removed = person_name(arguments.values[0]), 0

    def forget(gallery: Gallery) -> Gallery:
        nonlocal removed
        removed = len(gallery.persons.get(name, ()))
        return gallery.forget(name)

    gallery = change_gallery(arguments.gallery, forget, _passphrase(arguments))
    return {"gallery": str(arguments.gallery), "person": name, "pictures": removed, "persons": len(gallery)}


def _audit(arguments: argparse.Namespace) -> "JsonObject":
    passphrase, bundle = _passphrase(arguments), _open(arguments.values[0])
    gallery, threshold = read_gallery(arguments.gallery, passphrase, _model(bundle)), _codec(bundle).threshold
    findings = [asdict(finding) for finding in audit(gallery, threshold)]
    return {
        "gallery": str(arguments.gallery),
        "persons": len(gallery),
        "pictures": len(gallery.embeddings),
        "threshold": threshold,
        "findings": findings,
    }


def _group(arguments: argparse.Namespace) -> "JsonObject":
    bundle, files = _open(arguments.values[0]), _images(arguments.values[1:])
    threshold = _codec(bundle).threshold
    embeddings: list[np.ndarray] = []

    def collect(faces: "Sequence[Face]") -> "JsonObject":
        embeddings.extend(face.unit_embedding for face in faces)
        return {"faces": [{"box": _box(face)} for face in faces]}

    results = _for_each(bundle, files, collect)
    if not embeddings:
        raise InputError(f"no face in {len(files):,} images: expected images of persons, upright")
    labels = group(np.stack(embeddings), threshold)
    faces = [face for result in results for face in result.get("faces", ())]
    for face, label in zip(faces, labels.tolist(), strict=True):
        face["group"] = label
    return {"threshold": threshold, "groups": int(labels.max()) + 1, "results": results}


ACTIONS: "Mapping[str, Callable[[argparse.Namespace], JsonObject]]" = {
    "enrol": _enrol,
    "identify": _identify,
    "verify": _verify,
    "forget": _forget,
    "audit": _audit,
    "group": _group,
}
"""The action of each name: it returns the document that `plexus_faces.command.run` describes."""


def _enrolled_pictures(bundle: "Bundle", files: Sequence[Path]) -> "tuple[list[EnrolledPicture], list[JsonObject]]":
    """Embed the images with one face; return the others with the reason why they are skipped."""
    pictures, skipped = [], []
    for file in files:
        try:
            face = _one_face(bundle, file)
            pictures.append(EnrolledPicture.of(face.unit_embedding, read_regular(file, links=True), file))
        except InputError as error:
            skipped.append({"input": str(file), "reason": str(error).removeprefix(str(file)).lstrip(": ")})
    if not pictures:
        others = f" (and {len(skipped) - 1:,} more)" if len(skipped) > 1 else ""
        raise InputError(f"no image can be enrolled: {skipped[0]['input']}: {skipped[0]['reason']}{others}")
    return pictures, skipped


def _one_face(bundle: "Bundle", file: Path) -> "Face":
    """Return the only face of an image; a second one, however small, may be the person who is to be enrolled."""
    faces = _find(bundle, file, thorough=True)
    if len(faces) != 1:
        raise InputError(
            f"{file}: {len(faces) or 'no'} faces were detected, expected one: crop the image to the person"
        )
    if faces[0].width < MIN_ENROLLED_WIDTH:
        raise InputError(
            f"{file}: the face has {faces[0].width:.0f} pixels, expected {MIN_ENROLLED_WIDTH} or more: "
            "use an image of higher resolution"
        )
    return faces[0]


def _for_each(
    bundle: "Bundle", files: Iterable[Path], describe: "Callable[[Sequence[Face]], JsonObject]"
) -> "list[JsonObject]":
    """Describe the faces of each image; of an image that cannot be read, return the error."""
    results: list[JsonObject] = []
    for file in files:
        try:
            results.append({"input": str(file), **describe(_find(bundle, file))})
        except InputError as error:
            results.append({"input": str(file), "error": str(error)})
    errors = [result["error"] for result in results if "error" in result]
    if len(errors) == len(results):
        raise InputError(f"{errors[-1]}" + (f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""))
    for line in errors:
        note(f"plexus: {line}")
    return results


def _identified(gallery: Gallery, face: "Face", threshold: float, top: int) -> "JsonObject":
    (candidates,) = gallery.identify(face.unit_embedding[np.newaxis], top)
    name, similarity = candidates[0]
    return {
        "box": _box(face),
        "name": name if similarity >= threshold else None,
        "similarity": similarity,
        "candidates": [{"name": name, "similarity": similarity} for name, similarity in candidates],
    }


def _box(face: "Face") -> list[float]:
    return [round(side, 1) for side in face.box]


def _find(bundle: "Bundle", file: Path, thorough: bool = False) -> "list[Face]":
    task = cast(Recognize, bundle.task)  # as `_open` has checked
    return task.find_faces(bundle.predictor, _codec(bundle), [file], thorough)[0]


def _images(paths: Iterable[str]) -> list[Path]:
    files = [file for path in map(Path, paths) for file in (find_images(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(files))


def _open(name: str) -> "Bundle":
    bundle = load(name)
    if not isinstance(bundle.task, Recognize):
        raise InputError(f"{name} is a bundle of {bundle.task.id}, expected one of {TASK}")
    return bundle


def _codec(bundle: "Bundle") -> FaceCodec:
    return cast(FaceCodec, bundle.codec)


def _model(bundle: "Bundle") -> str:
    """Return the fingerprint of a bundle's network and alignment."""
    return cast(Recognize, bundle.task).gallery_model(bundle.manifest)


def _passphrase(arguments: argparse.Namespace, is_new: bool = False) -> str | None:
    """Return the passphrase of the gallery; None if it is not encrypted."""
    if not arguments.passphrase:
        passphrase = os.environ.get(PASSPHRASE)
        if passphrase == "":
            raise InputError(f"{PASSPHRASE} is set but empty: set a passphrase, or unset it for no encryption")
        return passphrase
    try:
        passphrase = getpass.getpass(f"Passphrase of {arguments.gallery}: ")
        repeated = getpass.getpass("Again: ") if is_new else passphrase
    except EOFError as error:
        raise InputError(f"--passphrase: standard input is closed: set {PASSPHRASE} instead") from error
    if not passphrase or passphrase != repeated:
        raise InputError("--passphrase: expected the same passphrase twice, not empty")
    return passphrase
