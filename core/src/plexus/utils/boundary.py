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
    reason = " ".join(str(error).split())[:MAX_REASON]
    place = _place(error.__traceback__)
    return f"{type(error).__name__}{f': {reason}' if reason else ''}{f' ({place})' if place else ''}"


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
