"""Errors caused by invalid user input."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

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


class InputError(Exception):
    """Error caused by invalid user input: one line that names the file, row, field or option, and the remedy.

    The command line prints it without a traceback and exits with status 2. Users and passwords in addresses
    (`https://user:password@host/`) are removed.

    Example:
        ```python
        raise InputError("rows.csv, line 7: expected a number in column age, got 'old'")
        ```
    """

    def __str__(self) -> str:
        return without_passwords(super().__str__())


def without_passwords(text: str) -> str:
    """Remove users and passwords in addresses from a text.

    Args:
        text: The text.

    Returns:
        The text; `https://user:password@host/` becomes `https://host/`, `?password=…` becomes `?password=***`.
    """
    return _SECRET.sub(r"\1=***", _USER.sub(r"\1\2", text))


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
