"""Exceptions of libraries, of the operating system and of users' code as one line with the true reason."""

import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from plexus.errors import os_error

MAX_REASON = 500
"""Characters of an exception's own message that the line has."""
_CORE = str(Path(__file__).resolve().parents[1])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")})


def describe(error: BaseException) -> str:
    """Describe an exception: its type, its message, and the last line of code that belongs to a plugin or a user.

    Args:
        error: The exception.

    Returns:
        One line, such as `KeyError: 'logits' (plexus_rain/task.py, line 7)`.
    """
    place = _place(error.__traceback__)
    return f"{reason_of(error)}{f' ({place})' if place else ''}"


def reason_of(error: BaseException) -> str:
    """Describe an exception of a plugin, a library or a user: its type and its message.

    Args:
        error: The exception.

    Returns:
        One line, such as `KeyError: 'logits'`; the type alone if there is no message.
    """
    message = message_of(error)[:MAX_REASON]
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def message_of(error: BaseException) -> str:
    """Return the message of an exception, whose class may be one of a plugin, and fail to format it.

    Args:
        error: The exception.

    Returns:
        One line; empty if there is no message, or formatting it raises an exception.
    """
    try:
        return " ".join(str(error).split())
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - `__str__` may raise anything, as the code that raised the exception did
        return ""


@contextmanager
def system_errors() -> Iterator[None]:
    """Convert errors of the operating system and of encodings to one line that names the file.

    Yields:
        Nothing.

    Raises:
        InputError: If a file cannot be read or written, or is not UTF-8.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if not isinstance(error.filename, str | bytes):
            raise
        name = error.filename if isinstance(error.filename, str) else error.filename.decode(errors="replace")
        raise os_error(error, "use", Path(name)) from error


def _place(frames: TracebackType | None) -> str:
    """Return the innermost line of code that is neither of a library nor of core; else the innermost of core."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(frames)]
    not_library = [place for place in places if not place[0].startswith((*_LIBRARIES, "<"))]
    outside = [place for place in not_library if not place[0].startswith(_CORE)]
    file, line = next(reversed(outside or not_library or places), ("", None))
    return f"{_short(file)}, line {line}" if file else ""


def _short(file: str) -> str:
    """Return the path of a file below the folder that it is imported from."""
    folders = [folder for folder in sys.path if folder and file.startswith(folder.rstrip("/") + "/")]
    return str(Path(file).relative_to(max(folders, key=len))) if folders else file
