"""JSON documents that carry the checksum of their own content."""

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.utils.files import read_regular

if TYPE_CHECKING:
    from plexus.codec import JsonObject

CHECKSUM = "sha256"
MAX_DEPTH = 200
"""Deepest nesting of a document: whoever walks through it needs no more stack."""
_END = re.compile(rb',\n "sha256": "([0-9a-f]{64})"\n\}\n\Z')
"""The last lines of a document: the checksum of all bytes before them."""


def dump_checked_json(content: "JsonObject") -> bytes:
    """Format a JSON object, with the SHA-256 checksum of all bytes before it as the last key.

    Args:
        content: The object, with at least one key.

    Returns:
        The document; `parse_checked_json` refuses it if any byte of it is changed.

    Raises:
        ValueError: If a number is NaN or infinite.
    """
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False).removesuffix("\n}")
    body = text.encode()
    return body + f',\n "{CHECKSUM}": "{hashlib.sha256(body).hexdigest()}"\n}}\n'.encode()


def has_checksum(document: bytes) -> bool:
    """Return whether a document ends with a checksum.

    Args:
        document: The document.

    Returns:
        Whether it does; whether it is right is not checked.
    """
    return _END.search(document) is not None


def parse_checked_json(document: bytes, name: object, remedy: str) -> "JsonObject":
    """Parse the result of `dump_checked_json`.

    Args:
        document: The document.
        name: Its name, for error messages.
        remedy: What to do if it cannot be used, for error messages.

    Returns:
        The object without its checksum.

    Raises:
        InputError: If any byte was changed, or it is not a JSON object of finite numbers and valid Unicode.
    """
    end = _END.search(document)
    if end is None:
        parse_json(document, name, remedy)  # it names the place where the document is cut off
        raise InputError(f"{name} has no checksum of its content at its end: {remedy}")
    if hashlib.sha256(document[: end.start()]).hexdigest() != end[1].decode():
        raise InputError(f"{name} was changed after it was written, its checksum is another one: {remedy}")
    content = parse_json(document, name, remedy)
    del content[CHECKSUM]
    return content


def read_checked_json(file: Path, limit: int, remedy: str) -> "JsonObject":
    """Read a file that holds the result of `dump_checked_json`.

    Args:
        file: The file.
        limit: Its largest size in bytes.
        remedy: What to do if it cannot be used, for error messages.

    Returns:
        The object without its checksum.

    Raises:
        InputError: If it is not a regular file, is too large, or any byte was changed.
    """
    return parse_checked_json(read_regular(file, limit), file, remedy)


def parse_json(document: bytes, name: object, remedy: str) -> "JsonObject":
    """Parse a JSON object of finite numbers and valid Unicode, which may come from anyone.

    Args:
        document: The document in UTF-8.
        name: Its name, for error messages.
        remedy: What to do if it cannot be used, for error messages.

    Returns:
        The object.

    Raises:
        InputError: If it is anything else.
    """
    try:
        content = json.loads(document.decode())
        # NaN, infinite numbers and half of a surrogate pair are read without an error, and fail when they are written.
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as error:
        raise InputError(f"{name} is nested too deeply: {remedy}") from error
    except ValueError as error:
        raise InputError(f"{name} is damaged ({' '.join(str(error).split())}): {remedy}") from error
    if _depth(content) > MAX_DEPTH:
        raise InputError(f"{name} is nested more than {MAX_DEPTH} deep: {remedy}")
    if not isinstance(content, dict):
        raise InputError(f"{name} holds a JSON {type(content).__name__}, expected an object: {remedy}")
    return content


def _depth(content: object) -> int:
    depth, level = 0, [content]
    while level:
        depth += 1
        children = [
            item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list)
        ]
        level = [child for items in children for child in items if isinstance(child, dict | list)]
    return depth
