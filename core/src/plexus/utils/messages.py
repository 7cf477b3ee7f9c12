"""Messages to the user."""

import sys
from contextlib import suppress
from pathlib import Path

from plexus.errors import without_passwords
from plexus.utils.printable import printable

_noted: set[tuple[str, int, int, int]] = set()
"""Lines of `note_once`, with the device, number and time of the file."""


def note(line: str) -> None:
    """Print one line on standard error, without passwords in addresses; standard output is reserved for results.

    Args:
        line: The line; control characters in it are escaped.
    """
    with suppress(OSError):  # a full disk: a message is no reason to end the work that it is about
        print(printable(without_passwords(line)), file=sys.stderr, flush=True)  # noqa: T201


def note_once(file: Path, line: str) -> None:
    """Print one line about a file as `note` does, once in a process until the file changes: it may be read twice.

    Args:
        file: The file.
        line: The line.
    """
    try:
        status = file.stat()
        key = line, status.st_dev, status.st_ino, status.st_mtime_ns
    except OSError:  # removed after it was read
        key = line, 0, 0, 0
    if key not in _noted:
        _noted.add(key)
        note(line)
