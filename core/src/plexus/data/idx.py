"""The IDX format of LeCun's handwritten digits (http://yann.lecun.com/exdb/mnist/)."""

import math
from pathlib import Path

import numpy as np

from plexus.data.compression import read_decompressed
from plexus.errors import InputError

_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(file: Path) -> np.ndarray:
    """Read the array of an IDX file.

    Its header has two zero bytes, the type, the number of axes, and each axis as a big-endian 32-bit integer.

    Args:
        file: The file, compressed or not.

    Returns:
        The array.

    Raises:
        InputError: If the file is missing, damaged, or not IDX.
    """
    content = read_decompressed(file)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        raise InputError(f"{file} is not an IDX file: its first bytes are {content[:4].hex(' ') or 'missing'}")
    kind, axes = np.dtype(_TYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    shape = tuple(int(axis) for axis in np.frombuffer(content[4:start], ">u4"))
    size = math.prod(shape) * kind.itemsize
    if len(content) - start != size:
        raise InputError(f"{file} is cut off: its header promises {size:,} bytes, there are {len(content) - start:,}")
    return np.frombuffer(content, kind, offset=start).reshape(shape)
