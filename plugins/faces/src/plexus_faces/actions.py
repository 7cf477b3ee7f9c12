"""The actions of `plexus faces`: parsed arguments to JSON documents."""

import argparse
import getpass
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from plexus import InputError, load
from plexus.data.pictures import Picture, describe_sources, read_pictures
from plexus.utils.messages import note
from plexus_faces.audit import audit
from plexus_faces.codec import FaceCodec
from plexus_faces.command import PASSPHRASE
from plexus_faces.enrolment import Enrolment
from plexus_faces.face_finder import main_face
from plexus_faces.gallery import Gallery, person_name
from plexus_faces.gallery_file import change_gallery, read_gallery
from plexus_faces.grouping import group
from plexus_faces.task import Recognize
from plexus_faces.video_summary import summarize_videos

if TYPE_CHECKING:
    from plexus import Bundle
    from plexus.codec import JsonObject
    from plexus_faces.face import Face

TASK = "faces.recognize"


def _enrol(arguments: argparse.Namespace) -> "JsonObject":
    name = person_name(arguments.name)
    passphrase = _passphrase(arguments, is_new=not os.path.lexists(arguments.gallery))
    bundle = _open(arguments.values[0])
    enrolment = Enrolment(_codec(bundle).threshold)

    def add_picture(picture: Picture, faces: "Sequence[Face]") -> "JsonObject":
        enrolment.add(picture, faces)
        return {}

    results = _for_each(bundle, arguments, add_picture, thorough=True)
    pictures, skipped = enrolment.choose()
    if not pictures:
        others = f" (and {len(skipped) - 1:,} more)" if len(skipped) > 1 else ""
        raise InputError(f"no image can be enrolled: {skipped[0]['input']}: {skipped[0]['reason']}{others}")
    repeated: list[str] = []

    def add(gallery: Gallery) -> Gallery:
        changed, labels = gallery.enrol(name, pictures)
        repeated.extend(labels)
        return changed

    gallery = change_gallery(arguments.gallery, add, passphrase, _model(bundle))
    _note_outliers(gallery, name, _codec(bundle).threshold)
    return {
        "gallery": str(arguments.gallery),
        "person": name,
        "enrolled": len(pictures) - len(repeated),
        "skipped": [*skipped, *({"input": label, "reason": "enrolled already"} for label in repeated)],
        "errors": [result for result in results if "error" in result],
        "pictures": len(gallery.persons[name]),
        "persons": len(gallery),
    }


def _identify(arguments: argparse.Namespace) -> "JsonObject":
    passphrase = _passphrase(arguments)
    bundle = _open(arguments.values[0])
    gallery = read_gallery(arguments.gallery, passphrase, _model(bundle))
    if not len(gallery):
        raise InputError(f"{arguments.gallery} has no persons: enrol some first (plexus faces enrol)")
    threshold = _codec(bundle).identification_threshold(len(gallery))

    def identify(_: Picture, faces: "Sequence[Face]") -> "JsonObject":
        return {"faces": [_identified(gallery, face, threshold, arguments.top) for face in faces]}

    results = _for_each(bundle, arguments, identify)
    videos = summarize_videos(results)
    return {"gallery": str(arguments.gallery), "threshold": threshold, "results": results, "videos": videos}


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
    bundle = _open(arguments.values[0])
    threshold = _codec(bundle).threshold
    embeddings: list[np.ndarray] = []

    def collect(_: Picture, faces: "Sequence[Face]") -> "JsonObject":
        embeddings.extend(face.unit_embedding for face in faces)
        return {"faces": [{"box": _box(face)} for face in faces]}

    results = _for_each(bundle, arguments, collect)
    if not embeddings:
        number = f"{len(results):,} images" if len(results) > 1 else results[0]["input"]
        raise InputError(f"no face in {number}: expected images of persons, upright")
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


def _for_each(
    bundle: "Bundle",
    arguments: argparse.Namespace,
    describe: "Callable[[Picture, Sequence[Face]], JsonObject]",
    thorough: bool = False,
) -> "list[JsonObject]":
    """Describe the faces of each picture; of an image, a video or a folder that cannot be read, return the error."""

    def describe_source(name: str, source: Path) -> "Iterator[JsonObject]":
        for picture in read_pictures(name, source, arguments.frame_rate, arguments.seconds):
            yield picture.document | describe(picture, _find(bundle, picture.content, thorough))

    return describe_sources(arguments.values[1:], describe_source)


def _note_outliers(gallery: Gallery, name: str, threshold: float) -> None:
    """Print one line if images of a person, who has just been enrolled, do not look like the others."""
    pictures = gallery.persons[name]
    findings = audit(Gallery(gallery.model, {name: pictures}), threshold)
    outliers = sum(len(finding.pictures) for finding in findings if finding.kind == "outlier")
    if outliers:
        verb = "does" if outliers == 1 else "do"
        note(
            f"plexus: {name}: {outliers:,} of {len(pictures):,} images {verb} not look like the others: "
            "see plexus faces audit"
        )


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


def _find(bundle: "Bundle", image: Path | np.ndarray, thorough: bool = False) -> "list[Face]":
    task = cast(Recognize, bundle.task)  # as `_open` has checked
    return task.find_faces(bundle.predictor, _codec(bundle), [image], thorough)[0]


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
        with warnings.catch_warnings(action="error", category=getpass.GetPassWarning):
            passphrase = getpass.getpass(f"Passphrase of {arguments.gallery}: ")
            repeated = getpass.getpass("Again: ") if is_new else passphrase
    except (EOFError, getpass.GetPassWarning) as error:
        raise InputError(f"--passphrase: there is no terminal to ask at: set {PASSPHRASE} instead") from error
    if not passphrase or passphrase != repeated:
        raise InputError("--passphrase: expected the same passphrase twice, not empty")
    return passphrase
