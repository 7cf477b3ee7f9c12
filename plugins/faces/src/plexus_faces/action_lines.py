"""The results of `plexus faces` as lines for people."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_LISTED = 20
"""Skipped images, findings and images of a group that are printed; --json has all."""


def _enrol(result: "JsonObject") -> Iterator[str]:
    skipped = result["skipped"]
    yield (
        f"{result['person']}: {result['enrolled']:,} enrolled, {len(skipped):,} skipped, "
        f"now {_count(result['pictures'], 'picture')}; {result['gallery']}: {_count(result['persons'], 'person')}"
    )
    yield from _listed([f"  skipped {item['input']}: {item['reason']}" for item in skipped])


def _identify(result: "JsonObject") -> Iterator[str]:
    for image in result["results"]:
        faces = image.get("faces", ())
        if not faces and "error" not in image:
            yield f"{image['input']}  no face"
        for face in faces:
            nearest = face["candidates"][0]["name"]
            name = face["name"] or f"unknown (most similar: {nearest})"
            yield f"{image['input']}  {_place(face['box'])}  {name}  {face['similarity']:.3f}"


def _verify(result: "JsonObject") -> Iterator[str]:
    verdict = "same person" if result["same_person"] else "different persons"
    yield (
        f"{verdict}: similarity {result['similarity']:.3f}, threshold {result['threshold']:.3f}, "
        f"match probability {result['probability']:.2%}"
    )


def _forget(result: "JsonObject") -> Iterator[str]:
    removed = _count(result["pictures"], "picture")
    yield f"{result['person']}: {removed} removed; {result['gallery']}: {_count(result['persons'], 'person')}"


def _audit(result: "JsonObject") -> Iterator[str]:
    findings = result["findings"]
    yield (
        f"{result['gallery']}: {_count(result['persons'], 'person')}, {_count(result['pictures'], 'picture')}, "
        f"{_count(len(findings), 'finding')}"
    )
    yield from _listed([f"  {_finding(finding)} ({finding['similarity']:.3f})" for finding in findings])


def _group(result: "JsonObject") -> Iterator[str]:
    faces = [(image["input"], face) for image in result["results"] for face in image.get("faces", ())]
    for label in range(result["groups"]):
        mine = [f"  {name}  {_place(face['box'])}" for name, face in faces if face["group"] == label]
        yield f"group {label}: {_count(len(mine), 'face')}"
        yield from _listed(mine)


LINES: "Mapping[str, Callable[[JsonObject], Iterator[str]]]" = {
    "enrol": _enrol,
    "identify": _identify,
    "verify": _verify,
    "forget": _forget,
    "audit": _audit,
    "group": _group,
}
"""The function that formats the result of each action."""


def _finding(finding: "JsonObject") -> str:
    persons, pictures = " and ".join(finding["persons"]), " and ".join(finding["pictures"])
    if finding["kind"] == "similar persons":
        return f"{persons}: perhaps one person under two names"
    if finding["kind"] == "duplicate":
        return f"{persons}: {pictures} are nearly the same picture"
    if len(finding["pictures"]) == 2:
        return f"{persons}: {pictures} do not look like each other"
    return f"{persons}: {pictures} does not look like the other pictures"


def _listed(lines: list[str]) -> Iterator[str]:
    yield from lines[:MAX_LISTED]
    if len(lines) > MAX_LISTED:
        yield f"  and {len(lines) - MAX_LISTED:,} more (--json has all)"


def _place(box: list[float]) -> str:
    left, top, right, bottom = box
    return f"{right - left:.0f} x {bottom - top:.0f} at ({left:.0f}, {top:.0f})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
