"""The temporary folder of a process."""

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from plexus.errors import InputError, os_error

PREFIX = "plexus-process-"
"""Start of the names of these folders in the system's folder of temporary files."""
_LOCK = "lock"


@cache
def process_folder() -> Path:
    """Create a temporary folder, which is removed when the process ends. Idempotent.

    The folders of earlier processes that were killed are removed, too: the system has released their locks. A child
    process that is forked shares the folder of its parent, which removes it.

    Returns:
        The folder, which only this user may read.

    Raises:
        InputError: If no temporary folder can be created.
    """
    try:
        root = Path(tempfile.gettempdir())
    except OSError as error:
        raise InputError(f"{error.strerror}: make room, or set TMPDIR to a folder that can be written to") from error
    _remove_unlocked(root)
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        _lock(os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600))  # open until the process ends
    except OSError as error:
        raise os_error(error, "write to", root) from error
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_unlocked(root: Path) -> None:
    for folder in root.glob(f"{PREFIX}*"):
        with suppress(OSError):  # of another user, just created, or being removed by another process
            descriptor = os.open(folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                if _lock(descriptor):
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file; return whether this process holds the lock: never on Windows, whose files have no such locks."""
    try:
        import fcntl
    except ModuleNotFoundError:
        return False
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
