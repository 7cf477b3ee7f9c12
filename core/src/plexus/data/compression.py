"""Compressed files, within limits of what they unpack to."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from plexus.errors import InputError, os_error

MAX_BYTES = 4 << 30
"""Bytes of the arrays of a file, or of a file after it is unpacked."""
MAX_RATIO, RATIO_FROM = 200, 64 << 20
"""Largest ratio of unpacked to packed bytes, checked from `RATIO_FROM` unpacked bytes on."""
_CHUNK = 1 << 20
_OPEN = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
_DAMAGE = (EOFError, lzma.LZMAError, zlib.error)


class DecompressedFile:
    """A file that is decompressed if its suffix is .gz, .xz or .bz2; what it unpacks to is counted while it is read.

    Args:
        file: The file.
        stream: Its bytes, decompressed.

    Example:
        ```python
        with decompressed(Path("train-images-idx3-ubyte.gz")) as content:
            header = content.read(16)
        ```
    """

    def __init__(self, file: Path, stream: IO[bytes]) -> None:
        self.file, self.stream, self.count = file, stream, 0
        self.packed = file.stat().st_size

    def read(self, size: int = MAX_BYTES) -> bytearray:
        """Read bytes.

        Args:
            size: How many at most.

        Returns:
            The bytes; fewer at the end.

        Raises:
            InputError: If they are too many, or too many for the size of the file.
        """
        content = bytearray()
        while len(content) < size and (block := self.stream.read(min(_CHUNK, size - len(content)))):
            content += block
            self.count += len(block)
            require_plausible(str(self.file), self.count, self.packed)
        return content

    def read_to_end(self) -> int:
        """Read the rest, so that the checksum of the compression is verified.

        Returns:
            The number of bytes.

        Raises:
            InputError: As for `read`.
        """
        rest = 0
        while block := self.read(_CHUNK):
            rest += len(block)
        return rest


@contextmanager
def decompressed(file: Path) -> Iterator[DecompressedFile]:
    """Open a file, and decompress it if its suffix is .gz, .xz or .bz2.

    Args:
        file: The file.

    Yields:
        Its content.

    Raises:
        InputError: If the file is missing, damaged, or may not be read.
    """
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    try:
        with _OPEN.get(file.suffix.lower(), open)(file, "rb") as stream:  # type: ignore[operator]
            yield DecompressedFile(file, stream)
    except OSError as error:
        if error.errno:
            raise os_error(error, "read", file) from error
        raise InputError(f"{file} is damaged: {error}") from error
    except _DAMAGE as error:
        raise InputError(f"{file} is damaged: {error}") from error


def read_decompressed(file: Path) -> bytes:
    """Read a file, and decompress it if its suffix is .gz, .xz or .bz2.

    Args:
        file: The file.

    Returns:
        Its content.

    Raises:
        InputError: If the file is missing or damaged, or unpacks to more than `MAX_BYTES`, or to more than `MAX_RATIO`
            times its size.
    """
    with decompressed(file) as content:
        return bytes(content.read())


def require_plausible(place: str, unpacked: int, packed: int) -> None:
    """Refuse data that is too large once it is unpacked.

    Args:
        place: The file, for the error message.
        unpacked: Bytes after it is unpacked, as declared or counted.
        packed: Bytes in the file.

    Raises:
        InputError: If they are more than `MAX_BYTES`, or from `RATIO_FROM` on more than `MAX_RATIO` times the packed
            ones.
    """
    if unpacked > MAX_BYTES:
        raise InputError(f"{place} unpacks to more than {MAX_BYTES >> 30} GB, the limit: split it")
    require_ratio(place, unpacked, packed)


def require_ratio(place: str, unpacked: int, packed: int) -> None:
    """Refuse data that unpacks to many times its size.

    Args:
        place: The file, for the error message.
        unpacked: Bytes after it is unpacked, as declared or counted.
        packed: Bytes in the file.

    Raises:
        InputError: If they are from `RATIO_FROM` on more than `MAX_RATIO` times the packed ones.
    """
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed:
        raise InputError(
            f"{place} unpacks to more than {MAX_RATIO} times its size, as only synthetic data does: unpack it yourself "
            "if you trust it"
        )
