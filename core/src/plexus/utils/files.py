"""Files that are either there whole or not at all."""

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
    """The checksum of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def data_url(file: Path) -> str:
    """A file's content as an address of its own (RFC 2397): a page that has it needs no other file."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def write_whole(file: Path, content: str | bytes) -> None:
    """Write beside, then rename: a reader, or a kill, never sees half a file.

    Raises:
        InputError: the disk is full, or the folder cannot be written to.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with writing_to(file.parent):
        try:
            beside.write_bytes(content.encode() if isinstance(content, str) else content)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill beside its final place, renamed when the block ends and removed if it fails.

    What a process that was killed had begun is removed first.

    Raises:
        InputError: the folder exists already.
    """
    require_new(folder)
    beside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        yield beside
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def require_new(folder: Path) -> None:
    """Refuse to overwrite what is there.

    Raises:
        InputError: the path exists.
    """
    if folder.exists():
        raise InputError(f"{folder} exists already and is never overwritten: name another, or move it away")


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn the system's refusal to write in a folder into one line that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}: {error.strerror or error}; make room, or choose another folder"
        ) from error
