"""Inspection of ONNX files that may come from anyone, before ONNX Runtime opens them.

It reads the wire format of protobuf itself: prediction depends on NumPy and ONNX Runtime only.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from plexus.errors import InputError

MAX_DEPTH = 64
"""Deepest nesting of graphs and messages."""
MAX_GRAPHS = 1000
"""Most graphs that are parts of others: ONNX Runtime takes seconds for some thousands."""
BYTES = 2
"""Kind of fields that have a length: messages, texts, packed numbers."""
INT8, FLOAT16 = 3, 10
"""Element types in ONNX."""
_VARINT, _FIXED64, _FIXED32 = 0, 1, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}
_PARTS: dict[str, dict[int, str]] = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""The messages of onnx.proto that hold nodes and tensors, by message and number of the field."""
_EXTERNAL_DATA, _DATA_LOCATION, _DATA_TYPE, _OPERATOR, _FUNCTIONS, _BEGINNING = 13, 14, 2, 4, 25, 0
_UNBOUNDED = {b"Loop", b"Scan"}
"""Operators that repeat a graph as often as their inputs say."""


class OnnxContent(NamedTuple):
    """Properties of an ONNX file.

    Attributes:
        has_external_data: Whether a tensor is stored in another file.
        has_loops: Whether an operator repeats a graph.
        has_narrow_weights: Whether a tensor is stored as float16 or 8-bit integers.

    Example:
        ```python
        inspect_onnx(Path("bundle/network.onnx")).has_loops
        ```
    """

    has_external_data: bool
    has_loops: bool
    has_narrow_weights: bool


def inspect_onnx(file: Path) -> OnnxContent:
    """Inspect an ONNX file; tensors are skipped, so that this takes milliseconds.

    Args:
        file: The file.

    Returns:
        Its properties.

    Raises:
        InputError: If it is not an ONNX file, is nested too deeply, or ONNX Runtime would make too much of it: it
            replaces each call of a function by its nodes, so that some lines become millions.
    """
    external = loops = functions = narrow = False
    graphs = 0
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for message, field, value in _walk(content, 0, len(content), "model", 0):
                if message == "tensor":
                    external |= field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value != 0)
                    narrow |= field == _DATA_TYPE and value in {INT8, FLOAT16}
                else:
                    loops |= message == "node" and field == _OPERATOR and value in _UNBOUNDED
                    functions |= message == "model" and field == _FUNCTIONS
                    graphs += message == "graph" and field == _BEGINNING
    except ValueError as error:  # also of an empty file
        raise InputError(f"{file} is not an ONNX network: {error}") from error
    if functions:
        raise InputError(f"{file} has functions of its own, which are not run: export it without them")
    if graphs > MAX_GRAPHS:
        raise InputError(f"{file} has {graphs:,} graphs, the limit is {MAX_GRAPHS:,}: export it with fewer conditions")
    return OnnxContent(external, loops, narrow)


def _walk(content: mmap.mmap, at: int, end: int, message: str, depth: int) -> Iterator[tuple[str, int, int | bytes]]:
    """Yield the message, number and value of fields: integers, and bytes as far as they name an operator.

    Each message begins with a field of number 0.
    """
    if depth > MAX_DEPTH:
        raise ValueError("it is nested too deeply")
    parts = _PARTS[message]
    while at < end:
        key, at = read_varint(content, at, end)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = read_varint(content, at, end)
            yield message, field, value
            continue
        start, at = skip_value(content, at, end, kind)
        if field in parts and kind == BYTES:
            yield parts[field], _BEGINNING, b""
            yield from _walk(content, start, at, parts[field], depth + 1)
        else:
            yield message, field, content[start:at] if (message, field) == ("node", _OPERATOR) else b""


def skip_value(content: memoryview | mmap.mmap, at: int, end: int, kind: int) -> tuple[int, int]:
    """Return where the value of a field starts, after its length if it has one, and where it ends.

    Args:
        content: A message of protobuf.
        at: The place after the field's number.
        end: The end of the message.
        kind: The kind of the field.

    Returns:
        Start and end.

    Raises:
        ValueError: If it is no protobuf, or is cut off.
    """
    if kind == _VARINT:
        return at, read_varint(content, at, end)[1]
    if kind != BYTES and kind not in _WIDTHS:
        raise ValueError("it has bytes that are not protobuf")
    length, start = read_varint(content, at, end) if kind == BYTES else (_WIDTHS[kind], at)
    if start + length > end:
        raise ValueError("it is cut off")
    return start, start + length


def read_varint(content: memoryview | mmap.mmap, at: int, end: int) -> tuple[int, int]:
    """Read an integer of variable length.

    Args:
        content: A message of protobuf.
        at: Where the integer starts.
        end: The end of the message.

    Returns:
        The integer, and the place after it.

    Raises:
        ValueError: If it is no protobuf, or is cut off.
    """
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            raise ValueError("it is cut off")
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("it has bytes that are not protobuf")
