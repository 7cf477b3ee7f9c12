"""Bounds of the headers of images, checked before Pillow reads them.

Pillow reads headers in Python, some of them byte by byte or in quadratic time, and libjpeg decodes a progressive image
as often as it has scans: a file of some megabytes could occupy a server for minutes.
"""

import re
import struct
from collections.abc import Callable, Iterator
from mmap import mmap
from typing import TypeAlias

Content: TypeAlias = bytes | mmap

MAX_PARTS = 5000
"""Most chunks, segments, blocks or tags of a header."""
MAX_BYTES = 1 << 20
"""Longest metadata of the kinds that Pillow collects in quadratic time, or reads byte by byte."""
MAX_SCANS = 100
"""Most scans of a JPEG: encoders write about ten, and at most some tens."""
SMALL = 1 << 16
"""Files of fewer bytes cannot exceed these bounds by much, except for the scans of a JPEG and tags that share data."""
_REMEDY = "save it again without metadata"
_EXIF = b"Exif\0\0"
_ALONE = frozenset({0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)})
"""Markers of a JPEG that have no length, as Pillow reads them."""
_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]")
"""The end of a scan's data."""
_COMMENT = re.compile(rb"#[^\r\n]*")
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
"""Bytes of a value of a TIFF tag, by type."""
_TEXTS = frozenset({1, 2, 7})
"""Types whose values stay bytes; of others Pillow makes a tuple of numbers."""
_POINTERS = frozenset({0x8769, 0x8825, 0xA005})
"""Tags that point to more tags: Exif, GPS and interoperability."""


def needs_check(kind: str | None, size: int) -> bool:
    """Return whether a file has to be passed to `header_problem`.

    Args:
        kind: Its format, as `image_format` returns it.
        size: Its bytes.

    Returns:
        Whether it has to be.
    """
    return kind in {"JPEG", "TIFF"} or (size > SMALL and kind in _CHECKS)


def header_problem(content: Content, kind: str) -> str:
    """Return why an image may not be read: its header holds more than any program writes.

    Args:
        content: The file.
        kind: Its format, as `image_format` returns it.

    Returns:
        The reason, for a line that begins with the name of the file; empty if there is none.
    """
    return _CHECKS[kind](content)


def exif_problem(content: Content) -> str:
    """Return why the tags of an image may not be read: a tag refers to its data, so that all may refer to the same.

    Args:
        content: The tags in the form of a TIFF file; `Exif` and two zeros may precede.

    Returns:
        The reason, for a line that begins with the name of the file; empty if there is none.
    """
    if content[:6] == _EXIF:
        content = content[6:]
    total = 0
    for number, (kind, count) in enumerate(_tags(content), 1):
        size = min(count * _SIZES.get(kind, 0), len(content))
        total += size
        if number > MAX_PARTS or (size > MAX_BYTES * 8 and kind not in _TEXTS):
            return _too_many("tags")
        if total > 4 * len(content):
            return f"has tags that claim more bytes than there are: {_REMEDY}"
    return ""


def _tags(content: Content) -> Iterator[tuple[int, int]]:
    """Yield the type and number of values of each tag of the first image, also of those that it points to."""
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:3] == b"+"  # as Pillow decides
    head, entry = struct.Struct(order + ("Q" if big else "H")), struct.Struct(order + ("HHQQ" if big else "HHLL"))
    places, seen = [_number(content, 8 if big else 4, order + ("Q" if big else "L"))], set()
    while places:
        start = places.pop()
        if start in seen or not 0 < start <= len(content) - head.size:
            continue
        seen.add(start)
        (number,) = head.unpack(content[start : start + head.size])
        start += head.size
        end = min(start + min(number, MAX_PARTS + 1) * entry.size, len(content))
        table = content[start : end - (end - start) % entry.size]
        for tag, kind, count, value in entry.iter_unpack(table):
            yield kind, count
            if tag in _POINTERS:
                places.append(value)


def _number(content: Content, at: int, form: str) -> int:
    part = content[at : at + struct.calcsize(form)]
    return int(struct.unpack(form, part)[0]) if len(part) == struct.calcsize(form) else 0


def _jpeg_problem(content: Content) -> str:
    """Follow the segments as Pillow does, up to the first scan."""
    at, parts = 2, 0
    exif: list[bytes] = []
    while at + 4 <= len(content):
        parts += 1
        following = content.find(b"\xff", at, at + MAX_PARTS)
        if parts > MAX_PARTS or following < 0:
            return _too_many("segments")
        parts += following - at
        marker = content[following + 1] if following + 1 < len(content) else 0
        if marker == 0xDA:
            return exif_problem(b"".join(exif)) or _scans_problem(content, following)
        if marker == 0xE1 and content[following + 4 : following + 10] == _EXIF:
            exif.append(content[following + 10 : _segment_end(content, following)])
            if sum(map(len, exif)) > MAX_BYTES:
                return f"has more than {MAX_BYTES:,} bytes of Exif: {_REMEDY}"
        at = _next_place(content, following, marker)
    return ""


def _next_place(content: Content, at: int, marker: int) -> int:
    if marker == 0xFF:  # padding
        return at + 1
    return at + 2 if marker == 0 or marker in _ALONE else _segment_end(content, at)


def _segment_end(content: Content, at: int) -> int:
    return at + 2 + max(int.from_bytes(content[at + 2 : at + 4], "big"), 2)


def _scans_problem(content: Content, start: int) -> str:
    """Count the scans, precisely only if there may be too many: an appended video has the same two bytes."""
    at = start
    for _ in range(MAX_SCANS + 1):
        at = content.find(b"\xff\xda", at) + 2
        if at < 2:
            return ""
    scans = parts = 0
    match = _MARKER.search(content, start)
    while match and content[match.end() - 1] != 0xD9:
        scans += content[match.end() - 1] == 0xDA
        parts += 1
        if scans > MAX_SCANS:
            return f"has more than {MAX_SCANS} scans, which no camera or program writes: save it again as a JPEG"
        if parts > MAX_PARTS:
            return _too_many("segments")
        match = _MARKER.search(content, _segment_end(content, match.start()))
    return ""


def _gif_problem(content: Content) -> str:
    """Follow the extensions before the first frame, as Pillow does."""
    flags = content[10]
    start = at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    for _ in range(MAX_PARTS):
        if at >= len(content) or content[at] in b",;":
            return ""
        if content[at] == 0x21:
            at = _after_blocks(content, at + 2, start)
            if at < 0:
                break
        else:
            at += 1
    return _too_many("blocks before its first frame")


def _after_blocks(content: Content, at: int, start: int) -> int:
    """Return the end of a list of blocks; -1 if they are too many or too long."""
    for _ in range(MAX_PARTS):
        size = content[at] if at < len(content) else 0
        at += 1 + size
        if not size:
            return at
        if at - start > MAX_BYTES:
            break
    return -1


def _png_problem(content: Content) -> str:
    """Count the chunks; those of pixels have some kilobytes."""
    at, most = 8, MAX_PARTS + len(content) // 1024
    for _ in range(most):
        if at + 12 > len(content):
            return ""
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    return _too_many("chunks", most)


def _pnm_problem(content: Content) -> str:
    """Look for the two or three numbers of the header at the beginning."""
    words = _COMMENT.sub(b" ", content[:SMALL]).split(None, 4)
    return "" if len(words) > 3 else f"has a header of more than {SMALL:,} bytes: {_REMEDY}"


def _too_many(what: str, most: int = MAX_PARTS) -> str:
    return f"has too many {what} (the limit is {most:,}) or too long ones: {_REMEDY}"


_CHECKS: dict[str, Callable[[Content], str]] = {
    "GIF": _gif_problem,
    "JPEG": _jpeg_problem,
    "PNG": _png_problem,
    "PPM": _pnm_problem,
    "TIFF": exif_problem,
}
