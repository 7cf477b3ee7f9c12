"""Weights that an ONNX file stores as float16 or 8-bit integers, for networks that compute in float32.

The file has an operator that makes each of them float32, so that any reader of ONNX can run it. ONNX Runtime would
compute it again in every run, as it may not fold constants of untrusted files; so they are widened once, when the file
is read. The wire format of protobuf is rewritten here: prediction depends on NumPy and ONNX Runtime only.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from plexus.inference.onnx_file import BYTES, FLOAT16, INT8, read_varint, skip_value

PREFIX = "float16."
"""Beginning of the names of weights as float16."""
INT8_PREFIXES = ("int8.first.", "int8.last.")
"""Beginning of the names of kernels as 8-bit integers, with a scale for each index of their first or last axis."""
SCALE_PREFIX = "scale."
"""Beginning of the names of their scales; the name of the kernel follows."""
_FLOAT32 = 1
_GRAPH, _NODE, _TENSOR, _INPUT, _TYPE, _NAME, _DATA = 7, 1, 5, 1, 2, 8, 9
"""Fields of `ModelProto` (graph), `GraphProto` (operators and constants), `NodeProto` (input) and `TensorProto` in
onnx.proto."""


def widen_weights(content: bytes) -> bytes:
    """Return an ONNX file whose float16 and 8-bit weights are float32.

    Casts of float16 weights then have nothing to do; the operators that scale 8-bit weights are left out.

    Args:
        content: The file.

    Returns:
        The file with the constants whose names have one of the prefixes as float32.

    Raises:
        ValueError: If it is no ONNX file.
    """
    return b"".join(_replace_messages(memoryview(content), _GRAPH, _widen_graph))


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


def _widen_graph(graph: memoryview) -> Parts:
    """Return a graph with float32 weights; what does not fit together is left as it is, for ONNX Runtime to check."""
    tensors = [graph[field.value : field.end] for field in _fields(graph) if field.number == _TENSOR]
    constants = {constant.name: constant for constant in map(_read_constant, tensors) if constant is not None}
    kernels = dict(_widen_kernels(constants))
    parts: Parts = []
    for field in _fields(graph):
        message = graph[field.value : field.end]
        if field.number == _NODE and _first_input(message) in kernels:
            continue
        constant = _read_constant(message) if field.number == _TENSOR else None
        if constant is not None and constant.name in kernels:
            parts += _message(_TENSOR, _replace_values(message, kernels[constant.name], _plain_name(constant.name)))
        elif constant is not None and constant.is_float16:
            weights = np.frombuffer(constant.data, "<f2").astype("<f4")
            parts += _message(_TENSOR, _replace_values(message, weights, constant.name))
        else:
            parts.append(graph[field.start : field.end])
    return parts


class _Constant(NamedTuple):
    name: str
    kind: int
    data: memoryview

    @property
    def is_float16(self) -> bool:
        return self.kind == FLOAT16 and self.name.startswith(PREFIX) and len(self.data) % 2 == 0


def _read_constant(tensor: memoryview) -> _Constant | None:
    """Return the name, the type and the values of a tensor; None if it lacks one of them."""
    fields = {field.number: field for field in _fields(tensor)}
    if not {_TYPE, _NAME, _DATA} <= fields.keys() or fields[_DATA].kind != BYTES:
        return None
    kind, name, data = (tensor[fields[number].value : fields[number].end] for number in (_TYPE, _NAME, _DATA))
    return _Constant(bytes(name).decode(errors="replace"), kind[0] if len(kind) == 1 else 0, data)


def _widen_kernels(constants: Mapping[str, _Constant]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the names and the scaled values of the 8-bit kernels."""
    for name, constant in constants.items():
        scale = constants.get(SCALE_PREFIX + name)
        if constant.kind != INT8 or not name.startswith(INT8_PREFIXES) or scale is None or scale.kind != _FLOAT32:
            continue
        values, count = np.frombuffer(constant.data, np.int8), len(scale.data) // 4
        if not count or len(scale.data) % 4 or len(values) % count:
            continue
        factors = np.frombuffer(scale.data, "<f4")
        if name.startswith(INT8_PREFIXES[0]):
            yield name, values.reshape(count, -1) * factors[:, None]
        else:
            yield name, values.reshape(-1, count) * factors


def _plain_name(name: str) -> str:
    return next(name.removeprefix(prefix) for prefix in INT8_PREFIXES if name.startswith(prefix))


def _first_input(node: memoryview) -> str | None:
    inputs = (bytes(node[field.value : field.end]) for field in _fields(node) if field.number == _INPUT)
    first = next(inputs, None)
    return None if first is None else first.decode(errors="replace")


def _replace_values(tensor: memoryview, values: np.ndarray, name: str) -> Parts:
    """Return a tensor with other values, as float32, and another name."""
    others = [tensor[field.start : field.end] for field in _fields(tensor) if field.number not in {_TYPE, _NAME, _DATA}]
    kind, data = bytes([_TYPE << 3, _FLOAT32]), np.ascontiguousarray(values, "<f4").view(np.uint8).data.cast("B")
    return [*others, kind, *_message(_NAME, [name.encode()]), *_message(_DATA, [data])]


def _message(number: int, parts: Parts) -> Parts:
    return [bytes([number << 3 | BYTES]) + _varint(sum(map(len, parts))), *parts]


def _varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
