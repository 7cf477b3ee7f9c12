"""Locks of folders that one process at a time may change."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from plexus.errors import InputError
from plexus.utils.files import writing_to
from plexus.utils.messages import note

_CHECK_SECONDS = 0.1
"""Time for which a lock is tried again: `is_locked` of another process holds it for less."""
MAX_HOLDER = 200
"""Bytes of the line that names the holder."""


@contextmanager
def locked(file: Path, activity: str, name: Path | None = None) -> Iterator[None]:
    """Hold the lock of a file for the block. The system releases it when the process ends, however it ends.

    Args:
        file: The file of the lock, which is removed at the end.
        activity: The activity that the lock stands for, for the error message: `trained`.
        name: The file or folder that is locked, for the error message; the folder of `file` by default.

    Yields:
        Nothing.

    Raises:
        InputError: If another process holds the lock; the line names it.
    """
    with writing_to(file.parent):
        descriptor = _lock(file, activity, name or file.parent)
    try:
        yield
    finally:
        with suppress(OSError):  # the folder may have been moved or removed meanwhile
            file.unlink()
        os.close(descriptor)


def is_locked(file: Path) -> bool:
    """Return whether a process holds the lock of a file.

    Args:
        file: The file of the lock.

    Returns:
        Whether one does; False on systems without such locks.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        return False
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(file: Path, activity: str, name: Path) -> int:
    """Return the descriptor of the locked file, in which this process is named."""
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            _flock(descriptor, activity, name)
            if _is_same(descriptor, file):
                os.ftruncate(descriptor, 0)
                since = time.strftime("%Y-%m-%d %H:%M:%S")
                os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}\n".encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the holder removed it after it was opened here


def _flock(descriptor: int, activity: str, name: Path) -> None:
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        note(f"{name} is not locked on this system: do not resume it twice at the same time")
        return
    deadline = time.monotonic() + _CHECK_SECONDS
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_CHECK_SECONDS / 10)
    except BlockingIOError as error:
        holder = os.pread(descriptor, MAX_HOLDER, 0).decode(errors="replace").strip() or "another process"
        raise InputError(f"{name} is being {activity} by {holder}: wait until it ends, or stop that process") from error


def _is_same(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except FileNotFoundError:
        return False
