"""Compressed files."""

import bz2
import gzip
import lzma
import zlib
from pathlib import Path

from plexus.errors import InputError, raise_system_error

_OPEN = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}


def read_decompressed(file: Path) -> bytes:
    """Read a file, and decompress it if its suffix is .gz, .xz or .bz2.

    Args:
        file: The file.

    Returns:
        Its content.

    Raises:
        InputError: If the file is missing or damaged.
    """
    try:
        with _OPEN.get(file.suffix, open)(file, "rb") as stream:  # type: ignore[operator]
            return bytes(stream.read())
    except FileNotFoundError as error:
        raise InputError(f"{file}: there is no such file") from error
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise_system_error(error, file)
        raise InputError(f"{file} is damaged: {error}") from error
