"""Processes that train runs, and outlive the one that starts them."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plexus.catalogue.training_log import LOG_FILE
from plexus.errors import InputError
from plexus.utils.files import writing_to
from plexus.utils.locks import MAX_HOLDER, is_locked

TRIES, TRY_SECONDS = 10, 0.02
"""A lock is tried again: `is_locked` of another thread holds it for an instant."""
_HOLDER = re.compile(r"process (\d{1,10}) on (\S{1,100}) since [^\n]*\n")


@dataclass(frozen=True)
class Slot:
    """The place for one training at a time: a file whose lock the training's process holds.

    The process inherits the lock when it is started, so that there is no moment in which it could be missed, and the
    system releases it when the process ends, however it ends. The server that started it may have ended before.

    Args:
        file: The file.

    Example:
        ```python
        slot = Slot(Path("runs/.queue/slot.lock"))
        process = slot.start(Path("runs/vision.classify/20261127-101500"), Path("runs/.queue/1.json"))
        ```
    """

    file: Path

    @property
    def run(self) -> Path | None:
        """Folder of the run that is trained, as an absolute path; None if there is none."""
        if not is_locked(self.file):
            return None
        lines = _read(self.file).splitlines()
        return Path(lines[1]) if len(lines) > 1 else None

    def start(self, run: Path, entry: Path) -> "subprocess.Popen[bytes] | None":
        """Start to train a run, or resume it, in a process of its own.

        Args:
            run: Folder of the run.
            entry: File of the queue that stands for the run.

        Returns:
            The process; None if another training is in progress, or the run was removed from the queue meanwhile.

        Raises:
            InputError: If a folder cannot be written to, or the process cannot be started.
        """
        descriptor = self._lock()
        if descriptor is None:
            return None
        try:
            if not entry.exists():
                return None
            _write(descriptor, f"\n{run.absolute()}\n")
            with writing_to(run), (run / LOG_FILE).open("ab") as log:
                process = subprocess.Popen(  # noqa: S603
                    [sys.executable, "-m", "plexus", "train", "--resume", str(run)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C in the terminal of the server does not reach it
                    pass_fds=(descriptor,),
                )
            since = time.strftime("%Y-%m-%d %H:%M:%S")
            _write(descriptor, f"process {process.pid} on {socket.gethostname()} since {since}\n{run.absolute()}\n")
            return process
        finally:
            os.close(descriptor)

    def _lock(self) -> int | None:
        """Return the descriptor of the locked file; None if another process holds the lock."""
        try:
            import fcntl
        except ModuleNotFoundError as error:  # Windows
            raise InputError("trainings are started here on Linux and macOS only: use plexus train") from error
        with writing_to(self.file.parent):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        for _ in range(TRIES):
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            time.sleep(TRY_SECONDS)
        os.close(descriptor)
        return None


def signal_holder(lock: Path, number: signal.Signals) -> bool:
    """Send a signal to the process that holds a lock, and to no other one that has its number by now.

    Args:
        lock: File of the lock, which names the process in its first line, as `plexus.utils.locks` writes it.
        number: The signal.

    Returns:
        Whether it was sent; False if no process of this machine holds the lock.

    Raises:
        InputError: If the process is one of another user.
    """
    content = _read(lock)
    holder = _HOLDER.match(content)
    if holder is None or holder[2] != socket.gethostname():
        return False
    try:
        return _send(int(holder[1]), number, lock, content)
    except ProcessLookupError:
        return False
    except PermissionError as error:
        raise InputError(f"process {holder[1]} was started by another user: ask them to stop it") from error


def _send(process: int, number: signal.Signals, lock: Path, content: str) -> bool:
    if not hasattr(os, "pidfd_open"):  # macOS
        if not is_locked(lock) or _read(lock) != content:
            return False
        os.kill(process, number)
        return True
    descriptor = os.pidfd_open(process)
    try:
        # The descriptor stands for one process, whose number cannot be used again as long as it is open.
        if not is_locked(lock) or _read(lock) != content or not _has_open(process, lock):
            return False
        signal.pidfd_send_signal(descriptor, number)
        return True
    finally:
        os.close(descriptor)


def _has_open(process: int, file: Path) -> bool:
    """Return whether a process has a file open."""
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if link.samefile(file):
                return True
    return False


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_HOLDER + 4096).decode(errors="replace")
    except OSError:
        return ""


def _write(descriptor: int, content: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content.encode(), 0)
