"""Arrays of the Open Inference Protocol: types, shapes, and conversion without loss."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from plexus.codec import Input, JsonObject
from plexus.errors import InputError
from plexus.inference.onnx import Tensor

TYPES: dict[str, type[np.generic]] = {
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
}
"""The types of the protocol that NumPy has; BF16 is read too, and BYTES is of no network here."""
BF16 = "BF16"
NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}
MAX_AXES = 8
MAX_SIZE = 1 << 31
"""Numbers of an array, however they are arranged."""
MAX_NUMBERS = 1_000_000
"""Numbers of a request or response in JSON; more are sent in binary."""
ROW_NUMBERS = 1 << 20
"""Numbers of one row, along the axes after the first."""
_FROM_ONNX = {"float": "FP32", "double": "FP64", "float16": "FP16", "bfloat16": BF16}


class TensorParameters(BaseModel):
    """Parameters of an array.

    Attributes:
        binary_data_size: Bytes of the array in the binary part; None if its numbers are in JSON.
        binary_data: Of a requested output: whether it is sent in binary.
        classification: Of a requested output: an extension that is not supported.

    Example:
        ```python
        TensorParameters(binary_data_size=16)
        ```
    """

    binary_data_size: StrictInt | None = Field(default=None, ge=0)
    binary_data: StrictBool | None = None
    classification: Input = None


Parameters = Annotated[TensorParameters, BeforeValidator(lambda value: {} if value is None else value)]
"""Parameters of an array; `null` is none."""


class InputTensor(BaseModel):
    """An array of a request.

    Attributes:
        name: Its name.
        datatype: Its type.
        shape: Its shape.
        parameters: Its parameters.
        data: Its numbers, nested or not, unless they are in the binary part.

    Example:
        ```python
        InputTensor(name="x", datatype="FP32", shape=[1, 2], data=[0.5, 1])
        ```
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    name: StrictStr = Field(max_length=256)
    datatype: StrictStr = Field(max_length=16)
    shape: list[StrictInt] = Field(max_length=MAX_AXES)
    parameters: Parameters = TensorParameters()
    data: Input = None

    def array(self, binary: bytes, place: int) -> np.ndarray:
        """Return the array.

        Args:
            binary: The binary part of the request.
            place: Where this array begins in it.

        Returns:
            The array in the type that it was sent in; BF16 as float32.

        Raises:
            InputError: If type, shape and content do not match.
        """
        if min(self.shape, default=0) < 0 or math.prod(self.shape) > MAX_SIZE:
            raise self.error(f"expected a shape of sizes from 0, with at most {MAX_SIZE:,} numbers")
        size = self.parameters.binary_data_size
        values = self._from_json() if size is None else self._from_bytes(binary[place : place + size], size)
        if values.size != math.prod(self.shape):
            raise self.error(f"expected {math.prod(self.shape):,} numbers for its shape, got {values.size:,}")
        return values.reshape(self.shape)

    def error(self, problem: str) -> InputError:
        """Create an error that names the array.

        Args:
            problem: What is wrong with it.

        Returns:
            The error.
        """
        return InputError(f"input {self.name!r}: {problem}")

    def _from_bytes(self, content: bytes, size: int) -> np.ndarray:
        if self.data is not None:
            raise self.error("expected data or binary_data_size, got both")
        width = 2 if self.datatype == BF16 else np.dtype(self._type()).itemsize
        if len(content) != size or size != width * math.prod(self.shape):
            expected = width * math.prod(self.shape)
            raise self.error(f"expected {expected:,} bytes for {self.datatype} and its shape, got {len(content):,}")
        if self.datatype == BF16:  # the upper half of a float32
            return (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)
        if self.datatype == "BOOL" and np.any(np.frombuffer(content, np.uint8) > 1):
            raise self.error("expected bytes 0 and 1 for BOOL")
        return np.frombuffer(content, np.dtype(self._type()).newbyteorder("<"))

    def _from_json(self) -> np.ndarray:
        if self.datatype == BF16:
            raise self.error("BF16 is sent in binary: expected binary_data_size")
        kind = self._type()
        if not isinstance(self.data, list):
            raise self.error("expected data, a list of numbers, or binary_data_size")
        numbers = list(islice(self._numbers(self.data, of_bool=kind is np.bool_), MAX_NUMBERS + 1))
        if len(numbers) > MAX_NUMBERS:
            raise self.error(f"at most {MAX_NUMBERS:,} numbers are sent in JSON: send binary_data_size")
        try:
            with np.errstate(all="ignore"):
                return _exact_array(numbers, kind)
        except (OverflowError, ValueError) as error:
            raise self.error(f"a number does not fit in {self.datatype}") from error

    def _numbers(self, data: list[Input], of_bool: bool) -> Iterator[Input]:
        """Yield the numbers of nested lists, each checked: NumPy would convert texts, and to the longest of them."""
        for item in data:
            if isinstance(item, list):
                yield from self._numbers(item, of_bool)
            elif isinstance(item, bool) if of_bool else isinstance(item, int | float) and not isinstance(item, bool):
                yield item
            else:
                raise self.error(f"expected data of {self.datatype}, got {type(item).__name__}")

    def _type(self) -> type[np.generic]:
        if self.datatype not in TYPES:
            raise self.error(f"datatype: expected one of {', '.join([*TYPES, BF16])}")
        return TYPES[self.datatype]


def _exact_array(numbers: list[Input], kind: type[np.generic]) -> np.ndarray:
    """Convert numbers of JSON. Decimal fractions are rounded, as in any language; all else has to be exact.

    NumPy alone would make float64 of a list with a decimal point, and so change large whole numbers.

    Args:
        numbers: Truth values, or whole numbers and decimals.
        kind: The type.

    Returns:
        The array.

    Raises:
        OverflowError: If a number is out of the range of the type.
        ValueError: If a whole number is none of the type.
    """
    if np.issubdtype(kind, np.integer):
        numbers = [int(number) if isinstance(number, float) and number.is_integer() else number for number in numbers]
        if any(isinstance(number, float) for number in numbers):
            raise ValueError("a fraction")
        return np.array(numbers, kind)
    result = np.array(numbers, kind)
    converted = zip(numbers, result.tolist(), strict=True)
    # Python compares a whole number with a decimal exactly.
    if not np.isfinite(result).all() or any(isinstance(number, int) and number != value for number, value in converted):
        raise ValueError("not finite, or a rounded whole number")
    return result


class OutputTensor(BaseModel):
    """An output that a request names.

    Attributes:
        name: Its name.
        parameters: Its parameters.

    Example:
        ```python
        OutputTensor(name="logits", parameters={"binary_data": True})
        ```
    """

    name: StrictStr = Field(max_length=256)
    parameters: Parameters = TensorParameters()


def datatype(tensor: Tensor) -> str:
    """Return the protocol's name of a tensor's type.

    Args:
        tensor: The tensor.

    Returns:
        Such as `FP32`.
    """
    return _FROM_ONNX.get(tensor.kind, tensor.kind.upper())


def metadata(tensor: Tensor) -> JsonObject:
    """Describe a tensor.

    Args:
        tensor: The tensor.

    Returns:
        `name`, `datatype` and `shape`, in which -1 stands for a free axis.
    """
    return {"name": tensor.name, "datatype": datatype(tensor), "shape": tensor.shape}


def fit(sent: InputTensor, values: np.ndarray, tensor: Tensor) -> np.ndarray:
    """Convert an array to the type of a network's input, and check its shape.

    Args:
        sent: The array as it was sent.
        values: Its values.
        tensor: The network's input.

    Returns:
        The array.

    Raises:
        InputError: If a value would change, or the shape is another.
    """
    shape = tensor.shape
    if len(shape) != len(values.shape) or any(a not in {-1, b} for a, b in zip(shape, values.shape, strict=True)):
        raise sent.error(f"expected shape {shape}, got {sent.shape}")
    if not values.size or math.prod(values.shape[1:]) > ROW_NUMBERS:
        raise sent.error(f"expected 1 to {ROW_NUMBERS:,} numbers a row, got shape {sent.shape}")
    expected = datatype(tensor)
    if expected not in TYPES:
        raise sent.error(f"the network expects {expected}, which this server does not support")
    kind = np.dtype(TYPES[expected])
    if values.dtype == kind:
        return values
    with np.errstate(all="ignore"):
        result = values.astype(kind)
        back = result.astype(values.dtype)
    if not np.array_equal(back, values, equal_nan=values.dtype.kind == "f"):
        raise sent.error(f"{sent.datatype} cannot be converted to {expected} without loss: send {expected}")
    return result
