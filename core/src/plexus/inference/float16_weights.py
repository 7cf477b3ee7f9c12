"""Weights that an ONNX file stores as float16, for networks that compute in float32.

The file casts each of them to float32, so that any reader of ONNX can run it. ONNX Runtime would cast them again in
every run, as it may not fold constants of untrusted files; so they are widened once, when the file is read. The wire
format of protobuf is rewritten here: prediction depends on NumPy and ONNX Runtime only.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from plexus.inference.onnx_file import BYTES, FLOAT16, read_varint, skip_value

PREFIX = "float16."
"""Beginning of the names of such weights."""
_FLOAT32 = 1
_GRAPH, _TENSOR, _TYPE, _NAME, _DATA = 7, 5, 2, 8, 9
"""Fields of `ModelProto` (graph), `GraphProto` (constants) and `TensorProto` in onnx.proto."""


def widen_weights(content: bytes) -> bytes:
    """Return an ONNX file whose float16 weights are float32; the casts then have nothing to do.

    Args:
        content: The file.

    Returns:
        The file with the constants that are named `PREFIX` and something as float32.

    Raises:
        ValueError: If it is no ONNX file.
    """
    return b"".join(
        _replace_messages(memoryview(content), _GRAPH, lambda graph: _replace_messages(graph, _TENSOR, _widen_tensor))
    )


class _Field(NamedTuple):
    number: int
    kind: int
    start: int
    value: int
    end: int


Parts = list[bytes | memoryview]
"""A message in parts, which are joined once: copies of weights would take much memory."""


def _fields(content: memoryview) -> Iterator[_Field]:
    """Yield the fields of a message: where each starts, where its value starts, and where it ends."""
    at = 0
    while at < len(content):
        start = at
        key, at = read_varint(content, at, len(content))
        value, at = skip_value(content, at, len(content), key & 7)
        yield _Field(key >> 3, key & 7, start, value, at)


def _replace_messages(content: memoryview, number: int, replace: Callable[[memoryview], Parts]) -> Parts:
    """Return a message in which the messages of one field are replaced."""
    parts: Parts = []
    for field in _fields(content):
        if field.number == number and field.kind == BYTES:
            parts += _message(number, replace(content[field.value : field.end]))
        else:
            parts.append(content[field.start : field.end])
    return parts


def _widen_tensor(tensor: memoryview) -> Parts:
    """Return a tensor of float16 with the prefix as one of float32; others as they are, for ONNX Runtime to check."""
    fields = {field.number: field for field in _fields(tensor)}
    if not {_TYPE, _NAME, _DATA} <= fields.keys() or fields[_DATA].kind != BYTES:
        return [tensor]
    kind, name, data = (tensor[fields[number].value : fields[number].end] for number in (_TYPE, _NAME, _DATA))
    if kind != bytes([FLOAT16]) or not bytes(name).startswith(PREFIX.encode()) or len(data) % 2:
        return [tensor]
    parts: Parts = [tensor[field.start : field.end] for field in _fields(tensor) if field.number not in {_TYPE, _DATA}]
    weights = np.frombuffer(data, "<f2").astype("<f4")
    return [*parts, bytes([_TYPE << 3, _FLOAT32]), *_message(_DATA, [weights.view(np.uint8).data])]


def _message(number: int, parts: Parts) -> Parts:
    return [bytes([number << 3 | BYTES]) + _varint(sum(map(len, parts))), *parts]


def _varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
