"""Arrays in JSON: base 64 has every bit, and is smaller than decimal digits."""

import base64
from typing import TypedDict

import numpy as np


class PackedArray(TypedDict):
    """An array as JSON types.

    Attributes:
        shape: Its shape.
        data: Its numbers in base 64, of the type that the reader expects.

    Example:
        ```python
        unpack(pack(np.zeros((2, 3), np.float32)), np.float32).shape  # (2, 3)
        ```
    """

    shape: list[int]
    data: str


def pack(array: np.ndarray) -> PackedArray:
    """Convert an array to JSON types.

    Args:
        array: The array.

    Returns:
        The object that `unpack` takes.
    """
    return {"shape": list(array.shape), "data": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()}


def unpack(packed: PackedArray, dtype: type[np.generic]) -> np.ndarray:
    """Convert the result of `pack` to an array.

    Args:
        packed: The object.
        dtype: Type of the numbers.

    Returns:
        The array, which cannot be written to.
    """
    return np.frombuffer(base64.b64decode(packed["data"]), dtype).reshape(packed["shape"])
