"""Weights that an ONNX file stores as float16 or 8-bit integers, for networks that compute in float32.

The file has an operator that makes each of them float32, so that any reader of ONNX can run it. ONNX Runtime would
compute it again in every run, as it may not fold constants of untrusted files; so they are widened once, when the file
is read. The wire format of protobuf is rewritten here: prediction depends on NumPy and ONNX Runtime only.
"""

import math
from collections.abc import Callable, Iterator
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
_GRAPH, _NODE, _TENSOR = 7, 1, 5
"""Fields of `ModelProto` (graph) and `GraphProto` (operators and constants) in onnx.proto."""
_DIMS, _TYPE, _NAME, _DATA = 1, 2, 8, 9
"""Fields of `TensorProto`."""
_INPUT, _OUTPUT, _OPERATOR = 1, 2, 4
"""Fields of `NodeProto`."""


def widen_weights(content: bytes) -> bytes:
    """Return an ONNX file whose float16 and 8-bit weights are float32.

    Casts of float16 weights then have nothing to do; the operators that scale 8-bit weights are left out. Weights that
    do not fit their scale or their operator are left as they are, for ONNX Runtime to check.

    Args:
        content: The file.

    Returns:
        The file with the constants whose names have one of the prefixes as float32.

    Raises:
        ValueError: If it is no ONNX file, or two of these constants have one name.
    """
    return b"".join(
        _rewrite(
            memoryview(content),
            lambda field, graph: _message(_GRAPH, _widen_graph(graph)) if field.number == _GRAPH else None,
        )
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


def _values(content: memoryview, number: int) -> Iterator[memoryview]:
    """Yield the values of the fields of a number."""
    return (content[field.value : field.end] for field in _fields(content) if field.number == number)


def _rewrite(content: memoryview, replace: Callable[[_Field, memoryview], Parts | None]) -> Parts:
    """Return a message with other fields in place of some; `replace` returns None for fields that stay."""
    parts, unchanged = Parts(), 0
    for field in _fields(content):
        replacement = replace(field, content[field.value : field.end]) if field.kind == BYTES else None
        if replacement is not None:
            parts += [content[unchanged : field.start], *replacement]
            unchanged = field.end
    return [*parts, content[unchanged:]]


def _widen_graph(graph: memoryview) -> Parts:
    """Return a graph with float32 weights."""
    kernels = dict(_widen_kernels(graph))

    def replace(field: _Field, message: memoryview) -> Parts | None:
        if field.number == _NODE:
            return [] if _scaled_kernel(message) in kernels else None
        constant = _read_constant(message) if field.number == _TENSOR else None
        if constant is not None and constant.name in kernels:
            return _message(_TENSOR, _float32_tensor(message, kernels[constant.name], _plain_name(constant.name)))
        if constant is not None and constant.kind == FLOAT16 and not len(constant.data) % 2:
            weights = np.frombuffer(constant.data, "<f2").astype("<f4")
            return _message(_TENSOR, _float32_tensor(message, weights, constant.name))
        return None

    return _rewrite(graph, replace)


class _Constant(NamedTuple):
    name: str
    kind: int
    shape: list[int]
    data: memoryview


def _read_constant(tensor: memoryview) -> _Constant | None:
    """Return a tensor whose name has one of the prefixes; None for another one."""
    name = _text(next(_values(tensor, _NAME), memoryview(b"")))
    if not name.startswith((PREFIX, SCALE_PREFIX, *INT8_PREFIXES)):
        return None
    kind, data = next(_values(tensor, _TYPE), memoryview(b"")), next(_values(tensor, _DATA), memoryview(b""))
    shape = [read_varint(size, 0, len(size))[0] for size in _values(tensor, _DIMS)]
    return _Constant(name, kind[0] if len(kind) == 1 else 0, shape, data)


def _widen_kernels(graph: memoryview) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the names and the scaled values of the 8-bit kernels that an operator scales."""
    constants = dict[str, _Constant]()
    for constant in map(_read_constant, _values(graph, _TENSOR)):
        if constant is not None and constant.name in constants:
            raise ValueError("two constants have one name")
        if constant is not None:
            constants[constant.name] = constant
    scaled = {name for name in map(_scaled_kernel, _values(graph, _NODE)) if name is not None}
    for name in constants.keys() & scaled:
        kernel, scale = constants[name], constants.get(SCALE_PREFIX + name)
        if kernel.kind == INT8 and scale is not None and scale.kind == _FLOAT32 and _fits(kernel, scale):
            values, factors = np.frombuffer(kernel.data, np.int8), np.frombuffer(scale.data, "<f4")
            is_first = name.startswith(INT8_PREFIXES[0])
            shape = (len(factors), -1) if is_first else (-1, len(factors))
            yield name, values.reshape(shape) * (factors[:, None] if is_first else factors)


def _fits(kernel: _Constant, scale: _Constant) -> bool:
    """Return whether a kernel has as many values as its shape says, and a scale for each index of its axis."""
    if not kernel.shape or not len(kernel.data) or math.prod(kernel.shape) != len(kernel.data):
        return False
    axis = 0 if kernel.name.startswith(INT8_PREFIXES[0]) else -1
    return len(scale.data) == 4 * kernel.shape[axis]


def _scaled_kernel(node: memoryview) -> str | None:
    """Return the name of the kernel that an operator scales; None for another operator."""
    if _text(next(_values(node, _OPERATOR), memoryview(b""))) != "DequantizeLinear":
        return None
    inputs, outputs = ([_text(name) for name in _values(node, number)] for number in (_INPUT, _OUTPUT))
    is_kernel = inputs[0].startswith(INT8_PREFIXES) if inputs else False
    if is_kernel and inputs[1:] == [SCALE_PREFIX + inputs[0]] and outputs == [_plain_name(inputs[0])]:
        return inputs[0]
    return None


def _plain_name(name: str) -> str:
    return next(name.removeprefix(prefix) for prefix in INT8_PREFIXES if name.startswith(prefix))


def _text(value: memoryview) -> str:
    return bytes(value).decode(errors="replace")


def _float32_tensor(tensor: memoryview, values: np.ndarray, name: str) -> Parts:
    """Return a tensor with other values, as float32, and another name."""
    others = b"".join(tensor[field.start : field.end] for field in _fields(tensor) if field.number == _DIMS)
    data = values.astype("<f4", copy=False).ravel().view(np.uint8).data
    return [others, bytes([_TYPE << 3, _FLOAT32]), *_message(_NAME, [name.encode()]), *_message(_DATA, [data])]


def _message(number: int, parts: Parts) -> Parts:
    return [bytes([number << 3 | BYTES]) + _varint(sum(map(len, parts))), *parts]


def _varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
