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
        f"{result['person']}: {result['enrolled']:,} enrolled, {sum(item.get('frames', 1) for item in skipped):,} "
        f"skipped, now {_count(result['pictures'], 'image')}; {result['gallery']}: "
        f"{_count(result['persons'], 'person')}"
    )
    yield from _listed([f"  skipped {item['input']}: {_frames(item)}{item['reason']}" for item in skipped])


def _identify(result: "JsonObject") -> Iterator[str]:
    for image in result["results"]:
        faces = image.get("faces", ())
        if not faces and "error" not in image and "time" not in image:
            yield f"{image['input']}  no face"
        for face in faces:
            nearest = face["candidates"][0]["name"]
            name = face["name"] or f"unknown (most similar: {nearest})"
            yield f"{_name(image)}  {_place(face['box'])}  {name}  {face['similarity']:.3f}"
    for video in result["videos"]:
        yield f"{video['input']}: {_count(video['frames'], 'frame')} searched{'' if video['persons'] else ', no face'}"
        for person in video["persons"]:
            yield (
                f"  {person['name'] or 'unknown'}: {_count(person['frames'], 'frame')}, "
                f"{person['first']:.1f} to {person['last']:.1f} s"
            )


def _verify(result: "JsonObject") -> Iterator[str]:
    verdict = "same person" if result["same_person"] else "different persons"
    yield (
        f"{verdict}: similarity {result['similarity']:.3f}, threshold {result['threshold']:.3f}, "
        f"match probability {_percent(result['probability'])}"
    )


def _forget(result: "JsonObject") -> Iterator[str]:
    removed = _count(result["pictures"], "image")
    yield f"{result['person']}: {removed} removed; {result['gallery']}: {_count(result['persons'], 'person')}"


def _audit(result: "JsonObject") -> Iterator[str]:
    findings = result["findings"]
    yield (
        f"{result['gallery']}: {_count(result['persons'], 'person')}, {_count(result['pictures'], 'image')}, "
        f"{_count(len(findings), 'finding')}"
    )
    yield from _listed([f"  {_finding(finding)} ({finding['similarity']:.3f})" for finding in findings])


def _group(result: "JsonObject") -> Iterator[str]:
    faces = [(_name(image), face) for image in result["results"] for face in image.get("faces", ())]
    for label in range(result["groups"]):
        members = [f"  {name}  {_place(face['box'])}" for name, face in faces if face["group"] == label]
        yield f"group {label + 1}: {_count(len(members), 'face')}"
        yield from _listed(members)


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
    persons, pictures = _joined(finding["persons"]), _joined(finding["pictures"])
    if finding["kind"] == "similar persons":
        return f"{persons}: perhaps one person under two names"
    if finding["kind"] == "duplicate":
        return f"{persons}: {pictures} are nearly the same image"
    if len(finding["pictures"]) == 2:
        return f"{persons}: {pictures} do not look like each other"
    return f"{persons}: {pictures} does not look like the other images"


def _joined(names: list[str]) -> str:
    shown = names if len(names) <= MAX_LISTED else [*names[:MAX_LISTED], f"{len(names) - MAX_LISTED:,} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _percent(probability: float) -> str:
    """Return a probability; none is printed as 0 or 1, as no comparison is certain."""
    if probability > 0.999:
        return "> 99.9%"
    return "< 0.1%" if probability < 0.001 else f"{probability:.1%}"


def _listed(lines: list[str]) -> Iterator[str]:
    yield from lines[:MAX_LISTED]
    if len(lines) > MAX_LISTED:
        yield f"  and {len(lines) - MAX_LISTED:,} more (--json has all)"


def _place(box: list[float]) -> str:
    left, top, right, bottom = box
    side = (right - left + bottom - top) / 2  # a square, but for rounding
    return f"{side:.0f} x {side:.0f} at ({left:.0f}, {top:.0f})"


def _name(picture: "JsonObject") -> str:
    return f"{picture['input']} at {picture['time']:.1f} s" if "time" in picture else str(picture["input"])


def _frames(item: "JsonObject") -> str:
    return f"{_count(item['frames'], 'frame')}: " if "frames" in item else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
