"""The IDX format of LeCun's handwritten digits (http://yann.lecun.com/exdb/mnist/)."""

import math
from pathlib import Path

import numpy as np

from plexus.data.compression import MAX_BYTES, DecompressedFile, decompressed
from plexus.errors import InputError

_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MAX_AXES = 8


def read_idx(file: Path) -> np.ndarray:
    """Read the array of an IDX file.

    Its header has two zero bytes, the type, the number of axes, and each axis as a big-endian 32-bit integer.

    Args:
        file: The file, compressed or not.

    Returns:
        The array.

    Raises:
        InputError: If the file is missing, damaged, too large, or not IDX.
    """
    with decompressed(file) as content:
        kind, shape = _read_header(file, content)
        size = math.prod(shape) * kind.itemsize
        if size > MAX_BYTES:
            raise InputError(f"{file}: its header promises {size:,} bytes, the limit is {MAX_BYTES:,}: split it")
        values = content.read(size)
        count = len(values) + content.read_to_end()
    if count < size:
        raise InputError(f"{file} is cut off: its header promises {size:,} bytes, there are {count:,}")
    if count > size:
        raise InputError(f"{file} is damaged: its header promises {size:,} bytes, there are {count:,}")
    return np.frombuffer(values, kind).reshape(shape)


def _read_header(file: Path, content: DecompressedFile) -> tuple[np.dtype, tuple[int, ...]]:
    start = bytes(content.read(4))
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or not 1 <= start[3] <= MAX_AXES:
        raise InputError(f"{file} is not an IDX file: its first bytes are {start.hex(' ') or 'missing'}")
    axes = bytes(content.read(4 * start[3]))
    if len(axes) < 4 * start[3]:
        raise InputError(f"{file} is cut off in its header")
    return np.dtype(_TYPES[start[2]]), tuple(int(axis) for axis in np.frombuffer(axes, ">u4"))
