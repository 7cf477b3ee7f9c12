"""A log that never blocks the server."""

import io
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

MAX_LINES = 10_000
"""Lines that wait to be written; further ones are lost, and counted."""
PAUSE_SECONDS = 0.02
"""Between two writes: what is logged in the meantime is written at once."""
RETRY_SECONDS = 1.0
"""Between two attempts to write to a full disk."""
FLUSH_SECONDS = 1.0
"""Time to write what is left when the server ends."""


class LogStream(io.TextIOBase):
    r"""A stream that takes lines at once; a thread writes them to a file.

    The file may be a full disk, or a pipe without a reader. Lines that do not fit are lost; how many is written as
    soon as writing is possible again, and is the metric `plexus_log_lines_lost_total`.

    Args:
        file: Descriptor of the file.

    Attributes:
        lost: Number of lost lines.

    Example:
        ```python
        stream = LogStream(2)
        stream.write("ready\n")
        ```
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._lines: deque[bytes] = deque()
        self._waiting, self._ending = Event(), False
        self.lost = self._reported = 0
        self._thread = Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """Take text.

        Args:
            text: The text, usually a line.

        Returns:
            Its length.
        """
        if len(self._lines) >= MAX_LINES:
            self.lost += text.count("\n") or 1
        else:
            self._lines.append(text.encode(errors="backslashreplace"))
            if not self._waiting.is_set():
                self._waiting.set()
        return len(text)

    def writable(self) -> bool:
        """Return that text can be written.

        Returns:
            True.
        """
        return True

    def fileno(self) -> int:
        """Return the descriptor of the file.

        Returns:
            The descriptor.
        """
        return self._file

    def isatty(self) -> bool:
        """Return whether the file is a terminal.

        Returns:
            Whether it is.
        """
        return os.isatty(self._file)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the file."""
        return "utf-8"

    def close(self) -> None:
        """Write what is left, for a short time."""
        self._ending = True
        self._waiting.set()
        self._thread.join(FLUSH_SECONDS)

    def _work(self) -> None:
        while not self._ending or self._lines:
            self._waiting.wait()
            if not self._ending:
                time.sleep(PAUSE_SECONDS)
            self._waiting.clear()
            content = b"".join(self._lines.popleft() for _ in range(len(self._lines)))
            lost = self.lost
            report = f"{lost - self._reported} lines of the log were lost\n".encode() if lost > self._reported else b""
            if self._write(report + content):
                self._reported = lost
            else:
                self.lost += content.count(b"\n")
                if not self._ending:
                    time.sleep(RETRY_SECONDS)

    def _write(self, content: bytes) -> bool:
        while content:
            try:
                content = content[os.write(self._file, content) :]
            except OSError:  # a full disk, or a pipe whose reader has ended
                return False
        return True


@contextmanager
def log_without_blocking() -> Iterator[LogStream]:
    """Let everything that this process writes on standard error go through a `LogStream`.

    Yields:
        The stream.
    """
    replaced = sys.stderr
    try:
        file = replaced.fileno()
    except (AttributeError, OSError, ValueError):  # it was closed, or replaced by a program that calls this
        yield LogStream(os.open(os.devnull, os.O_WRONLY))
        return
    stream = LogStream(file)
    sys.stderr = stream
    try:
        yield stream
    finally:
        sys.stderr = replaced
        stream.close()
