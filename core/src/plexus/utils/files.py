"""Files and folders that are written whole or not at all."""

import base64
import hashlib
import mimetypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexus.errors import InputError


def sha256(file: Path) -> str:
    """Return the SHA-256 checksum of a file.

    Args:
        file: The file.

    Returns:
        64 hexadecimal digits.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def data_url(file: Path) -> str:
    """Return the content of a file as a data URL (RFC 2397), for pages that are a single file.

    Args:
        file: The file.

    Returns:
        The URL.
    """
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a temporary file and rename it, so that no reader and no kill ever sees half a file.

    Args:
        file: The file, which may exist.
        content: Its new content.

    Raises:
        InputError: If the disk is full, or the folder cannot be written to.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with writing_to(file.parent):
        try:
            temporary.write_bytes(content.encode() if isinstance(content, str) else content)
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Create a folder whole or not at all: under a temporary name that is changed when the block ends.

    The remains of a process that was killed are removed first.

    Args:
        folder: The folder.

    Yields:
        The folder to fill, on the same file system.

    Raises:
        InputError: If the folder exists.
    """
    require_new(folder)
    temporary = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def require_new(folder: Path) -> None:
    """Refuse to overwrite a file or folder.

    Args:
        folder: The path.

    Raises:
        InputError: If the path exists.
    """
    if folder.exists():
        raise InputError(f"{folder} exists already and is never overwritten: name another, or move it away")


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Convert errors of the operating system to one line that names the folder.

    Args:
        folder: The folder that is written to.

    Yields:
        Nothing.

    Raises:
        InputError: If the disk is full, or the folder cannot be written to.
    """
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}: {error.strerror or error}; make room, or choose another folder"
        ) from error
