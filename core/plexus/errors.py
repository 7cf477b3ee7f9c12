"""The one error that is the user's to mend."""

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(Exception):
    """What was given is wrong: one line that names the file, row, field or option, and what would be right.

    The command line prints it without a traceback and exits with status 2.
    """


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name that nothing is registered under: the nearest name, and all there are."""
    known = sorted(known)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return InputError(f"there is no {kind} {name!r}: {hint}there are {', '.join(known) or 'none'}")
