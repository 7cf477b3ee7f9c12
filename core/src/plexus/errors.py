"""The one error that is the user's to mend."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_USER = re.compile(r"(\bhttps?://)[^/?#\s]*@|(\b[a-z][a-z0-9+.-]*://)[^/?#\s@:]*:[^/?#\s]*@", re.IGNORECASE)
"""What stands before the host in an address; without a password only of a web address, where it may be a token."""
SHOWN, MANY = 5, 60
"""Of more names than `MANY` only the nearest are told."""


class InputError(Exception):
    """What was given is wrong: one line that names the file, row, field or option, and what would be right.

    The command line prints it without a traceback and exits with status 2. A user and password in an
    address (`https://user:password@host/`) are left out.
    """

    def __str__(self) -> str:
        return _USER.sub(r"\1\2", super().__str__())


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name that nothing is registered under: the nearest name, and all there are."""
    known = sorted(known)
    near = get_close_matches(name, known, n=SHOWN, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    all_of_them = f"there are {', '.join(known) or 'none'}"
    if len(known) > MANY:
        all_of_them = f"of {len(known)} the nearest are {', '.join(near)}" if near else f"there are {len(known)} others"
    return InputError(f"there is no {kind} {name!r}: {hint}{all_of_them}")
