"""Files and folders that are written whole or not at all."""

import base64
import hashlib
import mimetypes
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexus.errors import InputError, os_error


def sha256(file: Path) -> str:
    """Return the SHA-256 checksum of a file.

    Args:
        file: The file.

    Returns:
        64 hexadecimal digits.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def require_regular(file: Path, limit: int | None = None, links: bool = False) -> None:
    """Refuse what is not a regular file: links, folders, pipes and devices; and files that are too large.

    Args:
        file: The file.
        limit: Largest size in bytes; None for any size.
        links: Whether links to regular files are allowed, as for files of the user's own.

    Raises:
        InputError: If it is missing, anything but a regular file, or larger.
    """
    try:
        status = file.stat() if links else file.lstat()
    except OSError as error:
        raise os_error(error, "read", file) from error
    if not stat.S_ISREG(status.st_mode):
        kind = (
            "is not a regular file: replace it by one"
            if links
            else ("is a link or not a regular file: replace it by the file itself")
        )
        raise InputError(f"{file} {kind}")
    if limit is not None and status.st_size > limit:
        raise InputError(f"{file} has {status.st_size:,} bytes, expected at most {limit:,}")


def read_regular(file: Path, limit: int | None = None, links: bool = False) -> bytes:
    """Read a regular file of limited size.

    Args:
        file: The file.
        limit: Largest size in bytes; None for any size.
        links: Whether links to regular files are allowed, as for files of the user's own.

    Returns:
        Its content.

    Raises:
        InputError: If it is missing, anything but a regular file, larger, or cannot be read.
    """
    require_regular(file, limit, links)
    try:
        return file.read_bytes()
    except OSError as error:
        raise os_error(error, "read", file) from error


def read_standard_input() -> bytes:
    """Read standard input to its end.

    Returns:
        Its content.

    Raises:
        InputError: If it is closed or cannot be read.
    """
    if sys.stdin is None:
        raise InputError("-: standard input is closed: pass a file or a text")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise os_error(error, "read", Path("standard input")) from error


def data_url(file: Path) -> str:
    """Return the content of a file as a data URL (RFC 2397), for pages that are a single file.

    Args:
        file: The file.

    Returns:
        The URL.
    """
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def write_whole(file: Path, content: str | bytes, previous: Path | None = None) -> None:
    """Write a temporary file and rename it, so that no reader and no kill ever sees half a file.

    Args:
        file: The file, which may exist.
        content: Its new content.
        previous: Where the file before is kept, if at all.

    Raises:
        InputError: If the disk is full, or the folder cannot be written to.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with writing_to(file.parent):
        try:
            temporary.write_bytes(content.encode() if isinstance(content, str) else content)
            if previous is not None and file.exists():
                file.replace(previous)
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
    except BrokenPipeError:  # of standard output, not of the folder
        raise
    except OSError as error:
        raise os_error(error, "write to", folder) from error
