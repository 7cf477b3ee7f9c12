"""Errors caused by invalid user input."""

import errno
import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from plexus.utils.printable import printable

_USER = re.compile(
    r"(\bhttps?://)[^/?#\s]*@|(\b[a-z][a-z0-9+.-]*://)[^/?#\s@:]*:(?!\d{1,5}(?:[/?#]|$))[^\s'\"]*@", re.IGNORECASE
)
"""User and password in an address; a user without a password only in web addresses, where it may be a token. A password
may hold any character, as people forget to encode it; `host:8000/a@b` has none."""
_SECRET = re.compile(
    r"(?<![a-z])((?:ssl)?password|passwd|pwd|(?:access_?)?token|api_?key|secret)=[^&;\s'\"]+", re.IGNORECASE
)
"""A password in the query of an address, or in the keywords of a connection."""
MAX_NEAR_NAMES, MAX_LISTED_NAMES = 5, 60
"""Of more than `MAX_LISTED_NAMES` names, an error lists the nearest only."""
MAX_REASONS = 5
"""Reasons that the message of an `UnreadableInputsError` lists."""
MAX_LETTERS = 2_000
"""A longer error message, which repeats a part of a file, is cut in the middle."""


class InputError(Exception):
    """Error caused by invalid user input: one line that names the file, row, field or option, and the remedy.

    The command line prints it without a traceback and exits with status 2. Users and passwords in addresses
    (`https://user:password@host/`) are removed, control characters are escaped, and a message of more than
    `MAX_LETTERS` letters is cut in the middle.

    Example:
        ```python
        raise InputError("rows.csv, line 7: expected a number in column age, got 'old'")
        ```
    """

    def __str__(self) -> str:
        # Cut twice: an address is never cut within its password, and the search is in a short text.
        text = _cut(without_passwords(_cut(super().__str__(), 4 * MAX_LETTERS)), MAX_LETTERS)
        return printable(" ".join(text.splitlines()))


class UnreadableInputsError(InputError):
    """Error of some of several inputs: the others can be predicted.

    Args:
        reasons: The reason why each cannot be read, by its place among the inputs, counted from 0.

    Example:
        ```python
        raise UnreadableInputsError({3: "payments.csv, row 4: column 'time': expected a time, got '-'"})
        ```
    """

    def __init__(self, reasons: Mapping[int, str]) -> None:
        self.reasons = dict(reasons)
        lines = list(self.reasons.values())
        more = f"; and {len(lines) - MAX_REASONS:,} more" if len(lines) > MAX_REASONS else ""
        super().__init__("; ".join(lines[:MAX_REASONS]) + more)

    def shifted(self, places: int) -> "UnreadableInputsError":
        """Return the error for a longer list of inputs.

        Args:
            places: Number of inputs before the first one of this error's list.

        Returns:
            The error.
        """
        return UnreadableInputsError({place + places: reason for place, reason in self.reasons.items()})


def without_passwords(text: str) -> str:
    """Remove users and passwords from the addresses in a text.

    Args:
        text: The text.

    Returns:
        The text; `https://user:password@host/` becomes `https://host/`, `?password=…` becomes `?password=***`.
    """
    return _SECRET.sub(r"\1=***", _USER.sub(r"\1\2", text))


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters // 2]} … {text[-letters // 2 :]}"


class BundleError(Exception):
    """Error of a bundle whose networks, codec and plugin do not fit together, or of the plugin's code.

    It names the bundle, the error and the line of code; the error itself is its cause. The command line prints it
    without a traceback and exits with status 2.

    Example:
        ```python
        raise BundleError("models/rain: cannot predict: KeyError: 'logits' (rain.py, line 7)")
        ```
    """


def unknown(kind: str, name: str, names: Iterable[str]) -> InputError:
    """Create the error for a name that does not exist.

    Args:
        kind: What is named, such as `task`.
        name: The name.
        names: The names that exist.

    Returns:
        The error; it lists the nearest name and all others.
    """
    names = sorted(names)
    near = get_close_matches(name, names, n=MAX_NEAR_NAMES, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    others = f"there are {', '.join(names) or 'none'}"
    if len(names) > MAX_LISTED_NAMES:
        others = f"of {len(names)} the nearest are {', '.join(near)}" if near else f"there are {len(names)} others"
    return InputError(f"there is no {kind} {name!r}: {hint}{others}")


_REMEDIES = {
    errno.EACCES: "allow it (chmod, chown), or choose another place",
    errno.EPERM: "allow it (chmod, chown), or choose another place",
    errno.EROFS: "choose another place",
    errno.ENOSPC: "make room, or choose another place",
    errno.EDQUOT: "make room, or choose another place",
    errno.EFBIG: "allow larger files (ulimit -f), or choose another place",
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "allow more open files",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "choose another place",
    errno.EISDIR: "choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "remove the link that leads to itself",
}


def os_error(error: OSError, action: str, path: Path) -> InputError:
    """Create the error for what the operating system refuses.

    Args:
        error: The error of the operating system.
        action: The action that failed, such as `read` or `write to`.
        path: The file or folder; if the system names another one that is not in it, the error names that one.

    Returns:
        The error: the path, the system's reason and the remedy.
    """
    place = _named_path(error, path)
    if place is not None:
        action, path = "use", place
    reason = error.strerror or str(error) or type(error).__name__
    return InputError(f"cannot {action} {path}: {reason}; {_REMEDIES.get(error.errno or 0, 'check the path')}")


def raise_system_error(error: BaseException, path: str | Path, action: str = "read") -> None:
    """Raise the true reason if the operating system refused a file; a library's own `OSError` has no number.

    Args:
        error: The error of a library that reads or writes the file.
        path: The file.
        action: The action that failed.

    Raises:
        InputError: If the operating system refused.
    """
    if isinstance(error, OSError) and error.errno:
        raise os_error(error, action, Path(path)) from error


def _named_path(error: OSError, path: Path) -> Path | None:
    """Return the path that the system names, if it is neither `path` nor in it."""
    if not isinstance(error.filename, str | bytes):
        return None
    named = Path(os.fsdecode(error.filename))
    here, there = path.absolute(), named.absolute()
    return None if here in (there, *there.parents) or there in here.parents else named
